//! Programs of the distribution, unpacked by `tests/unpack.sh` and not installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder with unpacked packages.
pub struct Unpacked(pub PathBuf);

impl Unpacked {
    /// Unpacks packages into `target/FOLDER`, or finds them there.
    pub fn packages(folder: &str, packages: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let output = Command::new("sh")
            .arg(root.join("tests/unpack.sh"))
            .arg(folder)
            .args(packages)
            .stderr(Stdio::inherit())
            .output()
            .expect("tests/unpack.sh");
        assert!(output.status.success(), "{packages:?} can't be unpacked");
        let said = String::from_utf8_lossy(&output.stdout);
        Self(PathBuf::from(said.lines().last().expect("a folder")))
    }

    /// One of the programs, or any other that is to find what was unpacked.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(self.0.join("run"));
        command.arg(program);
        command
    }
}
