//! What came: octets become what a reader sees here, once, and nobody after it decodes, splits or
//! parses them again.
//!
//! Knows no brand. In: the envelope, the header fields and the body as the MTA passed them. Out: typed
//! fields, every author that a mail client could show, the parts of the body, and of each the text that
//! is seen. Each reader names its own bound.

pub mod body;
pub mod decode;
pub mod domain;
pub mod file;
pub(crate) mod lines;
pub mod list_id;
pub mod mailbox;
pub mod message;
pub(crate) mod mime;
pub(crate) mod quoted_reply;
pub mod received;
pub(crate) mod shown_address;
mod subject;
pub(crate) mod tag_list;
pub mod text;
pub(crate) mod url;
pub(crate) mod visible_text;
