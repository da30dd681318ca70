//! A Postfix milter that asks who a message says it is from, and whether that is true.
//!
//! # The map
//!
//! One idea: a message comes in, one value ([`report::Report`]) comes out, and everything anyone sees
//! is a rendering of that value: the milter reply, the header edits, the log line, the metrics, the
//! output of `check`. A synchronous core decides; an asynchronous shell fetches and delivers.
//!
//! The core has no I/O, no clock and no log: the same message and the same proof give the same report.
//!
//! - [`mail`] reads what came, once: fields, authors, parts, visible text. It knows no brand.
//! - [`brand`] is data and two questions about it: where a text names the brand ([`brand::name`]), and
//!   what a host is to it ([`brand::host`]).
//! - [`claim`] finds every way in which a message presents itself as the brand.
//! - [`wants`] finds what the text wants from its reader.
//! - [`proof`] is what DNS and signatures prove, as plain data.
//! - [`verdict`] decides over all of these, and chooses the action.
//! - [`report`] renders the outcome; [`reason`] has the words for it.
//!
//! The shell:
//!
//! - [`verify`] is the way of one message in a few lines.
//! - [`authenticate`] asks DNS, through [`dns`], and lets signatures be checked.
//! - [`attachments`] opens files, in a process of its own.
//! - [`session`] is one milter connection as a state machine, [`milter`] its callbacks, [`server`]
//!   the program around its connections.
//! - [`check`] judges files, [`held`] releases what is on hold, [`domains`] shows the official list, [`cli`]
//!   names the commands.
//! - [`metrics`], [`log`], [`history`] and [`http`] report what happened; [`fleet`] shares it with other instances;
//!   [`clock`] tells the date; [`runtime`] is what some of them run in.
//!
//! `docs/ARCHITECTURE.md` has the way of one message, the glossary, and what holds always.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

pub mod attachments;
pub mod authenticate;
pub mod brand;
pub mod check;
pub mod claim;
pub mod cli;
pub mod clock;
pub mod config;
pub mod dns;
pub mod domains;
pub mod fleet;
pub mod held;
pub mod history;
pub mod html;
pub mod http;
pub mod log;
pub mod mail;
pub mod metrics;
pub mod milter;
pub mod proof;
pub mod reason;
pub mod report;
pub mod runtime;
pub mod server;
pub mod session;
pub mod shared;
pub mod verdict;
pub mod verify;
pub mod wants;
