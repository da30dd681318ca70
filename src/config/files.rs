//! Which files a configuration is read from, and whether they may be believed.

use super::{DEFAULT_FOLDER, DEFAULT_PATH, error::ConfigError};
use rustix::process::geteuid;
use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Files beyond this are no configuration.
const MAX_FILE_SIZE: u64 = 16 << 20;

/// Files of one folder at the most.
const MAX_FILES: usize = 1_000;

/// Where a configuration is looked for. By default in its usual file and folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The file, if not the usual one. It is then the only one, unless a folder is named as well.
    pub file: Option<PathBuf>,
    /// The folder whose `*.toml` are read after it, if not the usual one.
    pub folder: Option<PathBuf>,
}

impl From<Option<&Path>> for Files {
    fn from(file: Option<&Path>) -> Self {
        Self {
            file: file.map(Path::to_path_buf),
            folder: None,
        }
    }
}

impl From<&Self> for Files {
    fn from(files: &Self) -> Self {
        files.clone()
    }
}

/// One file's text.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// What errors call it; empty where it is the only one.
    pub(super) name: String,
    pub(super) text: String,
}

impl Text {
    /// The only text of a configuration.
    pub(super) fn only(text: &str) -> Self {
        Self {
            name: String::new(),
            text: text.to_owned(),
        }
    }
}

impl Files {
    /// The texts, in the order in which they count: a later one overrides an earlier one.
    pub(super) fn read(&self) -> Result<Vec<Text>, Vec<ConfigError>> {
        let mut errors = Vec::new();
        let main = self.main().unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        let mut texts: Vec<Text> = main.into_iter().collect();
        let paths = self.beside().unwrap_or_else(|error| {
            errors.push(error);
            Vec::new()
        });
        let is_alone = paths.is_empty();
        for path in paths {
            match trusted(&path) {
                Ok(text) => texts.push(Text {
                    name: path.display().to_string(),
                    text,
                }),
                Err(error) => errors.push(unreadable(&path, &error)),
            }
        }
        if let (true, Some(main)) = (is_alone, texts.first_mut()) {
            main.name.clear();
        }
        match errors.is_empty() {
            true => Ok(texts),
            false => Err(errors),
        }
    }

    fn main(&self) -> Result<Option<Text>, ConfigError> {
        let path = self.file.as_deref().unwrap_or(Path::new(DEFAULT_PATH));
        match read(path) {
            Ok(text) => Ok(Some(Text {
                name: path.display().to_string(),
                text,
            })),
            Err(error) if self.file.is_none() && error.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(unreadable(path, &error)),
        }
    }

    /// The files of the folder, in the order of their names.
    fn beside(&self) -> Result<Vec<PathBuf>, ConfigError> {
        let folder = match (&self.folder, &self.file) {
            (Some(folder), _) => folder.as_path(),
            (None, Some(_)) => return Ok(Vec::new()),
            (None, None) => Path::new(DEFAULT_FOLDER),
        };
        match names(folder) {
            Ok(names) => Ok(names.into_iter().map(|name| folder.join(name)).collect()),
            Err(error) if self.folder.is_none() && error.kind() == io::ErrorKind::NotFound => {
                Ok(Vec::new())
            }
            Err(error) => Err(unreadable(folder, &error)),
        }
    }
}

/// The names in a folder that a shell would find by `*.toml`. Others, such as what editors and dpkg
/// leave beside a file, are no configuration.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let metadata = fs::metadata(folder)?;
    if !metadata.is_dir() {
        return Err(io::Error::other("it is no folder"));
    }
    // Whoever may write into the folder may take a file of ours away.
    only_ours(&metadata)?;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let Some(name) = name.to_str() else {
            continue;
        };
        if name.ends_with(".toml") && !name.starts_with('.') {
            found.push(name.to_owned());
        }
    }
    if found.len() > MAX_FILES {
        return Err(io::Error::other(format!(
            "it has more than {MAX_FILES} files"
        )));
    }
    found.sort_unstable();
    Ok(found)
}

/// The text of a file of the folder. A symbolic link is none of its files: it says nothing of who
/// may write what it leads to.
fn trusted(path: &Path) -> io::Result<String> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other(
            "it is no regular file (a link, a folder ...)",
        ));
    }
    let file = File::open(path)?;
    // Of the file that is open, whatever bears its name by now.
    only_ours(&file.metadata()?)?;
    text_of(file)
}

/// Whether nobody but root and the own user could have written it.
fn only_ours(metadata: &Metadata) -> io::Result<()> {
    let owner = metadata.uid();
    if owner != 0 && owner != geteuid().as_raw() {
        return Err(io::Error::other(format!(
            "it belongs to user {owner}, neither to root nor to the user of this program (chown root)"
        )));
    }
    if metadata.permissions().mode() & 0o022 != 0 {
        return Err(io::Error::other(
            "others than its owner may write it (chmod go-w)",
        ));
    }
    Ok(())
}

/// The text of a file that the operator names.
pub(super) fn read(path: &Path) -> io::Result<String> {
    text_of(File::open(path)?)
}

fn text_of(file: File) -> io::Result<String> {
    let mut text = String::new();
    file.take(MAX_FILE_SIZE + 1).read_to_string(&mut text)?;
    match text.len() as u64 > MAX_FILE_SIZE {
        true => Err(io::Error::other("it is larger than 16 MiB")),
        false => Ok(text),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> ConfigError {
    ConfigError {
        reason: format!("{} can't be read: {error}", path.display()),
        ..ConfigError::default()
    }
}
