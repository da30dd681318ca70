//! What is told of a link. Where links lead is in `tests/corpus/content-links.bodies`.

use super::{html, weak};

#[test]
fn details_say_what_was_seen() {
    let content = weak(&html("<a href='https://evil.example/x'>www.amazon.de</a>"));
    let detail = content
        .own
        .findings
        .first()
        .expect("a finding has a detail");
    assert_eq!(detail.seen, "www.amazon.de -> evil.example");
    assert!(detail.deceives());
}
