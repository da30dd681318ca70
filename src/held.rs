//! `held`: mail that this filter put on hold in Postfix' queue. It is listed, shown, released, deleted and
//! reported by mail.
//!
//! In: what `postqueue -j` says of the hold queue, and of each message there the header that `postcat` shows.
//! Out: text, and `postsuper` for the messages that somebody names. Root starts it, since only root may
//! release mail; what reads mail runs as the owner of the queue.
//!
//! Two things are held here. Only a message that bears our own verdict with `action=quarantine` above its
//! first Received field is ours ([`message`]): what another filter holds is left alone. And Postfix uses
//! queue ids again, so a message is named by queue id and time of arrival ([`id`]), and both are compared
//! with its file right before it is released or deleted ([`act`]).

mod act;
mod age;
mod digest;
mod id;
mod list;
mod message;
mod postfix;
mod queue;
mod show;

pub use age::{Age, WrongAge};
pub use digest::{Recipient, WrongRecipient};
pub use id::{HeldId, WrongId};

use postfix::Postfix;
use std::{
    fmt,
    io::{self, Write},
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

/// What is to be done.
#[derive(Clone, Debug)]
pub enum Command {
    /// Print each message that is held.
    List(Format),
    /// Print one of them.
    Show(HeldId),
    /// Let these go on to their recipients.
    Release(Chosen),
    /// Remove these.
    Delete(Chosen),
    /// Send a list by mail.
    Digest(Option<Recipient>),
}

/// How a list is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a message and line.
    Json,
}

/// Which messages something is done with.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// Those that are named.
    Named(Vec<HeldId>),
    /// All that are held as long as the options say.
    Old,
}

/// What `held` is told.
#[derive(Clone, Debug)]
pub struct HeldOptions {
    /// What is to be done.
    pub command: Command,
    /// Only messages that arrived so long ago.
    pub older_than: Option<Age>,
    /// Postfix' configuration folder, if not the usual one.
    pub postfix_config: Option<PathBuf>,
}

/// Why nothing, or not all, was done.
#[derive(Debug)]
pub enum HeldError {
    /// Somebody else than root started it.
    NotRoot,
    /// A program of Postfix' can't be used, or says that something failed.
    Postfix(String),
    /// The result can't be written.
    Output(io::Error),
}

impl fmt::Display for HeldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRoot => f.write_str("only root may see and release what Postfix holds"),
            Self::Postfix(error) => f.write_str(error),
            Self::Output(error) => write!(f, "{error}"),
        }
    }
}

impl From<io::Error> for HeldError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Does what the options say. Returns whether all of it could be done; what could not is named on standard
/// error.
///
/// # Errors
///
/// [`HeldError`], where nothing could be done.
pub fn run(options: &HeldOptions) -> Result<bool, HeldError> {
    if !rustix::process::geteuid().is_root() {
        return Err(HeldError::NotRoot);
    }
    let postfix = Postfix::find(options.postfix_config.as_deref())?;
    let now = now();
    let older_than = options.older_than;
    match &options.command {
        Command::List(format) => {
            let held = queue::held(&postfix, older_than, now)?;
            list::print(&held, *format, now)?;
            Ok(held.is_whole())
        }
        Command::Show(id) => act::on_one(&postfix, id, |found| show::print(&postfix, found, now)),
        Command::Release(Chosen::Named(ids)) => act::release(&postfix, ids, now),
        Command::Delete(Chosen::Named(ids)) => act::delete(&postfix, ids),
        Command::Release(Chosen::Old) => {
            let held = queue::held(&postfix, older_than, now)?;
            Ok(act::release(&postfix, &held.ids(), now)? && held.is_whole())
        }
        Command::Delete(Chosen::Old) => {
            let held = queue::held(&postfix, older_than, now)?;
            Ok(act::delete(&postfix, &held.ids())? && held.is_whole())
        }
        Command::Digest(to) => {
            let held = queue::held(&postfix, older_than, now)?;
            digest::send(&postfix, &held, to.as_ref(), now)?;
            Ok(held.is_whole())
        }
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Says on standard error what an operator should know. Nobody who reads it is no fault.
fn warn(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}: {text}", env!("CARGO_PKG_NAME"));
}
