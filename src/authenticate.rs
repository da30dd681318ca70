//! Asks DNS and the signatures, under one deadline, and turns the answers into [`Evidence`].
//!
//! This folder is the only door to mail-auth. The library reads DKIM signatures, keys and DMARC records,
//! and does the arithmetic of signatures; what it lets through that must not count as a proof is guarded
//! here, each guard at the line that needs it. SPF is evaluated by `spf/`.

mod arc;
mod body_hash;
mod canonical;
mod dkim;
mod dmarc;
mod key;
mod lookups;
mod memo;
mod provisional;
mod spf;

pub use body_hash::BodyHasher;
pub use lookups::Lookups;

use crate::{
    claim::{Claims, mailing_list::MailingList},
    clock::Clock,
    dns::{Dns, DnsSettings, Keeping, Observer, Servers, SetupError, Source},
    mail::{
        body::Forms,
        domain::Domain,
        message::{Envelope, Message, header_bytes},
    },
    proof::{
        Arc as Seals, AuthResult, AuthorEvidence, DmarcLookup, Evidence, Organization, Signature,
        Spf,
        alignment::{Alignment, aligned},
        list_host::ListTenant,
    },
};
use dmarc::{Author, ListIdentifier};
use futures_util::FutureExt;
use key::{Key, Keys, Sought};
use lookups::{State, Task};
use mail_auth::AuthenticatedMessage;
use memo::Memo;
use provisional::{Depending, Provisional};
use std::{ops::Range, sync::Arc, time::Duration};
use tokio::time::Instant;

/// How authentication is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticateSettings {
    /// Whom to ask; `None` leaves DNS alone.
    pub dns: Option<DnsSettings>,
    /// The time for everything that DNS is asked about one message.
    pub deadline: Duration,
    /// The part of it for names of strangers: whose owner is neither the brand nor anybody whom the
    /// list or the operator names.
    pub stranger_timeout: Duration,
    /// How long an answer about somebody who is known may still prove something after it expired, while nobody
    /// gives another one; zero: never.
    pub stale: Duration,
    /// Zones, beside the root, by which it is found out whether DNS is dead.
    pub probed: Vec<Domain>,
    /// Signatures that are checked of one message.
    pub max_signatures: usize,
    /// Whose ARC seals are looked at.
    pub arc_sealers: Vec<Domain>,
}

/// How long an answer is waited for where there is one that has expired (RFC 8767 section 5, the client response
/// timer): a part of the deadline, since one lookup may lead to the next.
const PATIENCE: Duration = Duration::from_millis(1_800);

/// The identifiers below the owners of mailing lists. A list whose word changes nothing is asked nothing about.
fn of_lists(
    identifiers: &[Domain],
    claims: &Claims,
    names: impl Fn(&MailingList) -> bool,
) -> Vec<ListIdentifier> {
    let excuses = claims.list.iter().any(|claim| claim.excuse.is_some());
    let heard = claims.lists.iter().filter(|list| excuses || names(list));
    let mut found: Vec<_> = heard
        .flat_map(|list| {
            let below = identifiers.iter();
            let below = below.filter(|one| **one != list.owner && one.is_within(&list.owner));
            below.map(|identifier| ListIdentifier {
                identifier: identifier.clone(),
                owner: list.owner.clone(),
            })
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whom the operator and the brand's list know.
#[derive(Clone, Copy)]
pub struct Acquaintance<'a> {
    /// Whether a domain's owner is no stranger.
    pub knows: &'a dyn Fn(&Domain) -> bool,
    /// Whether the operator names a mailing list.
    pub names: &'a dyn Fn(&MailingList) -> bool,
}

/// Finds out what a message can prove.
pub struct Authenticator {
    /// Who is asked, if DNS isn't left alone.
    dns: Option<Dns>,
    /// The date, for signatures that expire.
    clock: Clock,
    deadline: Duration,
    stranger_timeout: Duration,
    stale: Duration,
    /// Whether answers are kept at all.
    caches: bool,
    /// Keys that were read.
    keys: Memo<Key>,
    max_signatures: usize,
    arc_sealers: Vec<Domain>,
}

/// What DNS said, gathered while the body was still on its way.
#[derive(Default)]
struct Gathered {
    spf: Spf,
    authors: Vec<AuthorEvidence>,
    organizations: Vec<Organization>,
    list_tenants: Vec<ListTenant>,
    keys: Keys,
    lookups: u32,
    dns_dead: bool,
    dns_stale: bool,
}

/// What is asked about one message, and until when each is waited for. A stranger could let everybody wait
/// for his names till the deadline.
struct Questions {
    envelope: Envelope,
    spf: Instant,
    authors: Vec<(Author, Instant)>,
    /// Whose signatures and whose SPF could prove an author.
    identifiers: Vec<Domain>,
    /// Those of them that could prove the host of a mailing list.
    of_lists: Vec<(ListIdentifier, Instant)>,
    keys: Vec<(Sought, Instant)>,
    /// From now on to the deadline of all of it.
    time: Range<Instant>,
    /// Whether some author is a stranger.
    strangers: bool,
}

impl Authenticator {
    /// Sets up the resolver. No packet is sent.
    ///
    /// # Errors
    ///
    /// [`SetupError`] where the resolver can't be built.
    pub fn new(
        settings: &AuthenticateSettings,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, SetupError> {
        let source: Option<Arc<dyn Source>> = match &settings.dns {
            Some(dns) => Some(Arc::new(Servers::new(dns)?)),
            None => None,
        };
        let dns = source.map(|source| Dns::over(source, observer));
        Ok(Self::over(settings, dns, Clock::default()))
    }

    /// The same with a way to DNS and a clock that are there already.
    pub fn over(settings: &AuthenticateSettings, dns: Option<Dns>, clock: Clock) -> Self {
        let zones = settings.probed.iter().map(Domain::to_string).collect();
        Self {
            dns: dns.map(|dns| dns.probing(zones)),
            clock,
            deadline: settings.deadline,
            stranger_timeout: settings.stranger_timeout,
            stale: settings.stale,
            caches: settings.dns.as_ref().is_none_or(|dns| dns.cache_size > 0),
            keys: Memo::default(),
            max_signatures: settings.max_signatures,
            arc_sealers: settings.arc_sealers.clone(),
        }
    }

    /// The same, which keeps what DNS says about names of those who are known: apart from what it says about
    /// strangers' names, and over a reload.
    #[must_use]
    pub fn keeping(self, names: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        let keeping = Keeping {
            names: Box::new(names),
            stale: self.stale,
            patience: PATIENCE.min(self.deadline / 3),
        };
        match self.dns {
            Some(dns) if self.caches => Self {
                dns: Some(dns.keeping(keeping)),
                ..self
            },
            _ => self,
        }
    }

    fn sealers(&self) -> arc::Sealers<'_> {
        arc::Sealers {
            named: &self.arc_sealers,
            now: self.clock.seconds(),
        }
    }

    /// The way to DNS, where it is asked at all.
    pub fn dns(&self) -> Option<&Dns> {
        self.dns.as_ref()
    }

    /// Starts every lookup that the header of a message asks for. Needs a Tokio runtime.
    pub fn begin(
        self: &Arc<Self>,
        envelope: &Envelope,
        message: &Message,
        claims: &Claims,
        acquaintance: Acquaintance<'_>,
    ) -> Lookups {
        let knows = acquaintance.knows;
        let signers = signers(claims);
        let (authors, _) = signers.split_at(claims.author_domains.len());
        // A name above or beside an author who is known may be what proves him.
        let known = |domain: &Domain| {
            knows(domain)
                || authors.iter().any(|(author, organizational)| {
                    let organizational = organizational.as_ref();
                    (author.is_within(domain)
                        || aligned(domain, author, organizational, Alignment::Relaxed))
                        && knows(author)
                })
        };
        let now = Instant::now();
        let until = |domain: &Domain| match known(domain) {
            true => now + self.deadline,
            false => now + self.deadline.min(self.stranger_timeout),
        };
        let sender = spf::subject(envelope).domain;
        let mut questions = Questions {
            envelope: envelope.clone(),
            spf: sender.as_ref().map_or(now + self.deadline, until),
            authors: authors
                .iter()
                .map(|author| (author.clone(), until(&author.0)))
                .collect(),
            identifiers: sender.into_iter().collect(),
            of_lists: Vec::new(),
            keys: Vec::new(),
            time: now..now + self.deadline,
            strangers: authors.iter().any(|(author, _)| !known(author)),
        };
        let mut forms = Forms::default();
        let header = header_bytes(&message.headers);
        if let Some(mut parsed) = AuthenticatedMessage::parse(&header) {
            let mut keys = dkim::sought(&mut parsed, &signers, self.max_signatures);
            keys.extend(arc::sought(&parsed, self.sealers()));
            questions.keys = keys
                .into_iter()
                .map(|sought| (sought.clone(), until(&sought.domain)))
                .collect();
            questions.identifiers.extend(dkim::signers(&parsed));
            forms = self.forms_of(&parsed, message);
        }
        questions.identifiers.sort_unstable();
        questions.identifiers.dedup();
        let of_lists = of_lists(&questions.identifiers, claims, acquaintance.names);
        questions.of_lists = of_lists
            .into_iter()
            .map(|one| (one.clone(), until(&one.identifier)))
            .collect();
        let this = Arc::clone(self);
        Lookups {
            state: State::begin(async move { this.gather(questions).await }),
            signers,
            forms,
        }
    }

    /// The forms in which the body of a message has to be kept hashed as long as nobody has asked what its
    /// signatures are worth.
    pub fn forms(&self, message: &Message, claims: &Claims) -> Forms {
        let header = header_bytes(&message.headers);
        match AuthenticatedMessage::parse(&header) {
            Some(mut parsed) => {
                dkim::sought(&mut parsed, &signers(claims), self.max_signatures);
                self.forms_of(&parsed, message)
            }
            None => Forms::default(),
        }
    }

    fn forms_of(&self, parsed: &AuthenticatedMessage<'_>, message: &Message) -> Forms {
        if self.dns.is_none() {
            return Forms::default();
        }
        let signed = dkim::forms(parsed, message, self.clock.seconds());
        body_hash::forms(signed.chain(arc::form(parsed, self.sealers())))
    }

    async fn gather(&self, questions: Questions) -> Gathered {
        let Some(dns) = &self.dns else {
            return Gathered::default();
        };
        let Questions {
            envelope,
            authors,
            identifiers,
            of_lists,
            keys,
            ..
        } = questions;
        let dns = dns.for_message();
        // Side by side: a stranger's slow server must not use up the time that the author's own lookups
        // need.
        let spf = spf::check(&dns, &envelope, questions.spf);
        let dmarc = dmarc::ask(&dns, authors, &identifiers);
        let keys = key::fetch(&dns, &self.keys, keys);
        let tenants = dmarc::list_tenants(&dns, of_lists);
        let ((spf, is_spf_stale), (authors, organizations), keys, list_tenants) =
            tokio::join!(spf, dmarc, keys, tenants);
        let unanswered = spf.result == AuthResult::TempError
            || authors
                .iter()
                .any(|author| author.dmarc == DmarcLookup::Temporary)
            || organizations.iter().any(|found| found.domain.is_none())
            || keys.is_any_unreachable();
        Gathered {
            // For everybody else the failure alone decides.
            dns_dead: questions.strangers && unanswered && dns.is_dead_now(questions.time).await,
            dns_stale: is_spf_stale || keys.is_any_stale(),
            spf,
            authors,
            organizations,
            list_tenants,
            keys,
            lookups: dns.lookups(),
        }
    }

    /// What SPF says about an envelope; nothing where DNS is left alone.
    pub async fn spf(&self, envelope: &Envelope) -> Option<Spf> {
        let dns = self.dns.as_ref()?.for_message();
        let deadline = Instant::now() + self.deadline;
        Some(spf::check(&dns, envelope, deadline).await.0)
    }

    /// Checks the signatures over the header, if the lookups are done. Nothing is waited for.
    pub fn check(&self, lookups: &mut Lookups, message: &Message) {
        let gathered = match &mut lookups.state {
            State::Waiting(Task(task)) => match task.now_or_never() {
                Some(ended) => ended.ok(),
                None => return,
            },
            State::Done(gathered) => Some(std::mem::take(&mut **gathered)),
            State::Failed => None,
            State::Checked(_) => return,
        };
        let provisional = self.provisional(gathered, &lookups.signers, message);
        lookups.state = State::Checked(Box::new(provisional));
    }

    /// Waits for the lookups and checks the signatures over the whole message.
    pub async fn finish(&self, lookups: Lookups, message: &Message) -> Evidence {
        let gathered = match lookups.state {
            State::Waiting(mut task) => (&mut task.0).await.ok(),
            State::Done(gathered) => Some(*gathered),
            State::Failed => None,
            State::Checked(provisional) => return provisional.finish(message),
        };
        let provisional = self.provisional(gathered, &lookups.signers, message);
        provisional.finish(message)
    }

    /// `gathered`: none where the lookups failed, which only a panic in a library does. What they would have
    /// found is then as unknown as if DNS had not answered.
    fn provisional(
        &self,
        gathered: Option<Gathered>,
        signers: &[Author],
        message: &Message,
    ) -> Provisional {
        let gathered = gathered.unwrap_or_else(|| {
            tracing::error!("the lookups of a message failed");
            Gathered {
                spf: Spf {
                    result: AuthResult::TempError,
                    open: true,
                    ..spf::subject(&message.envelope)
                },
                ..Gathered::default()
            }
        });
        let nothing = || Depending::on_nothing(Seals::default());
        if self.dns.is_none() {
            let offline = Evidence {
                offline: true,
                ..Evidence::default()
            };
            return Provisional::new(offline, Vec::new(), nothing());
        }
        let header = header_bytes(&message.headers);
        let (dkim, arc) = match AuthenticatedMessage::parse(&header) {
            Some(mut parsed) => self.signatures(&mut parsed, &gathered.keys, signers, message),
            None => (Vec::new(), nothing()),
        };
        let known = Evidence {
            spf: gathered.spf,
            authors: gathered.authors,
            organizations: gathered.organizations,
            list_tenants: gathered.list_tenants,
            several_from: message.headers_named("From").nth(1).is_some(),
            lookups: gathered.lookups,
            dns_dead: gathered.dns_dead,
            dns_stale: gathered.dns_stale,
            ..Evidence::default()
        };
        Provisional::new(known, dkim, arc)
    }

    /// What the signatures over a header say with keys that were fetched before.
    fn signatures(
        &self,
        parsed: &mut AuthenticatedMessage<'_>,
        keys: &Keys,
        signers: &[Author],
        message: &Message,
    ) -> (Vec<Depending<Signature>>, Depending<Seals>) {
        let terms = dkim::Terms {
            max: self.max_signatures,
            now: self.clock.seconds(),
        };
        let dkim = dkim::check(parsed, message, signers, keys, terms);
        (dkim, arc::check(parsed, message, keys, self.sealers()))
    }
}

/// Whose signatures are checked before those of others: the authors, then the mailing lists.
fn signers(claims: &Claims) -> Vec<Author> {
    let authors = claims.author_domains.iter();
    let authors = authors.map(|author| (author.domain.clone(), author.organizational.clone()));
    let lists = claims.lists.iter();
    let lists = lists.map(|list| (list.host.clone(), Some(list.owner.clone())));
    authors.chain(lists).collect()
}
