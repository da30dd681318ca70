//! The core: who does this message say it is, what is proved, what follows.
//!
//! Everything here is synchronous and total, without I/O, clock or log: the same message and the
//! same evidence give the same [`report`].

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

pub mod domain;
pub mod message;
