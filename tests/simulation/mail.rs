//! Messages that are put together from a claim, a proof, a body and an encoding, so that what is right is known
//! from how they were made.

mod proof;
mod text;

use crate::{chance::Chance, right::Outcome, weather::Plan};
use std::net::Ipv4Addr;

pub(crate) use proof::{Dkim, Proofs};

/// As whom a message presents itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// As nobody but its author.
    Ordinary,
    /// The subject names an order there, as people do.
    Weak,
    /// The author's domain is the brand's.
    Official,
    /// The same in two From fields, of which a signature covers one.
    TwoAuthors,
    /// The author's domain looks like the brand's.
    Lookalike,
    /// The name over a stranger's address.
    Name,
    /// A person whose given name is the brand's, at an address that bears the name.
    Person,
    /// The brand in Sender, a stranger in From.
    SenderField,
}

/// One message, and all that is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) number: u64,
    pub(crate) claim: Claim,
    pub(crate) proofs: Proofs,
    pub(crate) client: Ipv4Addr,
    pub(crate) helo: String,
    pub(crate) mail_from: String,
    pub(crate) recipients: Vec<String>,
    /// Who logged in, where somebody did: then nothing is judged.
    pub(crate) login: bool,
    /// As the MTA passes them: values with their leading space, LF in folds.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether its fields are more than are kept, so that no signature counts.
    pub(crate) crowded: bool,
    pub(crate) plan: Plan,
}

/// The client that the brand's and strangers' SPF records name.
pub(crate) const CLIENT: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 30);

/// What a message is made for.
pub(crate) struct Order<'a> {
    pub(crate) number: u64,
    /// The name of the MTA that takes it.
    pub(crate) authserv_id: &'a str,
    /// Seconds since 1970, as the program's clock has it.
    pub(crate) date: u64,
}

impl Mail {
    /// The queue id by which log and answer are brought together.
    pub(crate) fn queue_id(&self) -> String {
        format!("Q{}", self.number)
    }

    /// What it has to come to where DNS and clock are as planned and of bodies so much is kept.
    pub(crate) fn right(&self, max_body: usize) -> Outcome {
        if self.login {
            return Outcome::of("exempt");
        }
        let is_cut = self.body.len() > max_body;
        let proof = match self.crowded {
            true => self.proofs.unsigned().proof(),
            false => self.proofs.proof(),
        };
        match self.claim {
            Claim::Ordinary | Claim::Weak => Outcome::of("unrelated"),
            Claim::TwoAuthors => Outcome::of("forged"),
            Claim::Lookalike => Outcome::of("lookalike"),
            // A proved author may let somebody else send.
            Claim::SenderField if proof.holds => Outcome::of("unrelated"),
            Claim::SenderField => Outcome::of("suspicious"),
            Claim::Official if proof.holds => Outcome::of("verified"),
            Claim::Official if proof.waits => Outcome::of("unverifiable").waiting(),
            Claim::Official => Outcome::of("forged"),
            Claim::Person if proof.holds && !is_cut => Outcome::of("unrelated"),
            Claim::Name | Claim::Person if proof.holds => {
                Outcome::of("impersonation").accountable()
            }
            Claim::Name | Claim::Person => Outcome::of("impersonation"),
        }
    }

    /// What else may come out while DNS doesn't answer: never less than the truth, and nothing for good that
    /// an answer could change.
    pub(crate) fn right_without_dns(&self, max_body: usize) -> Vec<Outcome> {
        let right = self.right(max_body);
        let mut all = vec![right];
        match (right.verdict, self.claim) {
            ("verified" | "forged" | "unverifiable", Claim::Official) => {
                all.push(Outcome::of("unverifiable").waiting());
                // What DNS leaves open besides may be settled by the rest.
                all.extend((right.verdict == "unverifiable").then(|| Outcome::of("unverifiable")));
            }
            (_, Claim::Name) => {
                all.push(Outcome::of("impersonation"));
                all.push(Outcome::of("impersonation").waiting());
            }
            (_, Claim::Person) => {
                all.push(Outcome::of("impersonation"));
                all.push(Outcome::of("impersonation").waiting());
                all.push(Outcome::of("unverifiable").waiting());
            }
            (_, Claim::SenderField) => all.push(Outcome::of("suspicious")),
            _ => {}
        }
        all
    }

    /// Whether the date decides about it.
    pub(crate) fn is_dated(&self) -> bool {
        matches!(self.proofs.dkim, Dkim::Dated | Dkim::Expired | Dkim::Future)
    }

    /// In a few words.
    pub(crate) fn about(&self) -> String {
        let Self {
            number,
            claim,
            proofs,
            ..
        } = self;
        format!(
            "{number} {claim:?} dkim={:?} spf={:?} login={} fields={} body={}",
            proofs.dkim,
            proofs.spf,
            self.login,
            self.fields.len(),
            self.body.len()
        )
    }
}

/// Puts a message together.
pub(crate) fn compose(chance: &mut Chance, order: &Order<'_>) -> Mail {
    let claim = chance.weigh(&[
        (30, Claim::Ordinary),
        (8, Claim::Weak),
        (34, Claim::Official),
        (3, Claim::TwoAuthors),
        (6, Claim::Lookalike),
        (9, Claim::Name),
        (7, Claim::Person),
        (3, Claim::SenderField),
    ]);
    let mut proofs = Proofs::draw(chance, claim, order);
    let mut fields = text::fields(chance, claim, &proofs.author, order);
    let (how, body) = text::body(chance);
    fields.extend(how);
    let (fields, body) = proofs.sign(chance, fields, body);
    let mut fields = text::passed(&fields);
    let crowded = matches!(claim, Claim::Official | Claim::Lookalike) && chance.percent(2);
    match crowded {
        true => text::crowd(&mut fields),
        false => text::forge_ours(chance, &mut fields, order.authserv_id),
    }
    let (helo, mail_from) = proofs.envelope();
    Mail {
        number: order.number,
        claim,
        client: CLIENT,
        helo,
        mail_from,
        recipients: recipients(chance),
        login: chance.percent(2),
        fields,
        body,
        crowded,
        plan: std::mem::take(&mut proofs.plan),
        proofs,
    }
}

fn recipients(chance: &mut Chance) -> Vec<String> {
    let someone = [
        "<jane@example.test>",
        "<someone@example.test>",
        "<x@it.example.test>",
    ];
    let reserved = ["<postmaster@example.test>", "<abuse@example.test>"];
    let mut recipients = match chance.percent(6) {
        true => vec![chance.pick(&reserved).to_owned()],
        false => vec![chance.pick(&someone).to_owned()],
    };
    if chance.percent(10) {
        recipients.push(chance.pick(&someone).to_owned());
    }
    recipients
}
