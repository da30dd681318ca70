//! What is judged: batches of messages that are judged under the same circumstances.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::generate;
use super::support::bodies;
use super::support::case::Case;

/// Messages that one run of `check` can judge, since all but the message is the same.
pub struct Batch {
    /// Lines of a configuration.
    pub config: String,
    /// Options of `check`.
    pub options: Vec<String>,
    /// A master file, or none: then DNS is left alone.
    pub zone: Option<String>,
    /// Files, and folders of files.
    pub paths: Vec<PathBuf>,
    /// The folders that are left out where a file is shown, and what stands there instead.
    pub shown: Vec<(PathBuf, &'static str)>,
    /// What went into generated messages, by file.
    pub labels: BTreeMap<PathBuf, String>,
}

impl Batch {
    fn new(shown: &[(&Path, &'static str)]) -> Self {
        let shown = shown
            .iter()
            .map(|(folder, instead)| ((*folder).to_owned(), *instead));
        Self {
            config: String::new(),
            options: Vec::new(),
            zone: None,
            paths: Vec::new(),
            shown: shown.collect(),
            labels: BTreeMap::new(),
        }
    }

    /// The name by which a file goes in the report.
    pub fn name(&self, file: &str) -> String {
        let within = |(folder, instead): &(PathBuf, &str)| {
            let rest = Path::new(file).strip_prefix(folder).ok()?;
            Some(format!("{instead}{}", rest.display()))
        };
        self.shown
            .iter()
            .find_map(within)
            .unwrap_or_else(|| file.to_owned())
    }
}

/// As the corpus is judged by its test: servers that don't answer are slow on purpose.
const IMPATIENT: &str = "[dns]\ntimeout = \"300ms\"\ndeadline = \"2s\"\n";
/// A machine under load is no reason for another result.
const PATIENT: &str = "[dns]\ntimeout = \"10s\"\ndeadline = \"30s\"\n";

/// The cases of a folder (`.case` and `.bodies`), written out as messages into `work`.
pub fn cases(folder: &Path, work: &Path) -> Result<Vec<Batch>, String> {
    let mut batches = Vec::new();
    fs::create_dir_all(work).map_err(|error| told(work, &error))?;
    for file in files(folder)? {
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("case") => {
                let case =
                    Case::parse(&read(&file)?).map_err(|error| format!("{name}: {error}"))?;
                let message = work.join(&name);
                write(&message, &case.message)?;
                batches.push(of_case(&case, message, work));
            }
            Some("bodies") => batches.extend(of_bodies(&read(&file)?, &name, work)?),
            _ => {}
        }
    }
    Ok(batches)
}

fn of_case(case: &Case, message: PathBuf, work: &Path) -> Batch {
    // `check` knows no client name and no login; a message is judged without them.
    let known = [
        ("client-ip", "--client-ip"),
        ("helo", "--helo"),
        ("mail-from", "--mail-from"),
        ("rcpt", "--rcpt"),
    ];
    let options = known
        .iter()
        .filter_map(|(name, option)| Some([(*option).to_owned(), case.envelope(name)?.to_owned()]));
    Batch {
        config: format!("{}{IMPATIENT}", case.config),
        options: options.flatten().collect(),
        zone: Some(case.zone.clone()),
        paths: vec![message],
        ..Batch::new(&[(work, "corpus/")])
    }
}

/// One batch for each configuration of the file.
fn of_bodies(text: &str, name: &str, work: &Path) -> Result<Vec<Batch>, String> {
    let mut batches: BTreeMap<String, Batch> = BTreeMap::new();
    for (number, (config, body)) in bodies::read(text).into_iter().enumerate() {
        let file = work.join(format!("{name}-{number:03}"));
        write(&file, body.message.as_bytes())?;
        let batch = batches.entry(config.clone()).or_insert_with(|| Batch {
            config,
            ..Batch::new(&[(work, "corpus/")])
        });
        batch.paths.push(file);
    }
    Ok(batches.into_values().collect())
}

/// `count` generated messages, a batch for each sender.
pub fn generated(seed: u64, count: u64, work: &Path) -> Result<Vec<Batch>, String> {
    let zone = generate::zone();
    let begin = |(number, sender): (usize, &generate::Sender)| Batch {
        config: PATIENT.to_owned(),
        options: sender
            .options
            .iter()
            .map(|option| (*option).to_owned())
            .collect(),
        zone: Some(zone.clone()),
        paths: vec![work.join(number.to_string())],
        ..Batch::new(&[(&work.join(number.to_string()), "generated/")])
    };
    let mut batches: Vec<Batch> = generate::senders().iter().enumerate().map(begin).collect();
    for batch in &batches {
        fs::create_dir_all(&batch.paths[0]).map_err(|error| told(work, &error))?;
    }
    for number in 0..count {
        let generated = generate::message(seed, number);
        let batch = &mut batches[generated.sender];
        let file = batch.paths[0].join(format!("{number:06}"));
        write(&file, &generated.message)?;
        batch.labels.insert(file, generated.labels);
    }
    Ok(batches)
}

/// What stands on the command line: a list of messages with options, a folder of cases, or mail in any
/// form that `check` reads.
pub fn given(path: &Path, work: &Path) -> Result<Vec<Batch>, String> {
    let is_case = |file: &PathBuf| {
        file.extension()
            .is_some_and(|extension| extension == "case")
    };
    if path.extension().is_some_and(|extension| extension == "tsv") {
        return list(path, work);
    }
    if path.is_dir() && files(path)?.iter().any(is_case) {
        return cases(path, work);
    }
    if !path.exists() {
        return Err(format!("{}: not there", path.display()));
    }
    Ok(vec![Batch {
        paths: vec![path.to_owned()],
        ..Batch::new(&[])
    }])
}

/// A list with a message a line: `PATH<TAB>OPTIONS`, where further columns are not read. The options are
/// those of `check`, parted by blanks, and `--zone FILE` with the records that DNS answers. Paths are
/// relative to the list. `FILE.py#NAME` is what `python3 FILE.py NAME` writes.
fn list(file: &Path, work: &Path) -> Result<Vec<Batch>, String> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut batches: BTreeMap<String, Batch> = BTreeMap::new();
    fs::create_dir_all(work).map_err(|error| told(work, &error))?;
    let text = read(file)?;
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    for (number, line) in lines.enumerate() {
        let mut columns = line.split('\t');
        let (path, options) = (
            columns.next().unwrap_or_default(),
            columns.next().unwrap_or_default(),
        );
        let message = match path.split_once('#') {
            Some((script, name)) => {
                let made = work.join(format!("{number}-{name}"));
                write(&made, &output_of(&folder.join(script), name)?)?;
                made
            }
            None => folder.join(path),
        };
        let new = || begun(options, folder, work);
        let batch = match batches.get_mut(options) {
            Some(batch) => batch,
            None => batches.entry(options.to_owned()).or_insert(new()?),
        };
        batch.paths.push(message);
    }
    Ok(batches.into_values().collect())
}

fn begun(options: &str, folder: &Path, work: &Path) -> Result<Batch, String> {
    let mut batch = Batch::new(&[(work, "made/"), (folder, "")]);
    let mut words = options.split_whitespace();
    let mut config = String::new();
    while let Some(word) = words.next() {
        let mut file = || read(&folder.join(words.next().unwrap_or_default()));
        match word {
            "--zone" => batch.zone = Some(file()?),
            "--config" => config = file()?,
            _ => batch
                .options
                .push(word.trim_matches(['\'', '"']).to_owned()),
        }
    }
    batch.config = config;
    Ok(batch)
}

fn output_of(script: &Path, name: &str) -> Result<Vec<u8>, String> {
    let output = Command::new("python3").arg(script).arg(name).output();
    let output = output.map_err(|error| told(script, &error))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(format!(
            "{} {name}: {}",
            script.display(),
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| told(folder, &error))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| told(file, &error))
}

fn write(file: &Path, octets: &[u8]) -> Result<(), String> {
    fs::write(file, octets).map_err(|error| told(file, &error))
}

fn told(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}
