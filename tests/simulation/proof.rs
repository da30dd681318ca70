//! What a message could be proved by, what of it is broken, and what DNS says about it.

use super::{CLIENT, Claim, Order};
use crate::{
    chance::Chance,
    support::sign::{Canon, DkimSigner, Key},
    weather::{Fate, Plan},
};
use amazon_spoof_milter::dns::{Failure, QueryType, Record};
use std::time::Duration;

/// A signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dkim {
    None,
    /// In order, and DNS has its key.
    Valid,
    /// The same, by a name above or below the author's in its organization.
    Near,
    /// In order from a minute ago for a week.
    Dated,
    /// Its body was changed on the way.
    BodyChanged,
    /// Its subject was.
    SubjectChanged,
    /// DNS has another key.
    OtherKey,
    /// DNS has none: no name, no record, a revoked one, nonsense, two of them, one for trials.
    NoKey,
    /// By somebody who isn't the author, and in order.
    Foreign,
    Expired,
    Future,
    /// In order, and DNS doesn't give the key.
    Unreachable,
}

/// What SPF says about the envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spf {
    /// Of somebody else, for whom the client may send.
    Foreign,
    /// The author's own domain names the client.
    Pass,
    /// The same of HELO, with the null sender.
    PassOfHelo,
    /// It names others.
    Fail,
    /// It has no record, or one that can't be read.
    Broken,
    /// DNS doesn't say.
    Unreachable,
}

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Proofs {
    pub(crate) author: String,
    pub(crate) dkim: Dkim,
    pub(crate) spf: Spf,
    pub(crate) plan: Plan,
    signer: String,
    selector: String,
    sender: String,
    date: u64,
    is_brand: bool,
}

/// What they come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) holds: bool,
    /// DNS didn't answer, and its answer could have proved it.
    pub(crate) waits: bool,
}

/// A public key that nothing here is signed with (RFC 8032 section 7.1, test 2).
const OTHER_KEY: &str = "v=DKIM1; k=ed25519; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

const DAY: u64 = 86_400;

impl Proofs {
    pub(crate) fn draw(chance: &mut Chance, claim: Claim, order: &Order<'_>) -> Self {
        let number = order.number;
        let is_brand = matches!(claim, Claim::Official | Claim::TwoAuthors);
        let author = match claim {
            Claim::Official | Claim::TwoAuthors => match chance.below(3) {
                0 => "amazon.com".to_owned(),
                1 => "amazon.de".to_owned(),
                _ => format!("m{number}.amazon.com"),
            },
            Claim::Lookalike => match chance.below(2) {
                0 => format!("m{number}.amazon-konto.example"),
                _ => format!("m{number}.security-amazon.com"),
            },
            Claim::Ordinary | Claim::Weak | Claim::SenderField => {
                format!("m{number}.friend.example")
            }
            Claim::Name | Claim::Person => format!("m{number}.shop.example"),
        };
        let mut dkim = chance.weigh(&[
            (22, Dkim::None),
            (20, Dkim::Valid),
            (8, Dkim::Near),
            (6, Dkim::Dated),
            (6, Dkim::BodyChanged),
            (5, Dkim::SubjectChanged),
            (6, Dkim::OtherKey),
            (6, Dkim::NoKey),
            (6, Dkim::Foreign),
            (3, Dkim::Expired),
            (3, Dkim::Future),
            (9, Dkim::Unreachable),
        ]);
        if dkim == Dkim::Near && !is_brand {
            // Of a stranger it depends on the walk of DMARC records, which has tests of its own.
            dkim = Dkim::Valid;
        }
        let spf = chance.weigh(&[
            (60, Spf::Foreign),
            (10, Spf::Pass),
            (4, Spf::PassOfHelo),
            (10, Spf::Fail),
            (8, Spf::Broken),
            (8, Spf::Unreachable),
        ]);
        let organization = match &*author {
            "amazon.de" => "amazon.de",
            _ if is_brand => "amazon.com",
            _ => &author,
        };
        let signer = match dkim {
            Dkim::Foreign => format!("m{number}.mailer.example"),
            Dkim::Near if author == organization => format!("mail.{organization}"),
            Dkim::Near => organization.to_owned(),
            _ => author.clone(),
        };
        let sender = match spf {
            Spf::Foreign => format!("m{number}.mailer.example"),
            _ if is_brand => format!("m{number}.bounces.{organization}"),
            _ => author.clone(),
        };
        let mut proofs = Self {
            dkim,
            spf,
            signer,
            sender,
            selector: format!("m{number}"),
            date: order.date,
            plan: Plan::new(),
            is_brand,
            author,
        };
        proofs.plan(chance, number);
        proofs
    }

    /// What DNS has of it.
    fn plan(&mut self, chance: &mut Chance, number: u64) {
        let key = format!("{}._domainkey.{}", self.selector, self.signer);
        let own = Key::Ed25519.txt().trim().to_owned();
        let txt = |text: &str| Ok(vec![Record::Txt(text.as_bytes().to_vec())]);
        let key_fate = match self.dkim {
            Dkim::None => None,
            Dkim::OtherKey => Some(self.prompt(chance, txt(OTHER_KEY))),
            Dkim::Unreachable => Some(self.unreachable(chance, txt(&own))),
            Dkim::NoKey => {
                let text = |text: &str| Record::Txt(text.as_bytes().to_vec());
                let answer = match chance.below(6) {
                    0 => Err(Failure::NoSuchName),
                    1 => Err(Failure::NoData),
                    2 => txt("v=DKIM1; k=ed25519; p="),
                    3 => txt("hello, world"),
                    4 => Ok(vec![text(&own), text(OTHER_KEY)]),
                    _ => txt(&own.replace("k=ed25519", "k=ed25519; t=y")),
                };
                Some(self.prompt(chance, answer))
            }
            _ => Some(self.prompt(chance, txt(&own))),
        };
        self.plan
            .extend(key_fate.map(|fate| (key, QueryType::Txt, fate)));
        let pass = txt(&format!("v=spf1 ip4:{CLIENT} -all"));
        let record = match self.spf {
            Spf::Foreign | Spf::Pass | Spf::PassOfHelo => self.prompt(chance, pass),
            Spf::Fail => self.prompt(chance, txt("v=spf1 ip4:192.0.2.1 -all")),
            Spf::Broken => {
                let answer = match chance.below(3) {
                    0 => Err(Failure::NoSuchName),
                    1 => txt("v=spf1 ipv4:203.0.113.30 ~all"),
                    _ => txt("v=spf1 redirect=nowhere.example"),
                };
                self.prompt(chance, answer)
            }
            Spf::Unreachable => self.unreachable(chance, pass),
        };
        self.plan
            .push((self.sender.clone(), QueryType::Txt, record));
        if !self.is_brand {
            let host = Ok(vec![Record::Mx(format!("mx.{}.", self.author))]);
            let host = self.prompt(chance, host);
            self.plan.push((self.author.clone(), QueryType::Mx, host));
        }
        // Two that are nobody's: a name between, without a record.
        let empty = self.prompt(chance, Err(Failure::NoSuchName));
        self.plan.push((
            format!("_dmarc.m{number}.amazon.com"),
            QueryType::Txt,
            empty,
        ));
    }

    /// An answer in time.
    fn prompt(&self, chance: &mut Chance, answer: Result<Vec<Record>, Failure>) -> Fate {
        let slow = self.is_brand && chance.percent(8);
        let most = if slow { 1_900_000 } else { 90_000 };
        Fate {
            after: Duration::from_micros(chance.below(most)),
            answer,
        }
    }

    /// None, or one that comes too late.
    fn unreachable(&self, chance: &mut Chance, late: Result<Vec<Record>, Failure>) -> Fate {
        let silence = || Err(Failure::Temporary("silence".into()));
        let (after, answer) = match chance.below(4) {
            0 => (
                chance.below(900),
                Err(Failure::Temporary("SERVFAIL".into())),
            ),
            1 => (
                chance.below(900),
                Err(Failure::Temporary("a cut answer".into())),
            ),
            2 => (6_000, silence()),
            _ => (10_100 + chance.below(5_000), late),
        };
        Fate {
            after: Duration::from_millis(after),
            answer,
        }
    }

    /// HELO and MAIL FROM.
    pub(crate) fn envelope(&self) -> (String, String) {
        match self.spf {
            Spf::PassOfHelo => (self.sender.clone(), "<>".to_owned()),
            _ => (
                "mail.mailer.example".to_owned(),
                format!("<bounces@{}>", self.sender),
            ),
        }
    }

    /// Signs, and changes what is changed on the way.
    pub(crate) fn sign(
        &self,
        chance: &mut Chance,
        mut fields: Vec<String>,
        mut body: Vec<u8>,
    ) -> (Vec<String>, Vec<u8>) {
        if self.dkim == Dkim::None {
            return (fields, body);
        }
        let dates = match self.dkim {
            Dkim::Dated => Some((self.date - 60, self.date + 7 * DAY)),
            Dkim::Expired => Some((self.date - 8 * DAY, self.date - DAY)),
            Dkim::Future => Some((self.date + 2 * DAY, self.date + 9 * DAY)),
            _ => None,
        };
        let canon = |chance: &mut Chance| chance.pick(&[Canon::Relaxed, Canon::Simple]);
        let signer = DkimSigner {
            key: Key::Ed25519,
            timestamp: dates.map(|(from, _)| from),
            expiration: dates.map(|(_, to)| to),
            header_canon: canon(chance),
            body_canon: canon(chance),
            ..DkimSigner::new(&self.signer, &self.selector)
        };
        let message = [fields.concat().as_bytes(), b"\r\n", &body].concat();
        let signature = String::from_utf8(signer.field(&message)).expect("ASCII");
        fields.insert(0, signature);
        match self.dkim {
            Dkim::BodyChanged => body.extend_from_slice(b"One more line.\r\n"),
            Dkim::SubjectChanged => {
                for field in &mut fields {
                    if field.starts_with("Subject:") {
                        *field = "Subject: The autumn list\r\n".to_owned();
                    }
                }
            }
            _ => {}
        }
        (fields, body)
    }

    /// The same without a signature.
    pub(crate) fn unsigned(&self) -> Self {
        Self {
            dkim: Dkim::None,
            ..self.clone()
        }
    }

    /// What is proved, however much of the body is kept.
    pub(crate) fn proof(&self) -> Proof {
        let signed = matches!(self.dkim, Dkim::Valid | Dkim::Near | Dkim::Dated);
        Proof {
            holds: matches!(self.spf, Spf::Pass | Spf::PassOfHelo) || signed,
            waits: self.spf == Spf::Unreachable || self.dkim == Dkim::Unreachable,
        }
    }
}
