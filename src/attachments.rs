//! Files of a message, opened by a process of its own.
//!
//! Libraries that read PDFs, pictures and archives abort, loop or eat memory over some of what strangers
//! send, so none of them is called in the program itself: it starts itself anew for each message that claims
//! the brand and has files. That process ([`read_attachment`]) can read one pipe and write another, within a
//! second and 192 MiB; whatever becomes of it, the message goes on.
//!
//! Goes in: the files, decoded. Comes out: what they show, or why that is not known
//! ([`crate::mail::file`]). Bounds: `process` those of one message, `queue` how many are read at a time.

mod child;
mod formats;
mod jail;
mod process;
mod queue;
mod readers;
mod sheet;
mod wire;

pub use child::run as read_attachment;
pub use process::NoReader;
pub use readers::{Observer, Place, Readers};
