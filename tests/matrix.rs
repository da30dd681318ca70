//! Every kind of author, with every outcome of SPF, DKIM and the DMARC lookup: the verdicts are written
//! here, none is computed.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "matrix/relays.rs"]
mod relays;
#[path = "matrix/texts.rs"]
mod texts;

use amazon_spoof_milter::brand::Brand;
use amazon_spoof_milter::claim::{self, Claims};
use amazon_spoof_milter::mail::message::{Envelope, Message, Path};
use amazon_spoof_milter::proof::{
    Arc, AuthResult, AuthorEvidence, DmarcLookup, DmarcPolicy, DmarcRecord, Evidence, Existence,
    Organization, Signature, SignatureFault, Spf,
};
use amazon_spoof_milter::reason::Reason;
use amazon_spoof_milter::verdict::policy::{Action, Policy, Preset};
use amazon_spoof_milter::verdict::trust::{Origin, Trust};
use amazon_spoof_milter::verdict::{Case, Judgement, Verdict, decide};
use amazon_spoof_milter::wants::{Content, Finding};
use amazon_spoof_milter::{mail::domain::Domain, proof::alignment::Alignment};

/// What came of SPF or DKIM, and about whom. "Own" is an identifier of the author's organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    None,
    OwnPass,
    StrangersPass,
    OwnFail,
    OwnTemporary,
    StrangersTemporary,
    OwnPermanent,
}

/// In the order of the rows (SPF) and columns (DKIM) of a grid.
const STATES: [State; 7] = [
    State::None,
    State::OwnPass,
    State::StrangersPass,
    State::OwnFail,
    State::OwnTemporary,
    State::StrangersTemporary,
    State::OwnPermanent,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dmarc {
    /// There is no record, or there are several, which are none.
    Nothing,
    Relaxed,
    Strict,
    /// DNS did not answer.
    Temporary,
}

/// Whether own identifiers are the author domain itself or a name below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Own {
    Exact,
    Below,
}

/// Rows: SPF. Columns: DKIM. V verified, F forged, U unverifiable, I impersonation, L lookalike.
type Grid = [&'static str; 7];

/// An author who is forged where nothing proves him.
const PROVABLE: Grid = [
    "FVFFUFF", // no SPF
    "VVVVVVV", // the author's own passes
    "FVFFUFF", // a stranger's passes
    "FVFFUFF", // the author's own fails
    "UVUUUUU", // the author's own can't be asked
    "FVFFUFF", // a stranger's can't be asked
    "FVFFUFF", // the author's own is an error for ever
];

/// As [`PROVABLE`], where it is not known whether names below the author's are his.
const OPEN: Grid = [
    "FUFFUFF", //
    "UUUUUUU", //
    "FUFFUFF", //
    "FUFFUFF", //
    "UUUUUUU", //
    "FUFFUFF", //
    "FUFFUFF",
];

/// As [`PROVABLE`], where the brand sends no mail from the domain: proved, it may have lapsed.
const UNSENT: Grid = OPEN;

/// A company of the brand's own, which the name alone makes an impersonation.
const COMPANY: Grid = [
    "IVIIUII", //
    "VVVVVVV", //
    "IVIIUII", //
    "IVIIUII", //
    "UVUUUUU", //
    "IVIIUII", //
    "IVIIUII",
];

const FORGED: Grid = ["FFFFFFF"; 7];
const IMPERSONATION: Grid = ["IIIIIII"; 7];
const LOOKALIKE: Grid = ["LLLLLLL"; 7];

const OFFICIAL: &str = "account@amazon.com";
const OWNED: &str = "account@aboutamazon.com";
const FAKE: &str = "account@payments-amazon.com";
const SUBSIDIARY: &str = "Amazon <news@audible.com>";
const ALIKE: &str = "account@security-amazon.com";
const FOREIGN: &str = "Amazon <news@shop.example>";

#[rustfmt::skip]
const TABLE: &[(&str, Dmarc, Own, Grid)] = &[
    (OFFICIAL, Dmarc::Nothing, Own::Exact, PROVABLE),
    // The list says what belongs to amazon.com, whatever DNS says.
    (OFFICIAL, Dmarc::Nothing, Own::Below, PROVABLE),
    (OFFICIAL, Dmarc::Relaxed, Own::Exact, PROVABLE),
    (OFFICIAL, Dmarc::Relaxed, Own::Below, PROVABLE),
    (OFFICIAL, Dmarc::Strict, Own::Exact, PROVABLE),
    (OFFICIAL, Dmarc::Strict, Own::Below, FORGED),
    (OFFICIAL, Dmarc::Temporary, Own::Exact, PROVABLE),
    (OFFICIAL, Dmarc::Temporary, Own::Below, PROVABLE),
    (OWNED, Dmarc::Nothing, Own::Exact, UNSENT),
    // Without a record nothing says that a name below is the same organization's.
    (OWNED, Dmarc::Nothing, Own::Below, FORGED),
    (OWNED, Dmarc::Relaxed, Own::Exact, UNSENT),
    (OWNED, Dmarc::Relaxed, Own::Below, UNSENT),
    (OWNED, Dmarc::Strict, Own::Exact, UNSENT),
    (OWNED, Dmarc::Strict, Own::Below, FORGED),
    (OWNED, Dmarc::Temporary, Own::Exact, UNSENT),
    (OWNED, Dmarc::Temporary, Own::Below, OPEN),
    // Published as a false sender: no proof helps.
    (FAKE, Dmarc::Nothing, Own::Exact, FORGED),
    (FAKE, Dmarc::Nothing, Own::Below, FORGED),
    (FAKE, Dmarc::Relaxed, Own::Exact, FORGED),
    (FAKE, Dmarc::Relaxed, Own::Below, FORGED),
    (FAKE, Dmarc::Strict, Own::Exact, FORGED),
    (FAKE, Dmarc::Strict, Own::Below, FORGED),
    (FAKE, Dmarc::Temporary, Own::Exact, FORGED),
    (FAKE, Dmarc::Temporary, Own::Below, FORGED),
    (SUBSIDIARY, Dmarc::Nothing, Own::Exact, COMPANY),
    (SUBSIDIARY, Dmarc::Nothing, Own::Below, COMPANY),
    (SUBSIDIARY, Dmarc::Relaxed, Own::Exact, COMPANY),
    (SUBSIDIARY, Dmarc::Relaxed, Own::Below, COMPANY),
    (SUBSIDIARY, Dmarc::Strict, Own::Exact, COMPANY),
    (SUBSIDIARY, Dmarc::Strict, Own::Below, IMPERSONATION),
    (SUBSIDIARY, Dmarc::Temporary, Own::Exact, COMPANY),
    (SUBSIDIARY, Dmarc::Temporary, Own::Below, COMPANY),
    (ALIKE, Dmarc::Nothing, Own::Exact, LOOKALIKE),
    (ALIKE, Dmarc::Nothing, Own::Below, LOOKALIKE),
    (ALIKE, Dmarc::Relaxed, Own::Exact, LOOKALIKE),
    (ALIKE, Dmarc::Relaxed, Own::Below, LOOKALIKE),
    (ALIKE, Dmarc::Strict, Own::Exact, LOOKALIKE),
    (ALIKE, Dmarc::Strict, Own::Below, LOOKALIKE),
    (ALIKE, Dmarc::Temporary, Own::Exact, LOOKALIKE),
    (ALIKE, Dmarc::Temporary, Own::Below, LOOKALIKE),
    (FOREIGN, Dmarc::Nothing, Own::Exact, IMPERSONATION),
    (FOREIGN, Dmarc::Nothing, Own::Below, IMPERSONATION),
    (FOREIGN, Dmarc::Relaxed, Own::Exact, IMPERSONATION),
    (FOREIGN, Dmarc::Relaxed, Own::Below, IMPERSONATION),
    (FOREIGN, Dmarc::Strict, Own::Exact, IMPERSONATION),
    (FOREIGN, Dmarc::Strict, Own::Below, IMPERSONATION),
    (FOREIGN, Dmarc::Temporary, Own::Exact, IMPERSONATION),
    (FOREIGN, Dmarc::Temporary, Own::Below, IMPERSONATION),
];

/// A message by one author.
struct Setting {
    message: Message,
    claims: Claims,
    author: Domain,
}

impl Setting {
    fn new(from: &str) -> Self {
        let message = Message::parse(format!("From: {from}\r\n\r\n").as_bytes()).unwrap();
        let claims = claim::claims(&message, Brand::embedded());
        let [author] = claims.author_domains.as_slice() else {
            panic!("{from}");
        };
        Self {
            author: author.domain.clone(),
            message,
            claims,
        }
    }

    fn identifier(&self, state: State, own: Own) -> Domain {
        let text = match (state, own) {
            (State::None | State::StrangersPass | State::StrangersTemporary, _) => {
                "evil.example".to_owned()
            }
            (_, Own::Exact) => self.author.to_string(),
            (_, Own::Below) => format!("mail.{}", self.author),
        };
        Domain::parse(&text).unwrap()
    }

    /// What the lookups would have found; the Organizational Domain as the list or else DNS tells it.
    fn evidence(&self, dmarc: Dmarc, own: Own, spf: State, dkim: State) -> Evidence {
        let record = |alignment| {
            DmarcLookup::Record(DmarcRecord {
                policy: DmarcPolicy::Quarantine,
                spf_alignment: alignment,
                dkim_alignment: alignment,
            })
        };
        let (dmarc, walked) = match dmarc {
            Dmarc::Nothing => (DmarcLookup::NoRecord, None),
            Dmarc::Temporary => (DmarcLookup::Temporary, None),
            Dmarc::Relaxed => (record(Alignment::Relaxed), Some(self.author.clone())),
            Dmarc::Strict => (record(Alignment::Strict), Some(self.author.clone())),
        };
        let organizational = self.claims.author_domains[0]
            .organizational
            .clone()
            .or(walked);
        // Nothing between the author's organization and a name below him says that it is another one's.
        let below = Domain::parse(&format!("mail.{}", self.author)).unwrap();
        let organizations = organizational.iter().map(|top| Organization {
            identifier: below.clone(),
            domain: Some(top.clone()),
        });
        let signature = Signature {
            result: dkim_result(dkim).0,
            domain: Some(self.identifier(dkim, own)),
            selector: "s".to_owned(),
            fault: dkim_result(dkim).1,
        };
        Evidence {
            spf: Spf {
                result: spf_result(spf),
                domain: Some(self.identifier(spf, own)),
                open: spf_result(spf) == AuthResult::TempError,
                ..Spf::default()
            },
            dkim: Vec::from_iter((dkim != State::None).then_some(signature)),
            authors: vec![AuthorEvidence {
                domain: self.author.clone(),
                organizational: organizational.clone(),
                dmarc,
                existence: Existence::Exists,
            }],
            organizations: organizations.collect(),
            ..Evidence::default()
        }
    }

    fn judge(&self, evidence: &Evidence, trust: &Trust) -> Judgement {
        self.judge_text(evidence, trust, &Content::default())
    }

    fn judge_text(&self, evidence: &Evidence, trust: &Trust, content: &Content) -> Judgement {
        decide(Case {
            claims: &self.claims,
            origin: &known_envelope(),
            evidence,
            content,
            trust,
            limits: &self.message.cut,
        })
    }
}

fn spf_result(state: State) -> AuthResult {
    match state {
        State::None => AuthResult::None,
        State::OwnPass | State::StrangersPass => AuthResult::Pass,
        State::OwnFail => AuthResult::Fail,
        State::OwnTemporary | State::StrangersTemporary => AuthResult::TempError,
        State::OwnPermanent => AuthResult::PermError,
    }
}

fn dkim_result(state: State) -> (AuthResult, Option<SignatureFault>) {
    let fault = match state {
        State::None | State::OwnPass | State::StrangersPass => None,
        State::OwnFail => Some(SignatureFault::Invalid),
        State::OwnTemporary | State::StrangersTemporary => Some(SignatureFault::KeyUnreachable),
        State::OwnPermanent => Some(SignatureFault::KeyGone),
    };
    (spf_result(state), fault)
}

fn letter(verdict: Verdict) -> char {
    match verdict {
        Verdict::Verified => 'V',
        Verdict::Forged => 'F',
        Verdict::Unverifiable => 'U',
        Verdict::Impersonation => 'I',
        Verdict::Lookalike => 'L',
        Verdict::Exempt => 'X',
        Verdict::Suspicious => 'S',
        Verdict::Unrelated => '.',
    }
}

/// The verdicts of all outcomes of SPF and DKIM.
fn grid(setting: &Setting, dmarc: Dmarc, own: Own, trust: &Trust) -> Vec<String> {
    let row = |spf| {
        let verdict = |dkim| {
            let evidence = setting.evidence(dmarc, own, spf, dkim);
            letter(setting.judge(&evidence, trust).verdict)
        };
        STATES.into_iter().map(verdict).collect()
    };
    STATES.into_iter().map(row).collect()
}

#[test]
fn every_author_with_every_outcome() {
    let mut wrong = Vec::new();
    for (from, dmarc, own, expected) in TABLE {
        let found = grid(&Setting::new(from), *dmarc, *own, &Trust::default());
        if found != expected {
            wrong.push(format!("{from}, {dmarc:?}, {own:?}:\n{}", found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_table_is_whole() {
    for from in [OFFICIAL, OWNED, FAKE, SUBSIDIARY, ALIKE, FOREIGN] {
        for dmarc in [
            Dmarc::Nothing,
            Dmarc::Relaxed,
            Dmarc::Strict,
            Dmarc::Temporary,
        ] {
            for own in [Own::Exact, Own::Below] {
                let row = (from, dmarc, own);
                let rows = TABLE
                    .iter()
                    .filter(|(from, dmarc, own, _)| (*from, *dmarc, *own) == row);
                assert_eq!(rows.count(), 1, "{row:?}");
            }
        }
    }
}

/// What came of an ARC chain, and whose proof its sealer saw.
fn arc(result: AuthResult, named: bool, vouched: &str) -> Arc {
    let domain = |text| Domain::parse(text).unwrap();
    Arc {
        result,
        sealer: named.then(|| domain("forward.example")),
        vouched: vec![domain(vouched)],
    }
}

/// Columns: no chain; a named sealer saw the author's proof; he saw a stranger's; nobody who is named
/// sealed; the chain is broken; it can't be checked now; it never can.
#[test]
fn every_author_with_every_outcome_of_arc() {
    let rows = [
        (OFFICIAL, "FVUFFUF"),
        (OWNED, "FUUFFUF"),
        (FAKE, "FFFFFFF"),
        (SUBSIDIARY, "IIIIIII"),
        (ALIKE, "LLLLLLL"),
        (FOREIGN, "IIIIIII"),
    ];
    for (from, expected) in rows {
        let setting = Setting::new(from);
        let author = setting.author.to_string();
        let chains = [
            Arc::default(),
            arc(AuthResult::Pass, true, &author),
            arc(AuthResult::Pass, true, "evil.example"),
            arc(AuthResult::Pass, false, &author),
            arc(AuthResult::Fail, true, &author),
            arc(AuthResult::TempError, true, &author),
            arc(AuthResult::PermError, true, &author),
        ];
        let found: String = chains
            .into_iter()
            .map(|arc| {
                let evidence = Evidence {
                    arc,
                    ..setting.evidence(Dmarc::Relaxed, Own::Exact, State::None, State::None)
                };
                letter(setting.judge(&evidence, &Trust::default()).verdict)
            })
            .collect();
        assert_eq!(found, expected, "{from}");
    }
}

/// A domain that the operator allows is believed once it is proved, and only then.
#[test]
fn an_allowed_author_with_every_outcome() {
    let trust = Trust {
        allow: vec![Domain::parse("shop.example").unwrap()],
        ..Trust::default()
    };
    let setting = Setting::new(FOREIGN);
    let proved = [
        "IXIIUII", "XXXXXXX", "IXIIUII", "IXIIUII", "UXUUUUU", "IXIIUII", "IXIIUII",
    ];
    for (dmarc, own) in [
        (Dmarc::Nothing, Own::Exact),
        (Dmarc::Relaxed, Own::Below),
        (Dmarc::Strict, Own::Exact),
        (Dmarc::Temporary, Own::Exact),
    ] {
        assert_eq!(
            grid(&setting, dmarc, own, &trust),
            proved,
            "{dmarc:?} {own:?}"
        );
    }
    let open = [
        "IUIIUII", "UUUUUUU", "IUIIUII", "IUIIUII", "UUUUUUU", "IUIIUII", "IUIIUII",
    ];
    assert_eq!(grid(&setting, Dmarc::Temporary, Own::Below, &trust), open);
    assert_eq!(
        grid(&setting, Dmarc::Strict, Own::Below, &trust),
        IMPERSONATION
    );
}

/// What may still have proved the author is waited for: not forged, not refused.
#[test]
fn no_temporary_error_of_the_authors_own_is_held_against_him() {
    let enforce = Policy {
        preset: Preset::Enforce,
        ..Policy::default()
    };
    for from in [OFFICIAL, OWNED, SUBSIDIARY] {
        let setting = Setting::new(from);
        // A name below, with adkim=s and aspf=s, could not have proved anything; nor one below an
        // author of whom neither the list nor DNS says that it is his.
        let settled = |dmarc, own| {
            own == Own::Below
                && (dmarc == Dmarc::Strict || (from == OWNED && dmarc == Dmarc::Nothing))
        };
        for (_, dmarc, own, _) in TABLE.iter().filter(|row| row.0 == from) {
            for (spf, dkim) in STATES
                .iter()
                .flat_map(|&spf| STATES.map(|dkim| (spf, dkim)))
            {
                if settled(*dmarc, *own) || ![spf, dkim].contains(&State::OwnTemporary) {
                    continue;
                }
                let judgement = setting.judge(
                    &setting.evidence(*dmarc, *own, spf, dkim),
                    &Trust::default(),
                );
                let action = enforce.act(&judgement, &Origin::default()).action;
                let shown = format!("{from} {dmarc:?} {own:?} {spf:?} {dkim:?}: {judgement:?}");
                assert!(
                    matches!(judgement.verdict, Verdict::Verified | Verdict::Unverifiable),
                    "{shown}"
                );
                // A domain of the brand that sends no mail is labelled even where it is proved.
                let kept = matches!(action, Action::Accept | Action::Defer);
                let labelled = from == OWNED && action == Action::Tag;
                assert!(kept || labelled, "{shown}");
            }
        }
    }
}

/// An attacker who breaks his own DNS gets what he would have got without it.
#[test]
fn no_temporary_error_of_a_stranger_changes_anything() {
    for (from, dmarc, own, _) in TABLE {
        let setting = Setting::new(from);
        let judge = |spf, dkim| {
            let judgement = setting.judge(
                &setting.evidence(*dmarc, *own, spf, dkim),
                &Trust::default(),
            );
            (judgement.verdict, judgement.reasons)
        };
        for state in STATES {
            assert_eq!(
                judge(State::StrangersTemporary, state),
                judge(State::None, state),
                "{from} {dmarc:?} SPF, DKIM {state:?}"
            );
            assert_eq!(
                judge(state, State::StrangersTemporary),
                judge(state, State::None),
                "{from} {dmarc:?} DKIM, SPF {state:?}"
            );
        }
    }
}

/// Whether the author's domain exists says something, and decides nothing.
#[test]
fn a_domain_that_does_not_exist_changes_no_verdict() {
    for (from, dmarc, own, expected) in TABLE {
        let setting = Setting::new(from);
        let mut evidence = setting.evidence(*dmarc, *own, State::None, State::None);
        evidence.authors[0].existence = Existence::Nonexistent;
        let judgement = setting.judge(&evidence, &Trust::default());
        assert_eq!(
            letter(judgement.verdict),
            expected[0].chars().next().unwrap(),
            "{from}"
        );
    }
}

/// An envelope that is known and proves nothing: an unknown one disproves nothing.
fn known_envelope() -> Origin {
    Origin {
        envelope: Envelope {
            mail_from: Some(Path::parse("bounce@elsewhere.example")),
            ..Envelope::default()
        },
        ..Origin::default()
    }
}

/// While our own DNS is dead its silence is nobody's fault; what it did answer holds all the same.
#[test]
fn an_excuse_waits_only_for_a_proof_that_can_come() {
    let outcome = |from: &str, spf| {
        let setting = Setting::new(from);
        let evidence = Evidence {
            dns_dead: true,
            ..setting.evidence(Dmarc::Nothing, Own::Exact, spf, State::None)
        };
        let judged = setting.judge(&evidence, &Trust::default());
        let waits = judged.reasons.contains(&Reason::DnsTemporaryFailure);
        (letter(judged.verdict), waits)
    };
    let person = "Amazon Rodrigues <a.rodrigues@shop.example>";
    assert_eq!(outcome(person, State::OwnPass), ('.', false));
    assert_eq!(outcome(person, State::OwnTemporary), ('U', true));
    assert_eq!(outcome(person, State::OwnFail), ('I', false));
    assert_eq!(outcome(person, State::None), ('I', false));
    // Where strangers get addresses the word of the name would not be believed, proved or not.
    let own_name = "Amazon Rodrigues <a.rodrigues@gmail.com>";
    assert_eq!(outcome(own_name, State::OwnPass), ('.', false));
    assert_eq!(outcome(own_name, State::OwnTemporary), ('U', true));
    assert_eq!(outcome(own_name, State::StrangersTemporary), ('I', false));
}

/// Nor for one that a finding would make worthless.
#[test]
fn an_excuse_beside_a_finding_waits_where_the_text_leads_to_the_authors_own_site() {
    let outcome = |from: &str, leads_to_stranger| {
        let setting = Setting::new(from);
        let evidence = Evidence {
            dns_dead: true,
            ..setting.evidence(Dmarc::Nothing, Own::Exact, State::OwnTemporary, State::None)
        };
        let mut content = Content::default();
        content.own.leads_to_stranger = leads_to_stranger;
        content.own.findings = vec![Finding::new(Reason::AsksForPassword, "your password")];
        let judged = setting.judge_text(&evidence, &Trust::default(), &content);
        letter(judged.verdict)
    };
    let own_domain = "Amazon Rodrigues <a.rodrigues@shop.example>";
    assert_eq!(outcome(own_domain, false), 'U');
    assert_eq!(outcome(own_domain, true), 'I');
    let free_mail = "Amazon Rodrigues <a.rodrigues@gmail.com>";
    assert_eq!(outcome(free_mail, false), 'I');
}

/// Beside an excuse a finding is suspicious where it leads to the author's own site, and has no excuse elsewhere.
#[test]
fn an_excuse_beside_a_finding_takes_the_authors_own_site() {
    let outcome = |from: &str, leads_to_stranger| {
        let setting = Setting::new(from);
        let evidence = setting.evidence(Dmarc::Nothing, Own::Exact, State::OwnPass, State::None);
        let mut content = Content::default();
        content.own.leads_home = true;
        content.own.leads_to_stranger = leads_to_stranger;
        content.own.findings = vec![Finding::new(Reason::AsksForPassword, "your password")];
        let judged = setting.judge_text(&evidence, &Trust::default(), &content);
        letter(judged.verdict)
    };
    let own_domain = "Amazon Rodrigues <a.rodrigues@shop.example>";
    assert_eq!(outcome(own_domain, false), 'S');
    assert_eq!(outcome(own_domain, true), 'I');
    let free_mail = "Amazon Rodrigues <a.rodrigues@gmail.com>";
    assert_eq!(outcome(free_mail, false), 'I');
    assert_eq!(outcome(free_mail, true), 'I');
}

/// A file that nobody could read takes no excuse away, and is suspicious; what does not count is neither.
#[test]
fn an_excuse_beside_a_file_that_is_not_read() {
    let outcome = |reason| {
        let setting = Setting::new("Amazon Rodrigues <a.rodrigues@shop.example>");
        let evidence = setting.evidence(Dmarc::Nothing, Own::Exact, State::OwnPass, State::None);
        let mut content = Content::default();
        content.own.findings = vec![Finding::new(reason, "a")];
        let judged = setting.judge_text(&evidence, &Trust::default(), &content);
        letter(judged.verdict)
    };
    assert_eq!(outcome(Reason::UnreadAttachment), 'S');
    // An offer that leads nowhere.
    assert_eq!(outcome(Reason::Prize), '.');
}
