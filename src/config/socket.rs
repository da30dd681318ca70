//! Where a listener listens, in the spellings that mail software uses.

use crate::mail::domain::Domain;
use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    path::PathBuf,
};

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
    /// `inet:PORT`, `local:PATH` and a bare `/PATH`. Without a host it is the machine itself only.
    /// `inet6:` means IPv6, so that a name is none of its hosts: it may have addresses of both kinds.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with('/') {
            return Ok(Self::Unix(text.into()));
        }
        let (kind, rest) = text
            .split_once(':')
            .ok_or("the kind, inet: or unix:, is missing")?;
        match kind {
            "inet" => inet(rest),
            "inet6" => inet6(rest),
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
    let (name, port) = match text.split_once('@') {
        Some((port, name)) => (name, port),
        None => match text.rsplit_once(':') {
            Some(split) => split,
            None if text.bytes().all(|b| b.is_ascii_digit()) => ("127.0.0.1", text),
            None => return Err("the port is missing".into()),
        },
    };
    let port = port
        .parse()
        .map_err(|_| "the port is no number from 0 to 65535")?;
    Ok(Socket::Inet(host(name, text.contains('@'))?, port))
}

fn inet6(text: &str) -> Result<Socket, String> {
    let is_port = text.bytes().all(|byte| byte.is_ascii_digit());
    let (host, port) = match inet(text)? {
        Socket::Inet(_, port) if is_port => ("::1".to_owned(), port),
        Socket::Inet(host, port) => (host, port),
        Socket::Unix(_) => return Err("this is no host and port".into()),
    };
    match &*host {
        // RFC 6761 section 6.3: it is loopback, here that of IPv6.
        "localhost" => Ok(Socket::Inet("::1".to_owned(), port)),
        _ if host.parse::<Ipv6Addr>().is_ok() => Ok(Socket::Inet(host, port)),
        _ => {
            Err("inet6: takes an IPv6 address, as inet6:[::1]:8895; write inet: for others".into())
        }
    }
}

/// A host; of an IPv6 address what is in the brackets that part it from the port.
fn host(text: &str, alone: bool) -> Result<String, String> {
    let is_ipv6 = |text: &str| text.parse::<Ipv6Addr>().is_ok();
    let bracketed = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    if let Some(address) = bracketed {
        return match is_ipv6(address) {
            true => Ok(address.to_owned()),
            false => Err("there is no IPv6 address in the brackets".into()),
        };
    }
    // What ends in a number is no name (RFC 1123 section 2.1).
    let numeric = text
        .rsplit('.')
        .next()
        .is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
    match text {
        "" => Err("the host is missing".into()),
        "*" => Err("for all addresses write 0.0.0.0 or [::]".into()),
        text if alone && is_ipv6(text) => Ok(text.to_owned()),
        // Of inet:::1:8895 nobody knows where the address ends.
        text if text.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') && text.contains(':') => {
            Err("an IPv6 address stands in brackets, as [::1]".into())
        }
        text if text.parse::<Ipv4Addr>().is_ok() => Ok(text.to_owned()),
        text if Domain::parse(text).is_ok() && !numeric => Ok(text.to_owned()),
        _ => Err("the host is neither an IP address nor a name".into()),
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
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_mean_the_same() {
        for (socket, spellings) in [
            (
                Socket::Inet("127.0.0.1".into(), 8895),
                &["inet:127.0.0.1:8895", "inet:8895@127.0.0.1", "inet:8895"][..],
            ),
            (
                Socket::Inet("localhost".into(), 8895),
                &["inet:localhost:8895", "inet:8895@localhost"],
            ),
            (
                Socket::Inet("::1".into(), 8895),
                &[
                    "inet:[::1]:8895",
                    "inet6:[::1]:8895",
                    "inet:8895@[::1]",
                    "inet6:8895@::1",
                    "inet6:8895@localhost",
                    "inet6:localhost:8895",
                    "inet6:8895",
                ],
            ),
            (
                Socket::Unix("/run/x.sock".into()),
                &["unix:/run/x.sock", "local:/run/x.sock", "/run/x.sock"],
            ),
        ] {
            for spelling in spellings {
                assert_eq!(Socket::parse(spelling).as_ref(), Ok(&socket), "{spelling}");
            }
            // What is shown is what Postfix calls it.
            assert_eq!(socket.to_string(), spellings[0]);
        }
        assert_eq!(
            Socket::parse_host_port("[::]:9895"),
            Ok(("::".to_owned(), 9895))
        );
    }

    #[test]
    fn faults_are_named() {
        for (text, fault) in [
            ("8895", "the kind, inet: or unix:, is missing"),
            ("tcp:1", "the kind \"tcp\" is unknown"),
            ("unix:run/x", "the path is not absolute"),
            ("inet:localhost", "the port is missing"),
            ("inet:localhost:x", "the port is no number from 0 to 65535"),
            (
                "inet:localhost:65536",
                "the port is no number from 0 to 65535",
            ),
            ("inet::8895", "the host is missing"),
            ("inet:8895@", "the host is missing"),
            (
                "inet:::1:8895",
                "an IPv6 address stands in brackets, as [::1]",
            ),
            (
                "inet:fe80::1",
                "an IPv6 address stands in brackets, as [::1]",
            ),
            (
                "inet:[127.0.0.1]:8895",
                "there is no IPv6 address in the brackets",
            ),
            (
                "inet6:8895@127.0.0.1",
                "inet6: takes an IPv6 address, as inet6:[::1]:8895; write inet: for others",
            ),
            (
                "inet6:8895@mx.example.org",
                "inet6: takes an IPv6 address, as inet6:[::1]:8895; write inet: for others",
            ),
            ("inet:*:8895", "for all addresses write 0.0.0.0 or [::]"),
            ("inet:a b:1", "the host is neither an IP address nor a name"),
            (
                "inet:300.1.1.1:1",
                "the host is neither an IP address nor a name",
            ),
        ] {
            assert_eq!(Socket::parse(text), Err(fault.to_owned()), "{text}");
        }
    }
}
