//! What is told of a link. Where links lead is in `tests/corpus/content-links.bodies`.

use super::{html, weak};
use amazon_spoof_milter::wants::deceives;

#[test]
fn details_say_what_was_seen() {
    let content = weak(&html("<a href='https://evil.example/x'>www.amazon.de</a>"));
    let detail = content.details.first().expect("a finding has a detail");
    assert_eq!(detail.seen, "www.amazon.de -> evil.example");
    assert!(content.findings.iter().any(|finding| deceives(*finding)));
}
