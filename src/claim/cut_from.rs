//! A From that was not read whole.
//!
//! Catches: the brand behind more blanks, comments or addresses than are read as a mailbox; a mail client
//! may show what stands there and nothing of the rest. Must not hurt: nobody writes so much into a From.
//! Strength: strong, as in a From that can't be read. Costs an attacker: nothing is to be had.

use crate::{
    brand::{Brand, Strength, name::mention},
    claim::Claims,
    mail::{message::Message, text::confusables::is_invisible},
    reason::Reason,
};

/// Octets that are looked at together. A little of one is looked at again with the next, so that no
/// name is cut.
const WINDOW: usize = 4096;
const AGAIN: usize = 256;
/// Octets of the field that are looked at closely, where something in them spells the brand. Behind so
/// much of it the brand is meant.
const MAX_CLOSE: usize = 64 * 1024;

/// Claims the brand where it stands anywhere in a From that is longer than what is read of it.
pub(crate) fn claim(claims: &mut Claims, message: &Message, brand: &Brand) {
    let mut room = MAX_CLOSE;
    for text in message.from_texts() {
        let seen = without_gaps(&text);
        if let Some(name) = windows(&seen).find_map(|window| named_in(brand, window, &mut room)) {
            claims.add(Reason::MalformedFrom, Strength::Strong, name);
            return;
        }
    }
}

/// The brand's name where a stretch says it.
fn named_in(brand: &Brand, window: &str, room: &mut usize) -> Option<String> {
    if !brand.may_be_named_in(window) {
        return None;
    }
    *room = room.saturating_sub(window.len());
    if *room == 0 {
        return Some(brand.name().to_owned());
    }
    let found = mention(brand, window)?;
    (found.strength == Strength::Strong).then_some(found.name)
}

/// The text without what nobody sees, and with one blank for many.
fn without_gaps(text: &str) -> String {
    let mut seen = String::new();
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        match c.is_whitespace() {
            true if seen.ends_with(' ') => {}
            true => seen.push(' '),
            false => seen.push(c),
        }
    }
    seen
}

fn windows(text: &str) -> impl Iterator<Item = &str> {
    let starts = (0..text.len()).step_by(WINDOW - AGAIN);
    starts.filter_map(|start| {
        let end = text.floor_char_boundary(start + WINDOW);
        text.get(text.floor_char_boundary(start)..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{brand::sample::contoso, mail::mailbox::authors};

    fn claimed(from: &str) -> bool {
        let text = format!("From: {from}\r\nSubject: Hello\r\n\r\nHello.\r\n");
        let message = Message::parse(text.as_bytes()).unwrap();
        assert!(authors(&message.headers, "From").cut);
        let mut claims = Claims::default();
        claim(&mut claims, &message, &contoso());
        claims.any_strong()
    }

    #[test]
    fn the_brand_is_found_wherever_it_stands() {
        let blanks = " ".repeat(40_000);
        let comment = format!("({})", "x".repeat(40_000));
        let unseen = "\u{200B}".repeat(12_000);
        for pad in [&blanks, &comment, &unseen] {
            for name in ["Contoso", "account@contoso.com", "C0nt0so Team"] {
                assert!(
                    claimed(&format!("{pad}{name}{pad}<x@other.example>")),
                    "{name}"
                );
            }
            assert!(!claimed(&format!("{pad}Scanner{pad}<x@other.example>")));
        }
        // Across the end of what is looked at together.
        for shift in 0..12 {
            let pad = "y".repeat(WINDOW - shift);
            assert!(claimed(&format!(
                "({pad} Contoso {comment}{comment})<x@other.example>"
            )));
        }
    }
}
