//! Differences that are meant: a file with a line for each, `KIND<TAB>INPUTS<TAB>WHY`. `*` in the
//! first two stands for any text; lines that begin with `#` are comments.

use std::fs;
use std::path::Path;

/// One line of the file.
pub struct Accepted {
    kind: String,
    inputs: String,
    pub why: String,
}

impl Accepted {
    fn covers(&self, kind: &str, input: &str) -> bool {
        matches(&self.kind, kind) && matches(&self.inputs, input)
    }
}

/// All lines of a file. The error names the line that can't be read.
pub fn read(file: &Path) -> Result<Vec<Accepted>, String> {
    let shown = file.display();
    let text = fs::read_to_string(file).map_err(|error| format!("{shown}: {error}"))?;
    let mut accepted = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
        let [kind, inputs, why] = columns.as_slice() else {
            let number = number + 1;
            return Err(format!(
                "{shown}, line {number}: not KIND, INPUTS and WHY, parted by tabs"
            ));
        };
        if why.is_empty() {
            return Err(format!(
                "{shown}, line {}: the reason is missing",
                number + 1
            ));
        }
        accepted.push(Accepted {
            kind: (*kind).to_owned(),
            inputs: (*inputs).to_owned(),
            why: (*why).to_owned(),
        });
    }
    Ok(accepted)
}

/// The first line that covers a difference.
pub fn find<'a>(all: &'a [Accepted], kind: &str, input: &str) -> Option<&'a Accepted> {
    all.iter().find(|one| one.covers(kind, input))
}

/// Whether a text has the form of a pattern.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(begin) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let end = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match left.split_once(piece) {
            Some((_, after)) => left = after,
            None => return false,
        }
    }
    left.ends_with(end)
}
