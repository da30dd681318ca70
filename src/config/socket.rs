//! Where a listener listens, in the spellings that mail software uses.

use std::{fmt, path::PathBuf};

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Socket {
    /// Host name or IP address, and port.
    Inet(String, u16),
    /// A path.
    Unix(PathBuf),
}

impl Socket {
    /// Reads Postfix' `inet:HOST:PORT` and `unix:PATH`, and OpenDKIM's `inet:PORT@HOST`,
    /// `inet:PORT` and `local:PATH`.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text
            .split_once(':')
            .ok_or("the kind, inet: or unix:, is missing")?;
        match kind {
            "inet" | "inet6" => inet(rest),
            "unix" | "local" if rest.starts_with('/') => Ok(Self::Unix(rest.into())),
            "unix" | "local" => Err("the path is not absolute".into()),
            _ => Err(format!("the kind \"{}\" is unknown", kind.escape_debug())),
        }
    }

    /// Reads `HOST:PORT`.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn parse_host_port(text: &str) -> Result<(String, u16), String> {
        match inet(text)? {
            Self::Inet(host, port) => Ok((host, port)),
            Self::Unix(_) => Err("this is no host and port".into()),
        }
    }
}

fn inet(text: &str) -> Result<Socket, String> {
    let (host, port) = match text.split_once('@') {
        Some((port, host)) => (host, port),
        None => match text.rsplit_once(':') {
            Some(split) => split,
            None => ("127.0.0.1", text),
        },
    };
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    let port = port
        .parse()
        .map_err(|_| "the port is no number from 0 to 65535")?;
    match host {
        "" => Err("the host is missing".into()),
        host => Ok(Socket::Inet(host.to_owned(), port)),
    }
}

impl fmt::Display for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(host, port) if host.contains(':') => write!(f, "inet:[{host}]:{port}"),
            Self::Inet(host, port) => write!(f, "inet:{host}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_mean_the_same() {
        let local = || Ok(Socket::Inet("127.0.0.1".into(), 8895));
        assert_eq!(Socket::parse("inet:127.0.0.1:8895"), local());
        assert_eq!(Socket::parse("inet:8895@127.0.0.1"), local());
        assert_eq!(Socket::parse("inet:8895"), local());
        assert_eq!(
            Socket::parse("inet:[::1]:8895"),
            Ok(Socket::Inet("::1".into(), 8895))
        );
        let path = || Ok(Socket::Unix("/run/x.sock".into()));
        assert_eq!(Socket::parse("unix:/run/x.sock"), path());
        assert_eq!(Socket::parse("local:/run/x.sock"), path());
    }

    #[test]
    fn faults_are_named() {
        let fault = |text| Socket::parse(text).err().unwrap_or_default();
        assert_eq!(fault("8895"), "the kind, inet: or unix:, is missing");
        assert_eq!(fault("unix:run/x"), "the path is not absolute");
        assert_eq!(
            fault("inet:localhost:x"),
            "the port is no number from 0 to 65535"
        );
        assert_eq!(fault("tcp:1"), "the kind \"tcp\" is unknown");
    }
}
