//! The private configuration: main.cf, master.cf, queue folders with their owners.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::programs::Programs;
use super::{HOSTNAME, PostfixOptions};

/// Accounts that every Debian and Ubuntu has. Postfix demands that its owner is neither root nor
/// the account of `default_privs`, and that the group is neither root's nor the owner's.
const OWNER: &str = "nobody";
const GROUP: &str = "mail";
const PRIVILEGES: &str = "daemon";

/// The part of main.cf that no test changes.
const ALWAYS: &str = "
# --- DNS and the network stay out ---
inet_interfaces = 127.0.0.1
# IPv6 too, though nothing listens there: else XCLIENT with an IPv6 address is refused.
inet_protocols = all
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
lmtp_dns_support_level = disabled

# --- every address is local, and goes to the test over LMTP as it came ---
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
virtual_alias_domains =
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
default_transport = error:this Postfix sends nothing away
lmtp_host_lookup = native
lmtp_line_length_limit = 0
virtual_destination_recipient_limit = 50

# --- clients: whoever XCLIENT says; nothing is rewritten for any of them ---
mynetworks = 127.0.0.0/8
smtpd_authorized_xclient_hosts = 127.0.0.0/8
local_header_rewrite_clients =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
in_flow_delay = 0

# --- a test does not wait five minutes for the next try ---
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
";

pub struct Setup<'a> {
    pub folder: &'a Path,
    pub programs: &'a Programs,
    pub smtp_addr: SocketAddr,
    pub unfiltered_addr: SocketAddr,
    pub lmtp_addr: SocketAddr,
    pub options: &'a PostfixOptions,
}

/// A new folder that the daemons, which give up root, can read. Its path is short: it holds
/// sockets, and their paths are limited to 107 octets.
pub fn folder() -> io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test-postfix-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        match fs::create_dir(&folder) {
            Ok(()) => {
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
                return Ok(folder);
            }
            // Left over by a killed program that had this number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

impl Setup<'_> {
    /// Writes everything; over what an earlier attempt left.
    pub fn write(&self) -> io::Result<()> {
        let (uid, owner_gid) = account(OWNER)?;
        let gid = group(GROUP)?;
        // A link of our own: paths in main.cf and in import_environment cannot hold spaces.
        let tree = self.folder.join("tree");
        if !tree.exists() {
            symlink(&self.programs.root, &tree)?;
        }
        let etc = self.folder.join("etc");
        fs::create_dir_all(&etc)?;
        fs::write(etc.join("main.cf"), self.main_cf())?;
        fs::write(etc.join("master.cf"), self.master_cf())?;

        self.directory("data", 0o700, uid, owner_gid)?;
        self.directory("queue", 0o755, 0, 0)?;
        for queue in [
            "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
            "private", "saved", "trace",
        ] {
            self.directory(&format!("queue/{queue}"), 0o700, uid, 0)?;
        }
        self.directory("queue/pid", 0o755, 0, 0)?;
        // postdrop(1) and postqueue(1) come here by their group.
        self.directory("queue/maildrop", 0o730, uid, gid)?;
        self.directory("queue/public", 0o710, uid, gid)
    }

    fn directory(&self, name: &str, mode: u32, uid: u32, gid: u32) -> io::Result<()> {
        let path = self.folder.join(name);
        fs::create_dir_all(&path)?;
        chown(&path, Some(uid), Some(gid))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))
    }

    fn main_cf(&self) -> String {
        let folder = self.folder.display();
        let tree = self.folder.join("tree");
        let (shown, lmtp) = (tree.display(), self.lmtp_addr);
        let import = match self.programs.library_path(&tree) {
            // Set by name=value: master cleans its environment before it starts a daemon.
            Some(path) => format!("MAIL_CONFIG TZ LANG=C LD_LIBRARY_PATH={path}"),
            None => "MAIL_CONFIG TZ LANG=C".to_owned(),
        };
        let mut text = format!(
            "\
# --- where things are ---
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {shown}/usr/lib/postfix/sbin
command_directory = {shown}/usr/sbin
sendmail_path = {shown}/usr/sbin/sendmail
shlib_directory = {shown}/usr/lib/postfix
meta_directory = {shown}/etc/postfix
mail_owner = {OWNER}
setgid_group = {GROUP}
default_privs = {PRIVILEGES}
import_environment = {import}
export_environment = {import}
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}

# --- who we are ---
myhostname = {HOSTNAME}
myorigin = {HOSTNAME}

# --- the test's side ---
virtual_transport = lmtp:inet:{lmtp}

# --- the filters ---
milter_protocol = 6
milter_default_action = {}
smtpd_milters = {}
{ALWAYS}",
            self.options.milter_default_action,
            self.options.milters.join(", "),
        );
        for (name, value) in &self.options.extra_main_cf {
            text.push_str(&format!("{name} = {value}\n"));
        }
        text
    }

    fn master_cf(&self) -> String {
        let filter = match self.options.content_filter {
            Some(addr) => format!(" -o content_filter=smtp:[{}]:{}", addr.ip(), addr.port()),
            None => String::new(),
        };
        let mut text = format!(
            "{} inet n - n - - smtpd\n{} inet n - n - - smtpd -o smtpd_milters={filter}\n",
            self.smtp_addr, self.unfiltered_addr
        );
        for service in [
            "pickup unix n - n 60 1 pickup",
            "cleanup unix n - n - 0 cleanup",
            "qmgr unix n - n 300 1 qmgr",
            "rewrite unix - - n - - trivial-rewrite",
            "bounce unix - - n - 0 bounce",
            "defer unix - - n - 0 bounce",
            "trace unix - - n - 0 bounce",
            "verify unix - - n - 1 verify",
            "flush unix n - n 1000? 0 flush",
            "proxymap unix - - n - - proxymap",
            "showq unix n - n - - showq",
            "error unix - - n - - error",
            "retry unix - - n - - error",
            "discard unix - - n - - discard",
            "lmtp unix - - n - - lmtp",
            "smtp unix - - n - - smtp",
            "anvil unix - - n - 1 anvil",
            "scache unix - - n - 1 scache",
            "postlog unix-dgram n - n - 1 postlogd",
        ] {
            text.push_str(service);
            text.push('\n');
        }
        text
    }
}

/// User and group number from /etc/passwd; these accounts never come from a directory service.
fn account(name: &str) -> io::Result<(u32, u32)> {
    let line = entry("/etc/passwd", name)?;
    let number = |at: usize| line.split(':').nth(at).and_then(|field| field.parse().ok());
    number(2)
        .zip(number(3))
        .ok_or_else(|| io::Error::other(format!("/etc/passwd: {line:?}")))
}

fn group(name: &str) -> io::Result<u32> {
    let line = entry("/etc/group", name)?;
    let number = line.split(':').nth(2).and_then(|field| field.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("/etc/group: {line:?}")))
}

fn entry(file: &str, name: &str) -> io::Result<String> {
    let text = fs::read_to_string(file)?;
    let found = text
        .lines()
        .find(|line| line.split(':').next() == Some(name));
    found
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other(format!("{file} has no {name}")))
}
