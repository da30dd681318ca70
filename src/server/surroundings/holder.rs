//! Whose a socket is that somebody listens on, as far as /proc tells (proc_pid_net(5),
//! proc_pid_fd(5)). Where it doesn't tell, nobody is accused.

use rustix::process::geteuid;
use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    os::unix::fs::MetadataExt,
    path::Path,
};

/// A socket that somebody listens on.
struct Listening {
    inode: String,
    /// Whose it is.
    user: u32,
}

/// Whether a program other than this one listens at the address, or at all addresses.
pub(super) fn is_tcp_of_another(address: SocketAddr) -> bool {
    let same = |(ip, port): &(IpAddr, u16)| {
        *port == address.port()
            && (*ip == address.ip() || ip.is_unspecified() || address.ip().is_unspecified())
    };
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|text| text.lines().filter_map(tcp_line).collect::<Vec<_>>())
        .filter(|(at, _)| same(at))
        .any(|(_, listening)| !is_own(&listening))
}

/// Whether a program other than this one listens at the path.
pub(super) fn is_unix_of_another(path: &Path) -> bool {
    let (Ok(text), Ok(metadata)) = (fs::read_to_string("/proc/net/unix"), fs::metadata(path))
    else {
        return false;
    };
    text.lines()
        .filter_map(unix_line)
        .filter(|(at, _)| Path::new(at) == path)
        .any(|(_, inode)| {
            !is_own(&Listening {
                inode: inode.to_owned(),
                user: metadata.uid(),
            })
        })
}

/// Address, and socket, of a line of a socket that listens (state 0A).
fn tcp_line(line: &str) -> Option<((IpAddr, u16), Listening)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [_, local, _, "0A", _, _, _, user, _, inode, ..] = fields[..] else {
        return None;
    };
    let (ip, port) = local.split_once(':')?;
    let listening = Listening {
        inode: inode.to_owned(),
        user: user.parse().ok()?,
    };
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(((address(ip)?, port), listening))
}

/// An address as the kernel prints it: words of four octets, each in the order of the processor.
fn address(text: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let word = text.get(at..at + 8)?;
        Some(u32::from_str_radix(word, 16).ok()?.to_ne_bytes())
    };
    match text.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            let octets: [u8; 16] = words.concat().try_into().ok()?;
            Some(Ipv6Addr::from(octets).to_canonical())
        }
        _ => None,
    }
}

/// Path and inode of a line of a socket that accepts connections (__SO_ACCEPTCON in its flags).
fn unix_line(line: &str) -> Option<(&str, &str)> {
    let mut fields = line.split_ascii_whitespace();
    let flags = fields.nth(3)?;
    let inode = fields.nth(2)?;
    let path = fields.next()?;
    (flags == "00010000").then_some((path, inode))
}

/// Whether a process of this program has it open. Where nobody is seen who has (ProtectProc= hides
/// even what runs as the same user), it is the own user's that counts.
fn is_own(listening: &Listening) -> bool {
    let own_name = fs::read_to_string("/proc/self/comm").unwrap_or_default();
    let mut could_be = listening.user == geteuid().as_raw();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let folder = process.path();
        if fs::metadata(&folder).is_ok_and(|found| found.uid() == listening.user) {
            let name = fs::read_to_string(folder.join("comm")).unwrap_or_default();
            match has_open(&folder, &listening.inode) {
                Some(true) => return name == own_name,
                Some(false) => {}
                None => could_be |= name == own_name,
            }
        }
    }
    could_be
}

/// `None` where that can't be seen: in a user namespace of its own (PrivateUsers=) a process of the
/// same user shows that it has files open, and not which.
fn has_open(process: &Path, inode: &str) -> Option<bool> {
    let wanted = format!("socket:[{inode}]");
    for file in fs::read_dir(process.join("fd")).ok()?.flatten() {
        match fs::read_link(file.path()) {
            Ok(target) if target == Path::new(&wanted) => return Some(true),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return None,
            // Another file, or one that was closed meanwhile.
            _ => {}
        }
    }
    Some(false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel_are_read() {
        let line = "   3: 0100007F:22BF 00000000:0000 0A 00000000:00000000 00:00000000 00000000   \
                    103        0 54321 1 0000000000000000 100 0 0 10 0";
        let ((ip, port), listening) = tcp_line(line).unwrap();
        assert_eq!((ip, port), ("127.0.0.1".parse().unwrap(), 8895));
        assert_eq!((listening.user, &*listening.inode), (103, "54321"));
        // A connection is no listener.
        assert!(tcp_line(&line.replace(" 0A ", " 01 ")).is_none());
        assert!(tcp_line("  sl  local_address rem_address   st tx_queue").is_none());
        let loopback = "00000000000000000000000001000000";
        assert_eq!(address(loopback), Some("::1".parse().unwrap()));
        let mapped = "0000000000000000FFFF00000100007F";
        assert_eq!(address(mapped), Some("127.0.0.1".parse().unwrap()));
        let line = "0000000000000000: 00000002 00000000 00010000 0001 01 23456 /run/x/milter";
        assert_eq!(unix_line(line), Some(("/run/x/milter", "23456")));
        assert_eq!(unix_line(&line.replace("00010000", "00000000")), None);
    }
}
