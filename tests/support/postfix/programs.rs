//! Where Postfix' programs are.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A tree with `usr/sbin/postconf`: `/` for the system's, else an unpacked package.
#[derive(Clone, Debug)]
pub struct Programs {
    pub root: PathBuf,
}

impl Programs {
    /// `$POSTFIX_TREE` where it is set; else what `tests/install-postfix.sh` finds or unpacks. Its
    /// words go to this program's standard error.
    pub fn find() -> Result<Self, String> {
        static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        let root = FOUND.get_or_init(locate).clone()?;
        Ok(Self { root })
    }

    pub fn sbin(&self) -> PathBuf {
        self.root.join("usr/sbin")
    }

    pub fn daemons(&self) -> PathBuf {
        self.root.join("usr/lib/postfix/sbin")
    }

    /// One of the programs, able to find the libraries that were unpacked with it.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some(path) = self.library_path(&self.root) {
            command.env("LD_LIBRARY_PATH", path);
        }
        command
    }

    /// `LD_LIBRARY_PATH` for an unpacked tree, spelled from `root` on; none for the system's.
    pub fn library_path(&self, root: &Path) -> Option<String> {
        if self.root == Path::new("/") {
            return None;
        }
        let mut folders = vec!["usr/lib/postfix".to_owned()];
        for base in ["usr/lib", "lib"] {
            folders.push(base.to_owned());
            // Multiarch: usr/lib/x86_64-linux-gnu and its like.
            let entries = std::fs::read_dir(self.root.join(base))
                .into_iter()
                .flatten()
                .flatten();
            let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
            folders.extend(
                names
                    .filter(|name| name.contains("-linux-"))
                    .map(|name| format!("{base}/{name}")),
            );
        }
        let there = folders
            .iter()
            .filter(|folder| self.root.join(folder).is_dir());
        Some(
            there
                .map(|folder| root.join(folder).display().to_string())
                .collect::<Vec<_>>()
                .join(":"),
        )
    }
}

fn locate() -> Result<PathBuf, String> {
    let root = match env::var_os("POSTFIX_TREE") {
        Some(tree) => PathBuf::from(tree),
        None => provide()?,
    };
    match root.join("usr/lib/postfix/sbin/master") {
        master if master.exists() => Ok(root),
        master => Err(format!("{} is missing", master.display())),
    }
}

fn provide() -> Result<PathBuf, String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/install-postfix.sh");
    let output = Command::new("/bin/sh")
        .arg(&script)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{}: {error}", script.display()))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let folder = said.lines().last().filter(|_| output.status.success());
    folder
        .map(PathBuf::from)
        .ok_or_else(|| format!("{} found none (see above)", script.display()))
}
