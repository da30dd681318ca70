//! How much is remembered, and where instances share it.

use super::{own_host_name, read, reader::Reader};
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Octets of an instance's name, and of the prefix.
const MAX_NAME: usize = 64;

/// The port of Redis and Valkey where the address gives none.
const DEFAULT_PORT: u16 = 6379;

/// What is remembered of decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryConfig {
    /// Decisions that are kept, of mail that presents itself as the brand and of other mail each.
    pub entries: usize,
    /// The store that instances share; without it each process knows its own decisions only.
    pub store: Option<StoreConfig>,
}

/// A Redis or Valkey that instances share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// Where it is.
    pub address: StoreAddress,
    /// The number of the database.
    pub database: i64,
    /// What all keys begin with.
    pub prefix: String,
    /// The name of this instance: 1 to 64 of ASCII letters, digits, `.`, `_`, `-`.
    pub instance: String,
    /// The user, or "" for the store's default one.
    pub user: String,
    /// The file whose first line is the password. It is read at each connection, so that it may change.
    pub password_file: Option<PathBuf>,
    /// The authorities that the store's certificate is checked by, as PEM; the system's where there is none.
    pub tls_ca: Option<PathBuf>,
}

/// Where a store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreAddress {
    /// A host and port, in the clear.
    Tcp(String, u16),
    /// A host and port, with TLS; the certificate has to bear the host's name.
    Tls(String, u16),
    /// A Unix socket.
    Unix(PathBuf),
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) => write!(f, "redis://{host}:{port}"),
            Self::Tls(host, port) => write!(f, "rediss://{host}:{port}"),
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

/// Whether a text can be an instance's name or the prefix: it becomes a part of keys, in which `:` divides.
pub fn is_plain_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(plain)
}

/// `None` where it is wrong.
pub(super) fn history(reader: &mut Reader) -> Option<HistoryConfig> {
    let entries = usize::try_from(reader.number("history.entries")).unwrap_or(usize::MAX);
    let given = reader.string("history.store");
    if given.is_empty() {
        unused(reader);
        return Some(HistoryConfig {
            entries,
            store: None,
        });
    }
    let address = match store(&given) {
        Ok(address) => Some(address),
        // Without the text, which may hold a password.
        Err(error) => {
            reader.refuse("history.store", error);
            None
        }
    };
    let prefix = reader.parsed("history.prefix", plain_name);
    let instance = reader.parsed("history.instance", |text| match text {
        "" => Ok(own_host_name().chars().take(MAX_NAME).collect()),
        _ => plain_name(text),
    });
    let password_file = password_file(reader);
    let tls_ca = match reader.string("history.tls_ca").as_str() {
        "" => None,
        path => Some(PathBuf::from(path)),
    };
    let user = reader.string("history.user");
    let (address, database) = address?;
    if let Some(path) = &tls_ca {
        match (&address, path.is_file()) {
            (StoreAddress::Tls(..), true) => {}
            (StoreAddress::Tls(..), false) => {
                reader.refuse(
                    "history.tls_ca",
                    format!("there is no file {}", path.display()),
                );
            }
            _ => reader.contradicts(
                "history.tls_ca",
                format!("history.store, \"{address}\", is not asked by TLS"),
                "only with history.store = \"rediss://...\"",
            ),
        }
    }
    if !user.is_empty() && password_file.is_none() && !reader.is_faulty("history.password_file") {
        reader.contradicts(
            "history.user",
            "a user needs a password",
            "only with history.password_file",
        );
    }
    Some(HistoryConfig {
        entries,
        store: Some(StoreConfig {
            address,
            database,
            prefix: prefix?,
            instance: instance?,
            user,
            password_file,
            tls_ca,
        }),
    })
}

/// Keys that mean nothing without a store.
fn unused(reader: &mut Reader) {
    for key in [
        "history.instance",
        "history.user",
        "history.password_file",
        "history.tls_ca",
        "history.prefix",
    ] {
        if reader.is_changed(key) {
            reader.contradicts(
                key,
                "history.store is empty, so that nothing is shared",
                "only with history.store = \"redis://...\"",
            );
        }
    }
}

fn password_file(reader: &mut Reader) -> Option<PathBuf> {
    let given = reader.string("history.password_file");
    if given.is_empty() {
        return None;
    }
    let path = PathBuf::from(&given);
    if let Err(error) = password(&path) {
        reader.refuse(
            "history.password_file",
            format!("{given} can't be used: {error}"),
        );
    }
    Some(path)
}

/// The first line of a file.
///
/// # Errors
///
/// Where the file can't be read, or its first line is empty.
pub fn password(path: &Path) -> std::io::Result<String> {
    let text = read(path)?;
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(line.to_owned()),
        _ => Err(std::io::Error::other("its first line is empty")),
    }
}

fn plain_name(text: &str) -> Result<String, &'static str> {
    match is_plain_name(text) {
        true => Ok(text.to_owned()),
        false => Err(
            "it has other characters than letters, digits, \".\", \"_\", \"-\", or more than 64",
        ),
    }
}

/// Address and database of a URL.
fn store(text: &str) -> Result<(StoreAddress, i64), &'static str> {
    // The library's own reading knows Valkey's schemes, too.
    let url = redis::parse_redis_url(text).ok_or("this is no address of Redis or Valkey")?;
    // The URL is shown in the log and by `config show`.
    if url.password().is_some() || !url.username().is_empty() {
        return Err(
            "name and password don't belong here, but into history.user and history.password_file",
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("options in the address are not known");
    }
    if url.scheme().ends_with("unix") {
        return match url.path() {
            "" | "/" => Err("the path is missing"),
            path => Ok((StoreAddress::Unix(PathBuf::from(path)), 0)),
        };
    }
    let host = url.host_str().ok_or("the host is missing")?;
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let port = url.port().unwrap_or(DEFAULT_PORT);
    let database = match url.path().trim_start_matches('/') {
        "" => 0,
        number => number
            .parse::<u16>()
            .map_err(|_| "behind the / stands the number of a database")?
            .into(),
    };
    Ok(match url.scheme() {
        "rediss" | "valkeys" => (StoreAddress::Tls(host, port), database),
        _ => (StoreAddress::Tcp(host, port), database),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_passwords_refused() {
        let shown = |text: &str| store(text).map(|(address, db)| format!("{address}/{db}"));
        assert_eq!(
            shown("redis://store.example"),
            Ok("redis://store.example:6379/0".into())
        );
        assert_eq!(
            shown("valkeys://store.example:1/2"),
            Ok("rediss://store.example:1/2".into())
        );
        assert_eq!(shown("redis://[::1]:7"), Ok("redis://::1:7/0".into()));
        assert_eq!(
            shown("unix:///run/valkey.sock"),
            Ok("unix:///run/valkey.sock/0".into())
        );
        for wrong in [
            "redis://:secret@store.example",
            "redis://user@store.example",
            "rediss://store.example/#insecure",
            "redis://store.example/?protocol=resp3",
            "redis://store.example/x",
            "http://store.example",
            "store.example",
            "unix://",
        ] {
            assert!(store(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_become_parts_of_keys() {
        assert!(is_plain_name("mx1.example.org") && is_plain_name("a"));
        for wrong in ["", "a:b", "a b", "a*", "ä", "a\n", &"a".repeat(65)] {
            assert!(!is_plain_name(wrong), "{wrong}");
        }
    }
}
