//! What of the machine would keep a configuration, right by itself, from being served. It is looked
//! at without changing anything, and while the service runs: what this program holds itself is no
//! fault.

mod holder;

use super::socket::{another_kind, hint};
use crate::config::{Config, ConfigError, MilterConfig, Socket};
use holder::{is_tcp_of_another, is_unix_of_another};
use rustix::{
    fs::{Access, access},
    process::{getegid, geteuid, getgroups},
};
use std::{
    io,
    net::{SocketAddr, ToSocketAddrs},
    os::unix::net::UnixStream,
    path::Path,
};
use tokio::net::TcpSocket;

/// Every fault, by the key that asks for what isn't there.
pub fn faults(config: &Config) -> Vec<ConfigError> {
    let mut found = Vec::new();
    let mut note = |key: &str, fault: Option<String>| {
        found.extend(fault.map(|reason| ConfigError {
            key: key.to_owned(),
            reason,
            ..ConfigError::default()
        }));
    };
    match &config.milter.listen {
        Socket::Inet(host, port) => note("milter.listen", tcp("milter.listen", host, *port)),
        Socket::Unix(path) => {
            note("milter.listen", unix(path));
            note("milter.socket_group", group(&config.milter));
        }
    }
    if let Some(http) = &config.http {
        let (host, port) = &http.listen;
        note("http.listen", tcp("http.listen", host, *port));
    }
    found
}

/// Why a port can't be listened on, if so. As where it is bound, the first address of the host that
/// can be taken does.
fn tcp(key: &str, host: &str, port: u16) -> Option<String> {
    let fault = |error: io::Error| {
        format!(
            "{host}:{port} can't be listened on: {error}{}",
            hint(&error, key)
        )
    };
    let addresses = match (host, port).to_socket_addrs() {
        Ok(addresses) => addresses,
        Err(error) => return Some(fault(error)),
    };
    let mut last = None;
    for address in addresses {
        match bind(address) {
            Ok(()) => return None,
            Err(error)
                if error.kind() == io::ErrorKind::AddrInUse && !is_tcp_of_another(address) =>
            {
                return None;
            }
            Err(error) => last = Some(error),
        }
    }
    last.map(fault)
}

/// Takes an address for a moment. Nobody can connect, and the service itself could start meanwhile:
/// of two sockets with SO_REUSEADDR only one that listens keeps others out (socket(7)).
fn bind(address: SocketAddr) -> io::Result<()> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)
}

fn unix(path: &Path) -> Option<String> {
    let shown = path.display();
    let folder = path.parent()?;
    if let Err(error) = access(folder, Access::WRITE_OK | Access::EXEC_OK) {
        let user = geteuid().as_raw();
        return Some(format!(
            "{shown}: no socket can be made in {} by user {user}: {}",
            folder.display(),
            io::Error::from(error)
        ));
    }
    if another_kind(path).is_ok_and(|is_so| is_so) {
        return Some(format!("{shown}: there is a file of another kind"));
    }
    let answers = UnixStream::connect(path).is_ok();
    (answers && is_unix_of_another(path)).then(|| format!("{shown}: another program answers there"))
}

/// Whether the socket can be given to the group: root may, others only to a group of theirs
/// (chown(2)).
fn group(config: &MilterConfig) -> Option<String> {
    let group = config.socket_group?;
    let own = || {
        let further = getgroups().unwrap_or_default();
        getegid().as_raw() == group || further.iter().any(|gid| gid.as_raw() == group)
    };
    match geteuid().is_root() || own() {
        true => None,
        false => Some(format!(
            "user {} is no member of group {group}, so that the socket can't be given to it",
            geteuid().as_raw()
        )),
    }
}
