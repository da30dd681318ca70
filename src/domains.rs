//! `domains`: the official list, what a host is to it, and what DNS says about it today.

mod audit;
mod classify;
mod list;

pub use audit::{AuditFormat, AuditOptions, audit};
pub use classify::classify;
pub use list::list;
