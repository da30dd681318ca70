//! Postfix' own programs: who they are, and what they are asked.
//!
//! `postconf` says where the others are. What reads mail (`postqueue`, `postcat`) runs as the owner of the
//! queue, who may read it and is not root. `postsuper` runs as root, which it demands, with one queue id that
//! fits the grammar and the name of the hold queue: it never sees a word that means more than one message.

use super::{HeldError, age::Age, id::QueueId, message::QueueFile};
use std::{
    collections::HashMap,
    env,
    ffi::OsStr,
    fs,
    io::{BufReader, Read, Write},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

/// Octets of one message that are read: what Postfix takes of a header by default, ten times.
const MAX_HEADER: u64 = 1 << 20;
/// Octets of a message that are read to show its text.
const MAX_MESSAGE: u64 = 4 << 20;
/// Octets of a program's complaint that are kept.
const MAX_COMPLAINT: u64 = 64 << 10;

/// Folders in which `postconf` is looked for, besides those of PATH: a timer's PATH may have none of them.
const FOLDERS: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/opt/local/sbin"];

/// A Postfix of this machine.
#[derive(Debug)]
pub(super) struct Postfix {
    config: Option<PathBuf>,
    commands: PathBuf,
    sendmail: PathBuf,
    owner: Owner,
    /// How long a message may wait in its queue.
    lifetime: Age,
    /// The same for mail from the null sender.
    bounce_lifetime: Age,
    /// The name of the machine.
    pub(super) hostname: String,
    /// The domain of mail that is written here.
    pub(super) origin: String,
}

/// Who owns the queue.
#[derive(Clone, Copy, Debug)]
struct Owner {
    user: u32,
    group: u32,
}

/// How a message leaves the hold queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To its recipients.
    Release,
    /// The same as a new message of the queue, with a life of its own.
    Requeue,
    /// Nowhere.
    Delete,
}

/// How much of a message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Header,
    Whole,
}

impl Postfix {
    /// Asks `postconf` where everything is.
    pub(super) fn find(config: Option<&Path>) -> Result<Self, HeldError> {
        let postconf = postconf()?;
        let mut command = Command::new(&postconf);
        if let Some(config) = config {
            command.arg("-c").arg(config);
        }
        command.arg("-x").args([
            "command_directory",
            "queue_directory",
            "sendmail_path",
            "maximal_queue_lifetime",
            "bounce_queue_lifetime",
            "myhostname",
            "myorigin",
        ]);
        let said = finished("postconf", spoken("postconf", &mut command)?, MAX_COMPLAINT)?;
        let said = String::from_utf8_lossy(&said.output).into_owned();
        let values: HashMap<&str, &str> = said
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim()))
            .collect();
        let value = |name: &str| {
            let value = values.get(name).copied().filter(|value| !value.is_empty());
            value.ok_or_else(|| wrong(&format!("postconf doesn't say what {name} is")))
        };
        let lifetime = |name: &str| {
            let text = value(name)?;
            Age::of_postfix(text, 'd').ok_or_else(|| wrong(&format!("{name} is {text:?}")))
        };
        Ok(Self {
            config: config.map(Path::to_path_buf),
            commands: value("command_directory")?.into(),
            sendmail: value("sendmail_path")?.into(),
            owner: Owner::of(&Path::new(value("queue_directory")?).join("hold"))?,
            lifetime: lifetime("maximal_queue_lifetime")?,
            bounce_lifetime: lifetime("bounce_queue_lifetime")?,
            hostname: value("myhostname")?.to_owned(),
            origin: value("myorigin")?.to_owned(),
        })
    }

    /// How long a message of this sender may wait in its queue.
    pub(super) fn lifetime(&self, sender: &str) -> Age {
        match sender.is_empty() {
            true => self.bounce_lifetime,
            false => self.lifetime,
        }
    }

    /// The lines of `postqueue -j`, as they come. What is done with them says whether all could be read.
    pub(super) fn queue<T>(
        &self,
        read: impl FnOnce(BufReader<ChildStdout>) -> Result<T, HeldError>,
    ) -> Result<T, HeldError> {
        let mut command = self.unprivileged("postqueue");
        let mut child = spoken("postqueue", command.arg("-j"))?;
        let output = child
            .stdout
            .take()
            .ok_or_else(|| wrong("postqueue says nothing"))?;
        let result = read(BufReader::new(output));
        finished("postqueue", child, MAX_COMPLAINT)?;
        result
    }

    /// The file of a message on hold; `None` where there is none of this queue id.
    pub(super) fn file(
        &self,
        id: &QueueId,
        extent: Extent,
    ) -> Result<Option<QueueFile>, HeldError> {
        let (option, most) = match extent {
            Extent::Header => ("-ehq", MAX_HEADER),
            Extent::Whole => ("-ebhq", MAX_MESSAGE),
        };
        let mut command = self.unprivileged("postcat");
        // Its times bear no zone.
        command.env("TZ", "UTC").env("LC_ALL", "C");
        let mut child = spoken("postcat", command.args([option, id.as_str()]))?;
        let mut output = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout
                .take(most)
                .read_to_end(&mut output)
                .map_err(|error| wrong(&format!("postcat: {error}")))?;
        }
        // Whatever it complains of, a file that is there was printed, and one that was cut ends it early.
        let complaint = ended("postcat", child)?;
        match QueueFile::parse(id, &output) {
            Some(file) => Ok(Some(file)),
            None if !output.is_empty() || complaint.contains("No such file") => Ok(None),
            None => Err(wrong(&format!("postcat: {}", complaint.trim()))),
        }
    }

    /// Lets a message leave the hold queue. Returns whether it was there.
    pub(super) fn end(&self, id: &QueueId, way: Way) -> Result<bool, HeldError> {
        let (option, done) = match way {
            Way::Release => ("-H", "released from hold"),
            Way::Requeue => ("-r", "requeued"),
            Way::Delete => ("-d", "removed"),
        };
        let mut command = self.command("postsuper");
        let said = spoken("postsuper", command.args([option, id.as_str(), "hold"]))?;
        let said = finished("postsuper", said, MAX_COMPLAINT)?;
        // It also ends well where it did nothing.
        let is_done = said.complaint.contains(&format!("{}: {done}", id.as_str()));
        if is_done && matches!(way, Way::Release) {
            self.try_now(id);
        }
        Ok(is_done)
    }

    /// What leaves the hold queue is deferred mail, at which the queue manager looks every five minutes by
    /// default. Where it can't be told to look now it does so then.
    fn try_now(&self, id: &QueueId) {
        let mut command = self.command("postqueue");
        if let Ok(child) = spoken("postqueue", command.args(["-i", id.as_str()])) {
            let _ = finished("postqueue", child, MAX_COMPLAINT);
        }
    }

    /// Hands a message to sendmail(1).
    pub(super) fn send(&self, message: &str, to: &str) -> Result<(), HeldError> {
        let mut command = Command::new(&self.sendmail);
        if let Some(config) = &self.config {
            command.arg("-C").arg(config);
        }
        command.args(["-i", "-f", "postmaster", "--", to]);
        command.stdin(Stdio::piped());
        let mut child = started("sendmail", &mut command)?;
        let written = child
            .stdin
            .take()
            .map(|mut stdin| stdin.write_all(message.as_bytes()));
        finished("sendmail", child, MAX_COMPLAINT)?;
        match written {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(wrong(&format!("sendmail: {error}"))),
            None => Err(wrong("sendmail can't be written to")),
        }
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.commands.join(name));
        if let Some(config) = &self.config {
            command.arg("-c").arg(config);
        }
        command
    }

    /// As the owner of the queue, in a folder that he can enter.
    fn unprivileged(&self, name: &str) -> Command {
        let mut command = self.command(name);
        command
            .current_dir("/")
            .gid(self.owner.group)
            .uid(self.owner.user);
        command
    }
}

impl Owner {
    /// The owner of a folder, with his own group.
    fn of(folder: &Path) -> Result<Self, HeldError> {
        let metadata = fs::metadata(folder)
            .map_err(|error| wrong(&format!("{}: {error}", folder.display())))?;
        let user = metadata.uid();
        if user == 0 {
            let folder = folder.display();
            return Err(wrong(&format!(
                "{folder} belongs to root, and not to Postfix"
            )));
        }
        Ok(Self {
            user,
            group: group_of(user),
        })
    }
}

/// The group of an account in /etc/passwd; nobody's where a directory service knows it.
fn group_of(user: u32) -> u32 {
    const NOBODY: u32 = 65_534;
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let number = |line: &str, at| line.split(':').nth(at)?.parse::<u32>().ok();
    let mut lines = accounts.lines();
    let found = lines.find(|line| number(line, 2) == Some(user));
    found
        .and_then(|line| number(line, 3))
        .filter(|group| *group != 0)
        .unwrap_or(NOBODY)
}

fn postconf() -> Result<PathBuf, HeldError> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(FOLDERS.iter().map(PathBuf::from));
    folders
        // Root starts nothing out of the folder that it happens to stand in.
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join("postconf"))
        .find(|program| program.is_file())
        .ok_or_else(|| {
            wrong("postconf is not found, neither in PATH nor in /usr/sbin; is Postfix here?")
        })
}

/// What a program said.
struct Said {
    output: Vec<u8>,
    complaint: String,
}

/// Starts a program whose output is read.
fn spoken(name: &str, command: &mut Command) -> Result<Child, HeldError> {
    command.stdin(Stdio::null());
    started(name, command)
}

fn started(name: &str, command: &mut Command) -> Result<Child, HeldError> {
    let program: &OsStr = command.get_program();
    let program = Path::new(program).display().to_string();
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| wrong(&format!("{name} can't be started ({program}): {error}")))
}

/// Waits for the end of a program, which has to be a good one.
fn finished(name: &str, mut child: Child, most: u64) -> Result<Said, HeldError> {
    let failed = |error| wrong(&format!("{name}: {error}"));
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(most).read_to_end(&mut output).map_err(failed)?;
    }
    let complaint = complaint(&mut child);
    let status = child.wait().map_err(failed)?;
    match status.success() {
        true => Ok(Said { output, complaint }),
        false => Err(wrong(&format!("{name}: {status}: {}", complaint.trim()))),
    }
}

/// Waits for the end of a program, however it ends; what it complained of.
fn ended(name: &str, mut child: Child) -> Result<String, HeldError> {
    let complaint = complaint(&mut child);
    match child.wait() {
        Ok(_) => Ok(complaint),
        Err(error) => Err(wrong(&format!("{name}: {error}"))),
    }
}

/// Read after the output: none of these programs complains of more than a pipe holds.
fn complaint(child: &mut Child) -> String {
    let mut text = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        // What can't be read is not there.
        let _ = stderr.take(MAX_COMPLAINT).read_to_end(&mut text);
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A fault of Postfix', in which a message may have a part.
pub(super) fn wrong(text: &str) -> HeldError {
    HeldError::Postfix(crate::report::printable::printable(text))
}
