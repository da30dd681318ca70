//! What bodies ask for and where their links lead: `content::inspect` on whole messages.
//!
//! The messages are invented. Every expectation is a literal. What texts and pages come to is in
//! `tests/corpus/content-*.bodies`.

#![allow(clippy::expect_used)]

use amazon_spoof_milter::{
    brand::{Brand, Strength},
    mail::message::Message,
    wants::{Bounds, Content, inspect},
};

#[path = "content/bounds.rs"]
mod bounds;
#[path = "content/innocent.rs"]
mod innocent;
#[path = "content/links.rs"]
mod links;
#[path = "content/reading.rs"]
mod reading;

const BOUNDS: Bounds = Bounds {
    unclaimed: 60 << 10,
    max_body: 1 << 20,
};

/// Reads `raw` as a message of which only the body or the subject may say whose it is.
fn weak(raw: &str) -> Content {
    let message = Message::parse(raw.as_bytes()).expect("the case is a message");
    inspect(&message, Brand::embedded(), Some(Strength::Weak), BOUNDS)
}

/// Reads `raw` as a message whose From says that it is the brand's.
fn strong(raw: &str) -> Content {
    let message = Message::parse(raw.as_bytes()).expect("the case is a message");
    inspect(&message, Brand::embedded(), Some(Strength::Strong), BOUNDS)
}

fn words(content: &Content) -> String {
    let words: Vec<&str> = content
        .own
        .reasons()
        .iter()
        .map(|reason| reason.word())
        .collect();
    words.join(" ")
}

/// A message with a page as its body.
fn html(body: &str) -> String {
    format!(
        "From: news@sender.example\nSubject: Your account\nMIME-Version: 1.0\n\
         Content-Type: text/html; charset=utf-8\n\n<html><body>{body}</body></html>\n"
    )
}
