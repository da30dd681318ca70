//! Where a text names the brand.

mod beside;
pub(crate) mod mention;
mod text;

pub use mention::{Mention, mention};
pub(crate) use mention::{Writing, strong_name};
