//! What of a text counts: every finding that is judged by who wrote it, beside every place where its links lead.

use super::*;
use amazon_spoof_milter::wants::{Speech, Threat};

/// Where the links of a text lead, in the order of the letters of a row.
const LINKS: [&str; 3] = ["nowhere", "home", "to a stranger"];

/// What is proved of the author.
#[derive(Clone, Copy, Debug)]
enum Who {
    Unproved,
    /// At a provider of addresses.
    FreeName,
    Proved,
}

/// A message that names the brand in its text, with this finding.
fn content(finding: &Finding, links: &str) -> Content {
    let mut content = Content::default();
    content.own.names_brand = true;
    content.own.leads_home = links == "home";
    content.own.leads_to_stranger = links == "to a stranger";
    content.own.findings = vec![finding.clone()];
    content
}

/// The verdicts of a text from this author, by where its links lead.
fn row(from: &str, spf: State, with: impl Fn(&str) -> Content) -> String {
    let setting = Setting::new(from);
    let evidence = setting.evidence(Dmarc::Nothing, Own::Exact, spf, State::None);
    let verdicts = LINKS.map(|links| {
        let judged = setting.judge_text(&evidence, &Trust::default(), &with(links));
        letter(judged.verdict)
    });
    verdicts.iter().collect()
}

/// The verdicts where nothing but the text says anything.
fn text_alone(who: Who, finding: &Finding, more: impl Fn(&mut Content)) -> String {
    let (from, spf) = match who {
        Who::Unproved => ("news@shop.example", State::StrangersPass),
        Who::FreeName => ("news@gmail.com", State::OwnPass),
        Who::Proved => ("news@shop.example", State::OwnPass),
    };
    row(from, spf, |links| {
        let mut content = content(finding, links);
        more(&mut content);
        content
    })
}

/// One that the brand has to do with.
fn finding(reason: Reason) -> Finding {
    Finding {
        names_brand: true,
        ..Finding::new(reason, "seen")
    }
}

fn threat(threat: Threat) -> Finding {
    Finding {
        threat: Some(threat),
        ..finding(Reason::AccountThreat)
    }
}

fn plain(finding: Finding) -> Finding {
    Finding {
        plain: true,
        ..finding
    }
}

fn leads_home(finding: Finding) -> Finding {
    Finding {
        leads_home: true,
        ..finding
    }
}

fn about_money(finding: Finding) -> Finding {
    Finding {
        about_money_or_lock: true,
        ..finding
    }
}

fn names_author(finding: Finding) -> Finding {
    Finding {
        names_author: true,
        ..finding
    }
}

/// Of an author who is proved it counts whether his mail says who he is.
#[test]
fn a_finding_counts_by_who_wrote_it() {
    use Reason::{
        AsksForCode, AsksForIdentity, AsksForPassword, AsksForPaymentData, AttachmentOnly,
        CallbackNumber, DeceptiveLink, LookalikeLink, Prize, Subject, UnreadAttachment,
    };
    // Nobody, a free name, proved and named, proved and not named.
    #[rustfmt::skip]
    let rows = [
        (finding(AsksForPassword), ["SSS", "SSS", "...", "SSS"]),
        (finding(AsksForPaymentData), ["SSS", "SSS", "...", "SSS"]),
        (finding(AsksForCode), ["SSS", "SSS", "...", "SSS"]),
        (finding(AsksForIdentity), ["SSS", "SSS", "...", "SSS"]),
        (plain(finding(AsksForPassword)), ["SSS", "SSS", "...", "..."]),
        // An offer that leads nowhere harms nobody.
        (finding(Prize), [".SS", ".SS", "...", ".SS"]),
        // A threat leads to a stranger, or to the site of somebody of whom nothing is proved.
        (threat(Threat::Locked), [".SS", "..S", "...", "..S"]),
        (threat(Threat::SignIn), [".SS", "..S", "...", "..S"]),
        // What friends write to each other: a letter, but not of one's account if no person is shown.
        (threat(Threat::Letter), [".SS", "...", "...", "..S"]),
        (threat(Threat::Mentioned), [".SS", "..S", "...", "..S"]),
        (finding(CallbackNumber), ["SSS", "SSS", "...", "..."]),
        (about_money(finding(CallbackNumber)), ["SSS", "SSS", "...", "..."]),
        (finding(LookalikeLink), ["SSS", "SSS", "SSS", "SSS"]),
        (finding(DeceptiveLink), ["SSS", "SSS", "SSS", "SSS"]),
        (leads_home(finding(LookalikeLink)), ["SSS", "SSS", "...", "..."]),
        // Files say something where the subject speaks for them.
        (finding(AttachmentOnly), ["...", "...", "...", "..."]),
        (finding(UnreadAttachment), ["...", "...", "...", "..."]),
        // Is no deed.
        (finding(Subject), ["...", "...", "...", "..."]),
    ];
    for (finding, expected) in rows {
        let named = |content: &mut Content| content.names_author = true;
        let found = [
            text_alone(Who::Unproved, &finding, named),
            text_alone(Who::FreeName, &finding, named),
            text_alone(Who::Proved, &finding, named),
            text_alone(Who::Proved, &finding, |_| ()),
        ];
        assert_eq!(found, expected, "{finding:?}");
    }
}

/// Many a mail names the brand somewhere and asks for something of its own.
#[test]
fn a_finding_that_the_brand_has_nothing_to_do_with_counts_for_nothing() {
    let own = Finding::new(Reason::AsksForPassword, "seen");
    assert_eq!(text_alone(Who::Unproved, &own, |_| ()), "...");
    let speaks = |content: &mut Content| content.own.speech = Speech::Yes;
    assert_eq!(text_alone(Who::Unproved, &own, speaks), "SSS");
}

/// To speak as the brand is to be no other, whoever is proved and named.
#[test]
fn a_text_that_speaks_as_the_brand_counts_whoever_is_proved() {
    use Reason::{
        AsksForCode, AsksForIdentity, AsksForPassword, CallbackNumber, LookalikeLink, Prize,
    };
    #[rustfmt::skip]
    let rows = [
        (finding(AsksForPassword), "SSS"),
        (finding(AsksForCode), "SSS"),
        (finding(AsksForIdentity), "SSS"),
        (plain(finding(AsksForPassword)), "..."),
        (finding(Prize), ".SS"),
        (threat(Threat::Locked), ".SS"),
        (finding(CallbackNumber), "SSS"),
        (leads_home(finding(LookalikeLink)), "SSS"),
    ];
    for (finding, expected) in rows {
        let by = |speech| {
            text_alone(Who::Proved, &finding, move |content| {
                content.names_author = true;
                content.own.speech = speech;
            })
        };
        assert_eq!(by(Speech::Yes), expected, "{finding:?}");
        // What the name of the author answers for does not speak.
        assert_eq!(by(Speech::UnlessProved), by(Speech::No), "{finding:?}");
    }
}

/// Files, where the subject speaks as the brand.
#[test]
fn files_count_where_the_subject_speaks_for_them() {
    let by = |who, reason, has_words| {
        text_alone(who, &finding(reason), move |content| {
            content.subject = Speech::Yes;
            content.names_author = true;
            content.has_words = has_words;
        })
    };
    for who in [Who::Unproved, Who::FreeName, Who::Proved] {
        assert_eq!(by(who, Reason::UnreadAttachment, true), "SSS", "{who:?}");
        assert_eq!(by(who, Reason::AttachmentOnly, false), "SSS", "{who:?}");
    }
    // Beside words a file is not all that there is.
    assert_eq!(by(Who::Proved, Reason::AttachmentOnly, true), "...");
    assert_eq!(by(Who::Unproved, Reason::AttachmentOnly, true), "SSS");
}

/// A person of the brand's name, whose domain is proved: S stands for his excuse beside something that is
/// suspicious, I for none.
#[test]
fn an_excuse_asks_for_more() {
    use Reason::{AsksForPassword, CallbackNumber, DeceptiveLink, Prize};
    // His name doesn't bear that of his domain, and does.
    #[rustfmt::skip]
    let rows = [
        (finding(AsksForPassword), ["SSI", "SSI"]),
        (threat(Threat::Locked), [".SI", ".SI"]),
        (threat(Threat::Ending), [".SI", ".SI"]),
        // "Log in at Meadow Bank" says whose account it is.
        (names_author(threat(Threat::SignIn)), [".SI", "..I"]),
        (threat(Threat::SignIn), [".SI", ".SI"]),
        (names_author(threat(Threat::Locked)), [".SI", ".SI"]),
        (finding(CallbackNumber), ["...", "..."]),
        (about_money(finding(CallbackNumber)), ["SSI", "SSI"]),
        (finding(Prize), [".SI", "..."]),
        (leads_home(finding(DeceptiveLink)), ["SSI", "..."]),
    ];
    for (finding, expected) in rows {
        let found = [false, true].map(|bears| {
            let from = "Amazon Rodrigues <a.rodrigues@shop.example>";
            row(from, State::OwnPass, |links| Content {
                name_bears_author: bears,
                ..content(&finding, links)
            })
        });
        assert_eq!(found, expected, "{finding:?}");
    }
}

/// What was not read could say anything.
#[test]
fn no_excuse_where_the_text_is_not_read_whole() {
    let whole = |_: &mut Content| ();
    let cut = |content: &mut Content| content.cut = true;
    let pictures = |content: &mut Content| content.is_pictures = true;
    let by = |change: &dyn Fn(&mut Content)| {
        row(
            "Amazon Rodrigues <a.rodrigues@shop.example>",
            State::OwnPass,
            |_| {
                let mut content = Content::default();
                change(&mut content);
                content
            },
        )
    };
    assert_eq!(by(&whole), "...");
    assert_eq!(by(&cut), "III");
    assert_eq!(by(&pictures), "III");
}

/// A text waits for DNS where a proof could spare it, and where it is our own DNS that fails.
#[test]
fn a_text_waits_only_for_a_proof_that_could_spare_it() {
    let verdict = |dns_dead, reason| {
        let setting = Setting::new("news@shop.example");
        let evidence = Evidence {
            dns_dead,
            ..setting.evidence(Dmarc::Nothing, Own::Exact, State::OwnTemporary, State::None)
        };
        let mut content = content(&finding(reason), "nowhere");
        content.names_author = true;
        let judged = setting.judge_text(&evidence, &Trust::default(), &content);
        assert!(judged.reasons.contains(&Reason::DnsTemporaryFailure));
        letter(judged.verdict)
    };
    assert_eq!(verdict(true, Reason::AsksForPassword), 'U');
    assert_eq!(verdict(false, Reason::AsksForPassword), 'S');
    // That counts whoever wrote it.
    assert_eq!(verdict(true, Reason::LookalikeLink), 'S');
}

/// Reports show what gave a reason; nothing is shown of what has no words.
#[test]
fn what_was_seen_is_told_where_it_counts() {
    let told = |from: &str, spf| {
        let setting = Setting::new(from);
        let evidence = setting.evidence(Dmarc::Nothing, Own::Exact, spf, State::None);
        let mut content = content(&finding(Reason::AsksForPassword), "nowhere");
        content
            .own
            .findings
            .push(Finding::new(Reason::AttachmentOnly, ""));
        content.quoted.findings = vec![
            Finding::new(Reason::AsksForCode, "quoted"),
            Finding::new(Reason::DeceptiveLink, "link"),
        ];
        let judged = setting.judge_text(&evidence, &Trust::default(), &content);
        let details = judged.quoted.details(content);
        let seen: Vec<String> = details.into_iter().map(|detail| detail.seen).collect();
        seen.join(" ")
    };
    assert_eq!(
        told("news@shop.example", State::StrangersPass),
        "seen quoted link"
    );
    assert_eq!(told("news@gmail.com", State::OwnPass), "seen link");
    assert_eq!(told("news@shop.example", State::OwnPass), "seen");
}
