//! What tests with a mail server take of the files.

#![allow(dead_code, clippy::cast_possible_truncation)]

#[path = "build.rs"]
pub(crate) mod build;
#[path = "mail.rs"]
pub(crate) mod mail;
