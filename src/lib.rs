//! A Postfix milter that asks who a message says it is from, and whether that is true.
//!
//! # The map
//!
//! One idea: a message comes in, one value ([`decision::report::Report`]) comes out, and everything
//! anyone sees is a rendering of that value: the milter reply, the header edits, the log line, the
//! metrics, the output of `check`. A synchronous core decides; an asynchronous shell fetches and
//! delivers.
//!
//! - [`decision`] is the core: no I/O, no clock, no log. It knows claims, evidence, verdicts,
//!   policies, and the words for all of them.
//! - [`verify`] is the way of one message in a few lines.
//! - [`authenticate`] asks DNS, through [`dns`], and lets signatures be checked.
//! - [`session`] is one milter connection as a state machine, [`milter`] its callbacks, [`server`]
//!   the program around its connections.
//! - [`check`] judges files, [`domains`] shows the official list, [`cli`] names the commands.
//! - [`metrics`], [`log`], [`history`] and [`http`] tell what happened.
//!
//! # The way of one message
//!
//! 1. [`server`] accepts a connection; it keeps the configuration of this moment to its end.
//! 2. Each callback of [`milter`] feeds [`session`], which holds the limits.
//! 3. At the end of the header [`decision::claim`] says by which fields the message presents itself
//!    as the brand. Without a claim it is accepted there, and DNS is asked nothing.
//! 4. A claim starts the lookups of [`authenticate`] while the body is still on its way.
//! 5. At the end of the message [`decision::verdict`] joins claims and evidence,
//!    [`decision::policy`] chooses the action, and the two make the report.
//! 6. [`milter`] applies its edits and its reply; [`log`] and [`metrics`] record the same report.

pub mod authenticate;
pub mod check;
pub mod cli;
pub mod config;
pub mod decision;
pub mod dns;
pub mod domains;
pub mod history;
pub mod http;
pub mod log;
pub mod mail;
pub mod metrics;
pub mod milter;
pub mod server;
pub mod session;
pub mod shared;
pub mod verify;
