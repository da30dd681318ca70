//! How far a run is, on standard error where that is a terminal and there is more than one message.

use super::source;
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

/// A bar over the octets that are read: how many messages they hold is known at their end only.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    /// What the bar is to run over; `None` where nobody looks.
    total: Option<Total>,
    messages: u64,
    octets: u64,
}

enum Total {
    Octets(u64),
    /// Standard input.
    Unknown,
}

impl Progress {
    pub(super) fn new(paths: &[PathBuf]) -> Self {
        let total = io::stderr().is_terminal().then(|| {
            match paths.iter().any(|path| path == Path::new("-")) {
                true => Total::Unknown,
                false => Total::Octets(source::octets(paths)),
            }
        });
        Self {
            bar: None,
            total,
            messages: 0,
            octets: 0,
        }
    }

    /// A message of so many octets is done.
    pub(super) fn advance(&mut self, octets: u64) {
        self.messages += 1;
        self.octets += octets;
        if self.messages == 2 {
            self.bar = self.total.as_ref().map(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.octets);
            bar.set_message(self.messages.to_string());
        }
    }

    /// Writes something else to the terminal.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Leaves no trace on the terminal.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: &Total) -> ProgressBar {
    let (bar, template) = match total {
        Total::Octets(octets) => (
            ProgressBar::new(*octets),
            "[{elapsed}] {bar:30} {percent}%, {msg} messages, {eta} left",
        ),
        Total::Unknown => (
            ProgressBar::new_spinner(),
            "[{elapsed}] {spinner} {msg} messages",
        ),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
