use crate::mail::message::Header;
use crate::mail::quoted_reply::*;

const ANSWER: Reference = Reference {
    answers: true,
    forwards: false,
};
const FORWARD: Reference = Reference {
    answers: false,
    forwards: true,
};

fn quoted(text: &str, reference: Reference) -> Vec<String> {
    let page = Page::plain(text);
    let quotes = Quotes::of(&page, reference);
    let cut = |range: Range<usize>| page.text.get(range).unwrap().to_owned();
    quotes.ranges.into_iter().map(cut).collect()
}

fn reference(fields: &[(&str, &str)]) -> (bool, bool) {
    let headers = fields.iter().map(|(name, value)| Header {
        name: name.as_bytes().to_vec(),
        value: value.as_bytes().to_vec(),
    });
    let found = Reference::of(&Message {
        headers: headers.collect(),
        ..Message::default()
    });
    (found.answers, found.forwards)
}

#[test]
fn an_answer_says_so_twice_and_forwarded_mail_in_its_subject() {
    let answers = |subject: &str| {
        let named = [("Subject", subject), ("References", " <a@b.example>")];
        (reference(&named), reference(&named[..1]))
    };
    for subject in [
        " Re: x",
        " AW: x",
        " [dev] Re[2]: x",
        " =?utf-8?B?UmU6IHjDpA==?=",
        " 回复：x",
    ] {
        let alone = (false, false);
        assert_eq!(answers(subject), ((true, false), alone), "{subject}");
    }
    for subject in [" Fwd: x", " WG: x", " TR: x", " [x] [y] Fw: z"] {
        let forwards = (false, true);
        assert_eq!(answers(subject), (forwards, forwards), "{subject}");
    }
    assert_eq!(answers(" Re: Fwd: x").0, (true, true));
    for subject in [" Your order: x", " x", " Report: Re: x", " [Re: x"] {
        assert_eq!(answers(subject).0, (false, false), "{subject}");
    }
    let two = [
        ("Subject", "Re: x"),
        ("Subject", "y"),
        ("References", "<a@b>"),
    ];
    assert_eq!(reference(&two), (false, false));
    let empty = [("Subject", "Re: x"), ("In-Reply-To", " ")];
    assert_eq!(reference(&empty), (false, false));
}

#[test]
fn only_what_a_reader_sees_to_be_a_quote_is_one() {
    let answer = "one\n\nOn Monday Ann wrote:\n> two\n>three\nfour\n> five\n";
    assert_eq!(quoted(answer, ANSWER), ["> two\n>three\n", "> five\n"]);
    assert_eq!(quoted(answer, FORWARD), [""; 0]);
    assert_eq!(quoted(answer, Reference::default()), [""; 0]);
    // Nobody is said to have written it.
    assert_eq!(quoted("one\n\n> two\n", ANSWER), [""; 0]);
    assert_eq!(quoted("> one\n\nAnn wrote:\ntwo", ANSWER), ["two"]);
}

#[test]
fn who_wrote_is_said_in_many_ways() {
    for line in [
        "On Mon, 16 Nov 2026 at 09:12, Ann <ann@shop.example> wrote:",
        "Am Mo., 16. Nov. 2026 um 09:12 Uhr schrieb Ann <ann@shop.example>:",
        "Am Mo., 16. Nov. 2026 um 09:12 Uhr schrieb Ann\n<ann@shop.example>:",
        "Le lun. 16 nov. 2026 à 09:12, Ann <ann@shop.example> a écrit :",
        "El lun, 16 nov 2026 a las 9:12, Ann (<ann@shop.example>) escribió:",
        "Op ma 16 nov 2026 om 09:12 schreef Ann <ann@shop.example>:",
        "pon., 16 lis 2026 o 09:12 Ann <ann@shop.example> napisał(a):",
        "пн, 16 нояб. 2026 г. в 09:12, Ann <ann@shop.example>:",
        "2026年11月16日(月) 9:12 Ann <ann@shop.example>:",
        "Ann <ann@shop.example> 于2026年11月16日周一 09:12写道：",
        "Ann wrote:",
    ] {
        let text = format!("five words of my own\n\n{line}\n> x\n");
        let page = Page::plain(&text);
        let quotes = Quotes::of(&page, ANSWER);
        assert_eq!(quotes.ranges.len(), 1, "{line}");
        let own = page.text.get(..quotes.own_end);
        assert_eq!(own, Some("five words of my own\n\n"), "{line}");
    }
    for line in [
        "Please note:",
        "I told Ann what he wrote: nothing",
        "Hi Ann:",
    ] {
        assert_eq!(
            quoted(&format!("x\n\n{line}\n> x\n"), ANSWER),
            [""; 0],
            "{line}"
        );
    }
}

#[test]
fn a_copied_header_quotes_all_behind_it() {
    for reference in [ANSWER, FORWARD] {
        assert_eq!(
            quoted(
                "FYI\n\n-------- Forwarded Message --------\nSubject: x\nFrom: a@b\n\ntext\n",
                reference
            ),
            ["-------- Forwarded Message --------\nSubject: x\nFrom: a@b\n\ntext\n"]
        );
        assert_eq!(
            quoted(
                "Siehe unten\nVon: a\nGesendet: heute\nAn: b\nBetreff: c\n\ntext",
                reference
            ),
            ["Von: a\nGesendet: heute\nAn: b\nBetreff: c\n\ntext"]
        );
    }
    assert_eq!(
        quoted("FYI\nFrom: a\nSubject: b\n\ntext", Reference::default()),
        [""; 0]
    );
    // The first of both begins it.
    assert_eq!(
        quoted("Ann wrote:\n> one\nFrom: a\nSubject: b\n\ntwo", ANSWER),
        ["> one\n", "From: a\nSubject: b\n\ntwo"]
    );
}

#[test]
fn a_list_of_facts_is_no_copied_header() {
    assert_eq!(
        quoted(
            "Order: 1\nDate: today\nTotal: 5\nFrom: our shop\nHello",
            ANSWER
        ),
        [""; 0]
    );
    assert_eq!(
        quoted("this is the original message of the day\nhello", ANSWER),
        [""; 0]
    );
}

#[test]
fn five_words_of_ones_own_that_lead_nowhere() {
    let stands = |own: &str| {
        let page = Page::plain(&format!("{own}\n\nOn Monday Ann wrote:\n> x\n"));
        Quotes::of(&page, ANSWER).stand_below_own_words(&page)
    };
    for own in [
        "This one is a fake, delete it.",
        "これは偽物です。消してください。",
        "Das ist Betrug, bitte löschen.",
    ] {
        assert!(stands(own), "{own}");
    }
    for own in [
        "",
        "Thanks!",
        "a fake, delete it",
        "1 2 3 4 5 6 7",
        "Please do as the message below says",
        "Bitte beachten Sie die untenstehende Nachricht sofort",
        "Veuillez lire le message ci-dessous sans attendre",
        "Read on and do as told there ↓",
        "次のとおり、下記の内容を確認してください",
    ] {
        assert!(!stands(own), "{own}");
    }
}

#[test]
fn two_letters_of_a_script_without_blanks_are_a_word() {
    assert!(!has_words("one two は.", 3));
    assert!(has_words("one two はは.", 3));
}

#[test]
fn what_hardly_anybody_sees_is_no_word_of_ones_own() {
    let own = "This one is a fake, delete it.";
    let stands = |faint: &[Range<usize>]| {
        let mut page = Page::plain(&format!("{own} a\n\nOn Monday Ann wrote:\n> x\n"));
        for range in faint {
            page.add_faint(range.clone());
        }
        Quotes::of(&page, ANSWER).stand_below_own_words(&page)
    };
    assert!(stands(&[]));
    let all = 0..own.len();
    assert!(!stands(std::slice::from_ref(&all)));
    // Two that follow each other are one; two that don't leave what is between them.
    assert!(!stands(&[0..9, 9..own.len()]));
    assert!(stands(&[0..1, own.len() - 1..own.len()]));
}

#[test]
fn a_fields_name_ends_at_the_first_colon_of_any_width() {
    assert_eq!(field_name("From: a: b"), Some("From"));
    assert_eq!(field_name("*差出人*：a: b"), Some("差出人"));
    assert_eq!(field_name("ｆｒｏｍ: a"), Some("ｆｒｏｍ"));
    assert_eq!(field_name("no field of ｍａｉｌ"), None);
}

#[test]
fn ranges_that_touch_are_one() {
    for (ranges, expected) in [
        (&[][..], &[][..]),
        (&[(1, 2), (3, 4)], &[(1, 2), (3, 4)]),
        (&[(3, 4), (1, 2)], &[(1, 2), (3, 4)]),
        (&[(1, 3), (3, 4)], &[(1, 4)]),
        (&[(1, 3), (2, 4)], &[(1, 4)]),
        (&[(1, 5), (2, 4)], &[(1, 5)]),
        (&[(1, 5), (1, 3), (6, 7)], &[(1, 5), (6, 7)]),
    ] {
        let ranges = ranges.iter().map(|(start, end)| *start..*end);
        let found = merged(ranges.collect()).into_iter();
        let found: Vec<_> = found.map(|range| (range.start, range.end)).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn so_many_words_are_there() {
    for (text, words) in [
        ("", 0),
        ("one", 1),
        ("one two", 2),
        ("one2two", 1),
        ("2one", 1),
        ("one-two", 2),
        ("12 34", 0),
        ("один два", 2),
        ("は", 0),
        ("はは", 1),
        ("ははは", 1),
        ("one はは", 2),
        ("oneははtwo", 3),
    ] {
        assert!(has_words(text, words), "{text}");
        assert!(!has_words(text, words + 1), "{text}");
    }
}

#[test]
fn a_phrase_stands_at_the_edges_of_words() {
    for (text, phrase, goes_on, holds_it) in [
        ("one two", "one", false, true),
        ("one two", "two", false, true),
        ("onetwo", "one", false, false),
        ("onetwo", "two", false, false),
        ("onetwo", "one", true, true),
        ("onetwo", "two", true, false),
        ("onetwo one", "one", false, true),
        ("one2", "one", false, false),
        ("-one-", "one", false, true),
        ("はone", "one", false, true),
        ("xはxx", "は", false, true),
        ("two", "one", true, false),
    ] {
        assert_eq!(holds(text, phrase, goes_on), holds_it, "{text} {phrase}");
    }
}

#[test]
fn marked_lines_that_follow_each_other_are_one() {
    let marked = |text: &str| {
        let found = marked(text).into_iter();
        found
            .map(|range| text.get(range).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for (text, expected) in [
        ("", &[][..]),
        ("one", &[]),
        ("a > b", &[]),
        ("> a", &["> a"]),
        ("  > a\nb", &["  > a\n"]),
        ("> a\n> b\nc", &["> a\n> b\n"]),
        ("> a\n\n> b", &["> a\n", "> b"]),
        ("a\n>b\nc\n>d\n", &[">b\n", ">d\n"]),
    ] {
        assert_eq!(marked(text), expected, "{text}");
    }
}

#[test]
fn a_copied_header_goes_on_within_a_few_lines() {
    let begins = |text: &str| header_block(&Page::plain(text));
    let lines = |count: usize| "x\n".repeat(count);
    let copied = |between: usize| format!("a\nFrom: b\n{}Subject: c\n", lines(between));
    assert_eq!(begins(&copied(0)), Some(2));
    assert_eq!(begins(&copied(7)), Some(2));
    assert_eq!(begins(&copied(8)), None);
    let marked =
        |between: usize| format!("a\nBegin forwarded message:\n{}From: c\n", lines(between));
    assert_eq!(begins(&marked(0)), Some(2));
    assert_eq!(begins(&marked(7)), Some(2));
    assert_eq!(begins(&marked(8)), None);
    // An empty line is none of them.
    assert_eq!(
        begins(&format!("From: b\n{}Subject: c\n", "\n".repeat(20))),
        Some(0)
    );
    assert_eq!(begins("Subject: a\nFrom: b\n"), None);
    assert_eq!(begins("From: a\nFrom: b\nSubject: c\n"), Some(0));
    let long = |octets: usize| begins(&format!("From: {}\nSubject: c\n", "x".repeat(octets - 6)));
    assert_eq!(long(300), Some(0));
    assert_eq!(long(301), None);
}

#[test]
fn who_wrote_is_looked_for_in_lines_that_end_in_a_colon() {
    let found = |text: &str| {
        let page = Page::plain(text);
        attribution(&page).map(|range| page.text.get(range).unwrap().to_owned())
    };
    for (text, expected) in [
        ("On Monday Ann wrote:\n> x", Some("On Monday Ann wrote:\n")),
        (
            "On Monday Ann wrote：\n> x",
            Some("On Monday Ann wrote：\n"),
        ),
        ("On Monday Ann wrote\n> x", None),
        (
            "On Monday, 9:12, Ann\nwrote:\n> x",
            Some("On Monday, 9:12, Ann\nwrote:\n"),
        ),
        // What stands above an empty line is no part of it.
        ("On Monday, 9:12, Ann\n\nwrote:\n> x", Some("wrote:\n")),
        ("Hello Ann\nBob wrote:\n> x", Some("Bob wrote:\n")),
        (
            "2026-11-16 Ann <a@x.example>:\n> x",
            Some("2026-11-16 Ann <a@x.example>:\n"),
        ),
        ("Ann <a@x.example>:\n> x", None),
        ("2026-11-16 Ann:\n> x", None),
    ] {
        assert_eq!(found(text).as_deref(), expected, "{text}");
    }
    let after = |colons: usize| found(&format!("{}Ann wrote:\n", "x:\n".repeat(colons)));
    assert!(after(199).is_some());
    assert_eq!(after(200), None);
    let long = |octets: usize| found(&format!("{} wrote:\n", "x".repeat(octets - 7)));
    assert!(long(300).is_some());
    assert_eq!(long(301), None);
}

#[test]
fn prefixes_of_a_subject_are_taken_one_by_one() {
    for (subject, expected) in [
        ("Re: x", &["re"][..]),
        ("  Re : Fwd: x", &["re", "fwd"]),
        ("Re[2]: x", &["re"]),
        ("Re(2): x", &["re"]),
        ("[dev] Re: x", &["re"]),
        ("Re: [dev] Fwd: x", &["re", "fwd"]),
        ("[dev Re: x", &[]),
        ("Hello: Re: x", &[]),
        ("Re x", &[]),
        ("", &[]),
        (&"Re: ".repeat(9), &["re"; 8]),
    ] {
        assert_eq!(prefixes(subject), expected, "{subject}");
    }
    let far = |octets: usize| prefixes(&format!("[{}]Re: x", "x".repeat(octets))).len();
    assert_eq!((far(123), far(124)), (1, 0));
}
