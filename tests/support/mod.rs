//! What the tests, the examples and the demonstration share: a DNS server, DKIM signatures, a
//! private Postfix, an SMTP client. Everything listens on loopback, on a port of its own, and ends
//! when its value is dropped.
//!
//! A test takes it with `mod support;`, an example with `#[path = "../support/mod.rs"] mod support;`.

// Every test is a crate of its own and uses a part of this tree; the rest is not dead.
#![allow(dead_code, unused_imports, unreachable_pub)]
// A failure in a harness must stop the test that uses it: here a panic is the report.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

pub mod balancer;
pub mod bodies;
pub mod browser;
pub mod case;
pub mod content_filter;
pub mod dns;
pub mod hand_in;
pub mod http;
pub mod lmtp;
pub mod milter;
pub mod peers;
pub mod postfix;
pub mod prometheus;
pub mod resolver;
pub mod root;
pub mod samples;
pub mod sign;
pub mod smtp;
pub mod store;
pub mod table;
pub mod unpacked;
mod watchdog;
pub mod wire;
