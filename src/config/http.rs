//! Where pages are served, and to whom.

use super::{files::read, reader::Reader, socket::Socket};
use crate::mail::domain::Domain;
use std::{fmt, fs, io, net::IpAddr, os::unix::fs::PermissionsExt, path::Path};

/// Octets of a token at the least: what can be guessed is none.
const MIN_TOKEN: usize = 16;
const MAX_TOKEN: usize = 1_024;

/// The HTTP side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpConfig {
    /// Host name or IP address, and port.
    pub listen: (String, u16),
    /// What clients have to know; always there where others than this machine reach the socket.
    pub token: Option<Token>,
    /// Names beside addresses and `localhost` by which browsers ask for the page where there is no token.
    pub host_names: Vec<Domain>,
    /// Whether addresses and names of authors are shown.
    pub show_addresses: bool,
    /// Whether messages can be tried in the page.
    pub try_messages: bool,
}

/// A secret text.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Box<[u8]>);

impl Token {
    /// The text itself.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Reads the first line of a file that is nobody else's business.
    fn load(path: &Path) -> io::Result<Self> {
        let mode = fs::metadata(path)?.permissions().mode();
        if mode & 0o026 != 0 {
            return Err(io::Error::other(
                "others than its owner and its group may read it, or others than its owner write it \
                 (chmod 640)",
            ));
        }
        Self::parse(&read(path)?).map_err(io::Error::other)
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let line = text.lines().next().unwrap_or_default().trim();
        match line.len() {
            MIN_TOKEN..=MAX_TOKEN if line.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Ok(Self(line.as_bytes().into()))
            }
            MIN_TOKEN..=MAX_TOKEN => Err("its first line has blanks or characters beyond ASCII"),
            _ => Err("its first line is no token of 16 to 1024 characters"),
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl HttpConfig {
    /// Whether others than this machine reach the socket.
    pub fn is_exposed(&self) -> bool {
        let (host, _) = &self.listen;
        !host.eq_ignore_ascii_case("localhost")
            && !host
                .parse::<IpAddr>()
                .is_ok_and(|ip| ip.to_canonical().is_loopback())
    }
}

/// `None` where it is switched off, or wrong.
pub(super) fn http(reader: &mut Reader) -> Option<HttpConfig> {
    let listen = match reader.string("http.listen").as_str() {
        "" => None,
        _ => reader.parsed("http.listen", Socket::parse_host_port),
    };
    let token = match reader.string("http.token_file").as_str() {
        "" => None,
        path => match Token::load(Path::new(path)) {
            Ok(token) => Some(token),
            Err(error) => {
                reader.refuse("http.token_file", format!("{path} can't be used: {error}"));
                return None;
            }
        },
    };
    let config = HttpConfig {
        host_names: reader.list("http.host_names", Domain::parse),
        show_addresses: reader.switch("http.show_addresses"),
        try_messages: reader.switch("http.try_messages"),
        token,
        listen: listen?,
    };
    if config.is_exposed() && config.token.is_none() {
        reader.refuse(
            "http.listen",
            "other machines reach this address, so that http.token_file must name a file with a token; \
             or listen on 127.0.0.1",
        );
    }
    Some(config)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_needs_no_token() {
        let exposed = |host: &str| {
            let config = HttpConfig {
                listen: (host.into(), 1),
                token: None,
                host_names: Vec::new(),
                show_addresses: false,
                try_messages: false,
            };
            config.is_exposed()
        };
        for host in [
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "::ffff:127.0.0.1",
            "localhost",
        ] {
            assert!(!exposed(host), "{host}");
        }
        for host in [
            "0.0.0.0",
            "::",
            "192.0.2.1",
            "mx.example.org",
            "localhost.example.org",
        ] {
            assert!(exposed(host), "{host}");
        }
    }

    #[test]
    fn a_token_is_long_and_plain_and_not_shown() {
        let token = Token::parse("0123456789abcdef\nmore\n").unwrap();
        assert_eq!(token.as_bytes(), b"0123456789abcdef");
        assert_eq!(format!("{token:?}"), "Token");
        assert!(Token::parse("0123456789abcde\n").is_err());
        assert!(Token::parse("0123456789 abcdef").is_err());
        assert!(Token::parse("").is_err());
    }
}
