//! What is wrong with a configuration, and what was probably meant.

use std::fmt;

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, where there are several; else empty.
    pub file: String,
    /// The line in the file, counted from 1; 0 where the fault is in no line.
    pub line: usize,
    /// The key, as `milter.listen`; empty where there is none.
    pub key: String,
    /// What is wrong.
    pub reason: String,
    /// What would be right; empty where that goes without saying.
    pub allowed: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(f, "{}: ", self.file)?;
        }
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        // A parser's message has several lines.
        f.write_str(&self.reason.replace('\n', " "))?;
        if !self.allowed.is_empty() {
            write!(f, "; allowed is {}", self.allowed)?;
        }
        Ok(())
    }
}

/// The known word that a mistyped one resembles most, if any does.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // The distance takes the product of the lengths.
    if word.len() > 100 {
        return None;
    }
    known
        .map(|candidate| (strsim::levenshtein(word, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance * 3 <= candidate.len())
        .map(|(_, candidate)| candidate)
}
