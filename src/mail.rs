//! A message as a reader sees it: octets in, text out. Knows no brand, no DNS and no verdict.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

pub mod decode;
