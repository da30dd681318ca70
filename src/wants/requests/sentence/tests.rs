use super::*;
use crate::{mail::text::normalise::normal, wants::requests::read};

fn asked(text: &str) -> String {
    let asked = read(&normal(text)).asked;
    let mut words: Vec<String> = asked
        .iter()
        .map(|(category, _)| format!("{category:?}").to_lowercase())
        .collect();
    words.dedup();
    words.join(" ")
}

/// Compares all rows, so that one run says what is wrong with each.
fn check(rows: &[(&str, &str)]) {
    let wrong: Vec<String> = rows
        .iter()
        .map(|(text, expected)| (text, expected, asked(text)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(text, expected, found)| format!("{text}: {expected:?} wanted, {found:?} found"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn so_many_latin_letters_are_within_reach() {
    for (text, width, within) in [
        ("", 0, true),
        ("a", 0, false),
        ("abc", 3, true),
        ("abcd", 3, false),
        ("ééé", 3, true),
        ("éééé", 3, false),
        ("一", 3, true),
        ("一", 2, false),
        ("一a", 4, true),
        ("一a", 3, false),
        ("一一一", 9, true),
        ("一一一", 8, false),
    ] {
        assert_eq!(is_within(text, width), within, "{text} {width}");
    }
}

#[test]
fn what_is_asked_for_stands_near_what_asks() {
    let fill = |letters: usize| "x".repeat(letters);
    let near = |words: usize| format!("Please confirm {} card number", fill(words));
    check(&[
        ("Please confirm your password", "password"),
        (
            "Please confirm your card number and your passport",
            "payment identity",
        ),
        ("Your password must be confirmed", "password"),
        ("Please confirm; your password", ""),
        ("Please confirm.\n\nYour password", ""),
        ("Your password", ""),
        ("Please confirm", ""),
        // Words of two languages ask for nothing together, but where the thing is called so in any.
        ("Please confirm Kontonummer", ""),
        ("Bitte bestätigen Sie Ihre Kontonummer", "payment"),
        ("Bitte bestätigen Sie Ihre IBAN", "payment"),
        ("Please confirm your IBAN", "payment"),
        // The verb behind.
        ("Ihr Passwort bestätigen Sie bitte", "password"),
        ("Ihr Passwort, bestätigen Sie bitte", ""),
        ("Your password: it must be confirmed", ""),
        // What follows isn't asked for.
        ("Please confirm after your password", ""),
        ("Please confirm this which your password", ""),
        // By what way.
        ("Please confirm by credit card", ""),
        ("Please confirm by your credit card", ""),
        ("Please confirm by valid credit card", ""),
        ("Please confirm by Friday your credit card", "payment"),
        ("Please confirm by the end of your credit card", "payment"),
        ("By Friday please confirm your credit card", "payment"),
    ]);
    // A blank stands on both sides.
    for (letters, expected) in [(REACH - 2, "payment"), (REACH - 1, "")] {
        assert_eq!(asked(&near(letters)), expected, "{letters}");
    }
    let list = |letters: usize| {
        format!(
            "Please confirm the following: {} card number",
            fill(letters)
        )
    };
    for (letters, expected) in [
        (REACH, "payment"),
        (LIST_REACH - 20, "payment"),
        (LIST_REACH, ""),
    ] {
        assert_eq!(asked(&list(letters)), expected, "{letters}");
    }
    let behind = |letters: usize| format!("Your password {} must be confirmed", fill(letters));
    for (letters, expected) in [(REACH - 2, "password"), (REACH - 1, "")] {
        assert_eq!(asked(&behind(letters)), expected, "{letters}");
    }
    let last = |letters: usize| format!("Ihr Passwort {} bestätigen Sie", fill(letters));
    for (letters, expected) in [(REACH_BACK - 2, "password"), (REACH_BACK - 1, "")] {
        assert_eq!(asked(&last(letters)), expected, "{letters}");
    }
}

#[test]
fn a_clause_that_says_not_asks_for_nothing() {
    check(&[
        ("You need not confirm your password", ""),
        ("Without delay confirm your password", ""),
        ("Please confirm your password, not your name", "password"),
        ("Not today: please confirm your password", "password"),
        ("Please confirm your password (not now)", "password"),
        ("(Not now) please confirm your password", "password"),
        (
            "If you do not confirm your password, it is lost",
            "password",
        ),
        ("If it does not work confirm your password", "password"),
        ("Your password has not been confirmed", "password"),
        ("Your password could not be verified", "password"),
        ("No password must be confirmed", ""),
        ("No password has not been confirmed", ""),
        ("Never confirm your password", ""),
        ("Phishing: please confirm your password", ""),
        // "Never" of another language than the sentence's.
        ("Please confirm your password nie", "password"),
    ]);
}

#[test]
fn a_code_that_stands_there_is_not_asked_for() {
    check(&[
        ("Tell us your access code", "code"),
        ("Please enter the code", ""),
        ("Please enter the one time password", ""),
        ("Tell us the one time password", "code"),
        ("Tell us your access code 4711", ""),
        ("Tell us your access code: 4711", ""),
        ("Tell us your access code is 4711", ""),
        ("Tell us your access code was 4711", ""),
        ("Tell us your access code 471", ""),
        ("Tell us your access code 47", "code"),
        ("Tell us your access code is 47", "code"),
        ("Tell us your access code number 4711", "code"),
        ("Tell us your access code is not", ""),
        ("Tell us your access code A4711", "code"),
        ("Please confirm your PIN", "payment"),
        ("Please confirm your PIN 4711", ""),
        ("Please confirm your PIN: 4711", ""),
        ("Please confirm your PIN 47", "payment"),
        ("Please confirm your card number 4711", "payment"),
        ("Please confirm your password 4711", "password"),
    ]);
}

#[test]
fn what_is_said_of_calls_is_kept() {
    let said = |text: &str| {
        let found = read(&normal(text));
        (
            found.calls.len(),
            found.alarms.len(),
            found.team,
            found.will_call,
        )
    };
    for (text, expected) in [
        ("Our account health team will call you", (0, 0, true, true)),
        ("Our account health team writes", (0, 0, true, false)),
        ("Call us at once", (1, 0, false, false)),
        ("Do not call us at all", (0, 0, false, false)),
        ("Call us: not you", (1, 1, false, false)),
        ("You did not place this", (0, 1, false, false)),
        (
            "The mail said \"you did not place this\" to me",
            (0, 0, false, false),
        ),
        (
            "Mail said \"you did not place this\" to me",
            (0, 1, false, false),
        ),
        (
            "The mail said \"you did not place this to me",
            (0, 1, false, false),
        ),
        (
            "The mail said \"so\" and you did not place \"this\"",
            (0, 1, false, false),
        ),
        (
            "The mail said \"so\" and \"you did not place this\"",
            (0, 0, false, false),
        ),
        (
            "The mail said \"you did not place this, call us\"",
            (1, 1, false, false),
        ),
        (
            "The mail said \"you did not place this\", call us",
            (1, 0, false, false),
        ),
    ] {
        let found = said(text);
        assert_eq!(
            (found.0.min(1), found.1.min(1), found.2, found.3),
            expected,
            "{text}"
        );
    }
}

#[test]
fn so_much_is_kept() {
    let asked = read(&"please confirm your password. ".repeat(MAX_ASKED + 1)).asked;
    assert_eq!(asked.len(), MAX_ASKED);
    let asked = read(&"please confirm your password. ".repeat(MAX_ASKED - 1)).asked;
    assert_eq!(asked.len(), MAX_ASKED - 1);
    // Each once of a sentence.
    let twice = read("please confirm your password and your pass word").asked;
    assert_eq!(twice.len(), 1);
    let found = read(
        &"win a free gift card. call us. was charged. to cancel. is locked. "
            .repeat(MAX_PLACES + 1),
    );
    assert_eq!(found.calls.len(), MAX_PLACES);
    assert_eq!(found.worries.len(), MAX_PLACES);
    assert_eq!(found.prizes.len().max(found.hints.len()), MAX_ASKED);
    assert!(found.threats.len() <= MAX_PLACES && found.alarms.len() <= MAX_PLACES);
}
