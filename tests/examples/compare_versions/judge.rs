//! Runs both programs over batches of messages and puts their answers side by side.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use super::difference;
use super::inputs::Batch;
use super::support::dns::{ZoneServer, parse};

/// Both programs, and where configurations are written.
pub struct Programs {
    pub old: PathBuf,
    pub new: PathBuf,
    pub work: PathBuf,
}

/// A difference between the two over one message.
pub struct Differing {
    pub name: String,
    /// Where the message lies.
    pub file: String,
    /// How the configuration was changed.
    pub setting: &'static str,
    pub kind: String,
    /// What went into a generated message.
    pub labels: String,
    /// The keys that differ.
    pub old: Value,
    pub new: Value,
}

/// What came of all batches.
#[derive(Default)]
pub struct Judged {
    pub equal: usize,
    pub differing: Vec<Differing>,
    /// In how many answers the new one has a key that the old one lacks.
    pub added: BTreeMap<String, usize>,
    /// Names of messages that differed at first, and not or otherwise when they were judged again.
    pub unsteady: Vec<String>,
}

/// How each configuration is used: as it is written, and so that more of the program has a say.
const SETTINGS: [&str; 2] = ["as written", "enforce, every body"];

/// Messages that are named on one command line.
const AT_ONCE: usize = 500;

/// Batches that are judged side by side; most of the time of a small one is waiting.
const WORKERS: usize = 4;

impl Programs {
    /// Judges all batches in each setting with both programs.
    pub fn judge(&self, batches: &[Batch]) -> Result<Judged, String> {
        let jobs: Vec<(&Batch, &'static str)> = batches
            .iter()
            .flat_map(|batch| SETTINGS.map(|setting| (batch, setting)))
            .collect();
        let next = AtomicUsize::new(0);
        let all = Mutex::new(Ok(Judged::default()));
        let work = || {
            while let Some((number, (batch, setting))) = taken(&jobs, &next) {
                let judged = self.batch(batch, setting, number);
                let mut all = all.lock().expect("the results");
                match (&mut *all, judged) {
                    (Ok(all), Ok(judged)) => {
                        all.equal += judged.equal;
                        all.differing.extend(judged.differing);
                        all.unsteady.extend(judged.unsteady);
                        for (key, count) in judged.added {
                            *all.added.entry(key).or_default() += count;
                        }
                    }
                    (Ok(_), Err(error)) => *all = Err(error),
                    (Err(_), _) => {}
                }
            }
        };
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(work);
            }
        });
        all.into_inner().expect("the results")
    }

    fn batch(&self, batch: &Batch, setting: &'static str, number: usize) -> Result<Judged, String> {
        let config = self.work.join(format!("config-{number}.toml"));
        let text = with_setting(&batch.config, setting)?;
        fs::write(&config, text).map_err(|error| format!("{}: {error}", config.display()))?;
        let dns = batch.zone.as_deref().map(serve).transpose()?;
        let run = Run {
            programs: self,
            config: &config,
            dns: dns.as_ref().map(|dns| dns.addr),
            options: &batch.options,
        };
        let mut judged = Judged::default();
        let mut differing = Vec::new();
        for pair in run.both(&batch.paths)? {
            for key in difference::added(&pair.old, &pair.new) {
                *judged.added.entry(key).or_default() += 1;
            }
            match difference::kind(&pair.old, &pair.new) {
                Some(kind) => differing.push((pair, kind)),
                None => judged.equal += 1,
            }
        }
        let again = run.again(&differing)?;
        for (pair, kind) in differing {
            let name = batch.name(&pair.file);
            if again
                .get(&pair.file)
                .is_some_and(|again| *again != Some(kind.clone()))
            {
                judged.unsteady.push(name);
                continue;
            }
            let keys = difference::differing(&pair.old, &pair.new);
            let only = |value: &Value| {
                keys.iter()
                    .map(|key| (key.clone(), value[key].clone()))
                    .collect()
            };
            judged.differing.push(Differing {
                name,
                setting,
                kind,
                labels: batch
                    .labels
                    .get(Path::new(&pair.file))
                    .cloned()
                    .unwrap_or_default(),
                old: Value::Object(only(&pair.old)),
                new: Value::Object(only(&pair.new)),
                file: pair.file,
            });
        }
        Ok(judged)
    }
}

fn taken<T: Copy>(jobs: &[T], next: &AtomicUsize) -> Option<(usize, T)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    jobs.get(number).map(|job| (number, *job))
}

fn serve(zone: &str) -> Result<ZoneServer, String> {
    let zone = parse(zone).map_err(|error| format!("zone: {error}"))?;
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    ZoneServer::start_at(any, zone).map_err(|error| format!("DNS server: {error}"))
}

/// The configuration in a setting. What a case is about stays.
fn with_setting(config: &str, setting: &str) -> Result<String, String> {
    if setting == SETTINGS[0] {
        return Ok(config.to_owned());
    }
    let mut table: toml::Table =
        toml::from_str(config).map_err(|error| format!("{error}\n{config}"))?;
    let mut set = |section: &str, key: &str, value: &str, always: bool| {
        let section = table
            .entry(section)
            .or_insert_with(|| toml::Table::new().into());
        if let Some(section) = section.as_table_mut()
            && (always || !section.contains_key(key))
        {
            section.insert(key.to_owned(), value.into());
        }
    };
    set("policy", "preset", "enforce", false);
    set("inspect", "body", "all", true);
    toml::to_string(&table).map_err(|error| error.to_string())
}

/// One message as each program judged it.
struct Pair {
    file: String,
    old: Value,
    new: Value,
}

/// What is the same for both programs.
struct Run<'a> {
    programs: &'a Programs,
    config: &'a Path,
    dns: Option<SocketAddr>,
    options: &'a [String],
}

impl Run<'_> {
    fn both(&self, paths: &[PathBuf]) -> Result<Vec<Pair>, String> {
        let mut pairs = Vec::new();
        for paths in paths.chunks(AT_ONCE) {
            let old = self.check(&self.programs.old, paths)?;
            let new = self.check(&self.programs.new, paths)?;
            pairs.extend(paired(paths, old, new));
        }
        Ok(pairs)
    }

    /// The kinds of difference when the same files are judged once more; those of a mailbox, which has
    /// many in a file, are not.
    fn again(
        &self,
        differing: &[(Pair, String)],
    ) -> Result<BTreeMap<String, Option<String>>, String> {
        let files = differing.iter().map(|(pair, _)| PathBuf::from(&pair.file));
        let files: Vec<PathBuf> = files.filter(|file| file.is_file()).collect();
        let pairs = self.both(&files)?.into_iter();
        Ok(pairs
            .map(|pair| (pair.file, difference::kind(&pair.old, &pair.new)))
            .collect())
    }

    /// The object of each message, or what the program said in their place.
    fn check(&self, program: &Path, paths: &[PathBuf]) -> Result<Answers, String> {
        let mut command = Command::new(program);
        command
            .args(["check", "--format", "json", "--config"])
            .arg(self.config);
        match self.dns {
            Some(addr) => command.arg("--dns").arg(addr.to_string()),
            None => command.arg("--offline"),
        };
        command
            .args(self.options)
            .arg("--")
            .args(paths)
            .stdin(Stdio::null());
        let output = command
            .output()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let objects: Option<Vec<(String, Value)>> = text
            .lines()
            .map(|line| {
                let object: Value = serde_json::from_str(line).ok()?;
                Some((object["file"].as_str()?.to_owned(), object))
            })
            .collect();
        // An exit status of 2 comes with messages that can't be read, too; these have their line.
        Ok(match (output.status.code(), objects) {
            (Some(0..=2), Some(objects)) if !objects.is_empty() => Ok(objects),
            (Some(0..=1), Some(_)) => Ok(Vec::new()),
            (code, _) => {
                let complaint = String::from_utf8_lossy(&output.stderr);
                let complaint: Vec<&str> = complaint.split_whitespace().collect();
                Err(match code {
                    Some(_) => complaint.join(" "),
                    None => format!("ended by {}: {}", output.status, complaint.join(" ")),
                })
            }
        })
    }
}

/// Files and their objects in the order in which they were shown, or a complaint about all.
type Answers = Result<Vec<(String, Value)>, String>;

/// Where a program couldn't judge, what it said stands in the place of each answer.
fn paired(paths: &[PathBuf], old: Answers, new: Answers) -> Vec<Pair> {
    let named = |side: &str, complaint: &str| json!({ "error": format!("({side}) {complaint}") });
    let absent = |side: &str| named(side, "this message is missing");
    let complaint = |answers: &Answers, side: &str| match answers {
        Ok(_) => absent(side),
        Err(complaint) => named(side, complaint),
    };
    let (no_old, no_new) = (complaint(&old, "old"), complaint(&new, "new"));
    if let (Err(_), Err(_)) = (&old, &new) {
        let pair = |path: &PathBuf| Pair {
            file: path.display().to_string(),
            old: no_old.clone(),
            new: no_new.clone(),
        };
        return paths.iter().map(pair).collect();
    }
    let mut left: BTreeMap<String, Value> = old.unwrap_or_default().into_iter().collect();
    let mut pairs: Vec<Pair> = Vec::new();
    for (file, new) in new.unwrap_or_default() {
        let old = left.remove(&file).unwrap_or_else(|| no_old.clone());
        pairs.push(Pair { file, old, new });
    }
    pairs.extend(left.into_iter().map(|(file, old)| Pair {
        file,
        old,
        new: no_new.clone(),
    }));
    pairs
}
