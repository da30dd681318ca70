//! The package on a fresh system with a booted systemd and a Postfix of the distribution's, and every
//! command of the documents on such a system.
//!
//! The system is one of its own: `tests/fresh-tree.sh` makes it, `tests/boot-tree.sh` boots it in
//! namespaces. That needs root and a kernel that allows namespaces. Where it can't be, these tests
//! fail; `WITHOUT_SYSTEMD=1` leaves them out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

#[path = "installation/ansible.rs"]
mod ansible;
#[path = "attachments/whole.rs"]
mod attachments;
#[path = "installation/documents.rs"]
mod documents;
#[path = "installation/machine.rs"]
mod machine;
#[path = "installation/package.rs"]
mod package;
