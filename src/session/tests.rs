//! Every order of events, and every limit.

use super::*;

const LIMITS: Limits = Limits {
    max_body: 10,
    max_headers: 2,
    max_header_bytes: 40,
    max_recipients: 1,
};

#[test]
fn a_second_client_on_the_connection_inherits_nothing() {
    let mut session = Session::new(LIMITS, &Memory::new(1_000));
    session.connect("a.example".into(), Some("192.0.2.1".parse().unwrap()));
    session.helo("a.example".into());
    session.mail("<joe@a.example>", Some("joe".into()));
    session.connect("b.example".into(), None);
    session.mail("<>", None);
    let envelope = &session.message().envelope;
    assert_eq!(envelope.client_ip, None);
    assert_eq!(envelope.helo, None);
    assert_eq!(envelope.authenticated_user, None);
    assert!(envelope.mail_from.as_ref().unwrap().is_null());
}

#[test]
fn a_second_message_inherits_nothing() {
    let mut session = Session::new(LIMITS, &Memory::new(1_000));
    session.connect(String::new(), None);
    session.mail("<joe@a.example>", None);
    session.recipient("<x@b.example>");
    session.header(b"From".to_vec(), b" joe@a.example".to_vec());
    session.body(b"hello".to_vec());
    session.mail("<jane@a.example>", None);
    let message = session.message();
    assert!(message.headers.is_empty() && message.body.is_empty());
    assert!(message.envelope.recipients.is_empty());
}

#[test]
fn folds_become_what_was_on_the_wire() {
    let mut session = Session::new(LIMITS, &Memory::new(1_000));
    session.header(b"Subject".to_vec(), b" a\n\tb".to_vec());
    assert_eq!(session.message().headers[0].value, b" a\r\n\tb");
}

#[test]
fn a_from_field_behind_a_thousand_others_is_kept() {
    let mut session = Session::new(LIMITS, &Memory::new(1_000));
    for _ in 0..3 {
        session.header(b"X".to_vec(), b" 1".to_vec());
    }
    session.header(b"From".to_vec(), b" joe@a.example".to_vec());
    let message = session.message();
    assert_eq!(message.headers.len(), 3);
    assert!(message.headers[2].is("From"));
    assert_eq!(message.cut, [Limit::Headers]);
}

#[test]
fn limits_are_held_and_said_once() {
    let mut session = Session::new(LIMITS, &Memory::new(1_000));
    for _ in 0..3 {
        session.header(b"A".to_vec(), b" 1".to_vec());
        session.recipient("<x@b.example>");
    }
    assert!(session.body(b"0123456789".to_vec()));
    assert!(!session.body(b"x".to_vec()));
    assert!(!session.body(b"x".to_vec()));
    let message = session.message();
    assert_eq!(message.headers.len(), 2);
    assert_eq!(message.envelope.recipients.len(), 1);
    assert_eq!((message.body.kept(), message.body.len()), (10, 12));
    assert_eq!(
        message.cut,
        [Limit::Recipients, Limit::Headers, Limit::Body]
    );
}

fn want(simple: bool, relaxed: bool, keep: usize) -> Wanted {
    Wanted {
        forms: Forms { simple, relaxed },
        keep,
    }
}

#[test]
fn a_body_is_hashed_whatever_is_kept_of_it() {
    // Of "0123456789abcdef" and CRLF, by sha256sum.
    const HASH: &str = "1bfeecaac3394625797f86615a5e45312d9d4dae85bd1d38a5294004f3c0691a";
    for memory in [0, 5, 100] {
        let mut session = Session::new(LIMITS, &Memory::new(memory));
        session.want(want(false, true, 4));
        assert!(session.body(b"0123456".to_vec()));
        assert!(session.body(b"789abcdef \r\n\r\n".to_vec()));
        let message = session.take_message();
        let kept = if memory == 0 { 0 } else { 4 };
        assert_eq!((message.body.kept(), message.body.len()), (kept, 21));
        assert_eq!(message.body_hashes.simple, None);
        let hash = message.body_hashes.relaxed.unwrap();
        let hash: String = hash.iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hash, HASH);
        let is_short = memory == 0;
        assert_eq!(message.cut.contains(&Limit::Memory), is_short);
        assert_eq!(message.cut.contains(&Limit::Body), is_short);
    }
}

#[test]
fn a_hash_that_is_asked_for_late_is_made_of_what_is_kept() {
    let mut session = Session::new(LIMITS, &Memory::new(100));
    session.body(b"01234".to_vec());
    session.want(want(true, false, 2));
    assert_eq!(session.message().body.kept(), 2);
    assert!(session.body(b"56".to_vec()));
    // Nobody knows the beginning any more.
    session.want(want(true, true, 2));
    assert!(session.body(b"78".to_vec()));
    let hashes = session.take_message().body_hashes;
    assert!(hashes.simple.is_some() && hashes.relaxed.is_none());
    // A message later nothing of it is left.
    session.reset();
    assert!(session.body(b"0".to_vec()));
    assert_eq!(session.take_message().body_hashes.simple, None);
}

#[test]
fn what_is_of_no_more_use_is_given_back_and_the_rest_is_not_wanted() {
    let memory = Memory::new(100);
    let mut session = Session::new(LIMITS, &memory);
    session.want(want(true, false, 10));
    assert!(session.body(b"01234567".to_vec()));
    assert_eq!(memory.held(), 8);
    session.want(want(false, false, 3));
    assert_eq!(memory.held(), 3);
    assert!(!session.body(b"89".to_vec()));
    assert_eq!(*session.message().body.beginning(9), *b"012");
    assert_eq!(session.message().cut, []);
}

#[test]
fn what_other_messages_hold_is_not_there_for_this_one_and_a_claim_is_kept() {
    let memory = Memory::new(30);
    let limits = Limits {
        max_headers: 10,
        max_body: 100,
        ..LIMITS
    };
    let mut other = Session::new(limits, &memory);
    assert!(other.body(b"01234567890123456789".to_vec()));
    let mut session = Session::new(limits, &memory);
    session.header(b"X".to_vec(), b" 0123456789".to_vec());
    session.header(b"From".to_vec(), b" joe@a.example".to_vec());
    assert!(!session.body(b"01234567890".to_vec()));
    let message = session.message();
    assert_eq!(message.headers.len(), 1);
    assert!(message.headers[0].is("From"));
    assert_eq!(message.cut, [Limit::Memory, Limit::Body]);
    // What is over gives its memory back: by an end, or with its connection.
    other.reset();
    session.reset();
    session.header(b"X".to_vec(), b" 0123456789".to_vec());
    assert!(session.body(b"0123456789".to_vec()));
    assert_eq!(session.message().cut, []);
    drop(session);
    assert!(other.body(b"012345678901234567890123456789".to_vec()));
}

#[test]
fn where_memory_is_short_what_could_prove_a_claim_is_kept() {
    let memory = Memory::new(0);
    let limits = Limits {
        max_headers: 10,
        max_header_bytes: 1_000,
        ..LIMITS
    };
    let mut session = Session::new(limits, &memory);
    for name in ["X", "dkim-signature", "Received", "ARC-Seal", "To"] {
        session.header(name.into(), b" 1".to_vec());
    }
    let message = session.message();
    let names: Vec<_> = message.headers.iter().map(|field| &*field.name).collect();
    assert_eq!(names, [&b"dkim-signature"[..], b"Received", b"ARC-Seal"]);
    assert_eq!(message.cut, [Limit::Memory]);
}

#[test]
fn a_field_that_forges_ours_is_kept_or_said_to_be_there() {
    for hidden in [
        "X-Spam-Flag",
        "Authentication-Results\t",
        "X-Amazon-Spoof-Verdict ",
    ] {
        forged_beyond_the_bounds(hidden);
    }
}

fn forged_beyond_the_bounds(hidden: &str) {
    let mut session = Session::new(LIMITS, &Memory::new(1_000));
    for _ in 0..2 {
        session.header(b"X".to_vec(), b" 1".to_vec());
    }
    session.header(b"x-amazon-spoof-Verdict ".to_vec(), b" v".to_vec());
    session.header(b"Authentication-Results".to_vec(), b" v".to_vec());
    assert_eq!(session.message().headers.len(), 4);
    assert!(!session.message().hides_forgeries);
    session.header(b"Subject".to_vec(), b" 1".to_vec());
    assert!(!session.message().hides_forgeries);
    session.header(hidden.into(), b" 1".to_vec());
    assert_eq!(session.message().headers.len(), 4);
    assert!(session.message().hides_forgeries, "{hidden}");
}

#[test]
fn a_path_of_many_pages_is_no_recipient() {
    let mut session = Session::new(LIMITS, &Memory::new(1_000));
    session.recipient(&"x".repeat(5_000));
    assert!(session.message().envelope.recipients.is_empty());
    assert_eq!(session.message().cut, [Limit::Recipients]);
}

#[test]
fn a_queue_id_is_letters_and_digits() {
    let mut session = Session::new(Limits::with_body(1024), &Memory::new(1024));
    let mut after = |id: &str| {
        session.reset();
        session.queue_id(Some(id.to_owned()));
        session.message().envelope.queue_id.clone()
    };
    assert_eq!(after("4XyZ0Abc"), Some("4XyZ0Abc".to_owned()));
    assert_eq!(after(&"a".repeat(40)), Some("a".repeat(40)));
    for id in ["ALL", "a b", "a\"b", "a\nb", "-", "\u{e9}"] {
        assert_eq!(after(id).as_deref(), (id == "ALL").then_some("ALL"), "{id}");
    }
    assert_eq!(after(&"a".repeat(41)), None);
}
