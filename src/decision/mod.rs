//! The core: who does this message say it is, what is proved, what follows.
//!
//! Everything here is synchronous and total, without I/O, clock or log: the same message and the
//! same evidence give the same [`report::Report`].

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

pub mod author;
pub mod authres;
pub mod body;
pub mod brand;
pub mod claim;
mod confusables;
pub mod content;
pub mod domain;
mod edit;
pub mod evidence;
mod explanation;
pub mod header_text;
mod lexicon;
pub mod list_id;
pub mod lookalike;
pub mod message;
mod paged;
pub mod policy;
pub mod printable;
pub mod reason;
pub mod received;
pub mod report;
pub mod skeleton;
pub(crate) mod tag_list;
pub mod trust;
pub mod verdict;
