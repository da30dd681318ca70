//! Asks DNS and the signatures, under one deadline, and turns the answers into [`Evidence`].
//!
//! This folder is the only door to mail-auth. The library reads DKIM signatures, keys and DMARC records,
//! and does the arithmetic of signatures; what it lets through that must not count as a proof is guarded
//! here, each guard at the line that needs it. SPF is evaluated by `spf/`.

mod arc;
mod canonical;
mod dkim;
mod dmarc;
mod key;
mod spf;

use crate::{
    claim::Claims,
    dns::{Dns, DnsSettings, Observer, Servers, SetupError},
    mail::{
        domain::Domain,
        message::{Envelope, Header, Message, header_bytes},
    },
    proof::{Arc as Seals, AuthResult, AuthorEvidence, Evidence, Organization, Signature, Spf},
};
use dmarc::Author;
use key::{Keys, Sought};
use mail_auth::AuthenticatedMessage;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::{task::JoinHandle, time::Instant};

/// How authentication is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticateSettings {
    /// Whom to ask; `None` leaves DNS alone.
    pub dns: Option<DnsSettings>,
    /// The time for everything that DNS is asked about one message.
    pub deadline: Duration,
    /// Signatures that are checked of one message.
    pub max_signatures: usize,
    /// Whose ARC seals are looked at.
    pub arc_sealers: Vec<Domain>,
}

/// Finds out what a message can prove.
pub struct Authenticator {
    /// Who is asked, if DNS isn't left alone.
    dns: Option<Dns>,
    deadline: Duration,
    max_signatures: usize,
    arc_sealers: Vec<Domain>,
}

/// What DNS said, gathered while the body was still on its way.
#[derive(Default)]
struct Gathered {
    spf: Spf,
    authors: Vec<AuthorEvidence>,
    organizations: Vec<Organization>,
    keys: Keys,
    lookups: u32,
}

/// What of a header is looked up.
struct Questions {
    authors: Vec<Author>,
    /// Whose signatures and whose SPF could prove an author.
    identifiers: Vec<Domain>,
    keys: Vec<Sought>,
}

/// Lookups under way, or done. Dropped, they end.
pub struct Lookups {
    state: State,
    /// Whose signatures are checked before those of others: the authors, then the mailing lists.
    signers: Vec<Author>,
}

enum State {
    Waiting(JoinHandle<Gathered>),
    Done(Box<Gathered>),
    Failed,
}

impl State {
    /// With every answer in the cache there is nothing to wait for, and no task is needed.
    fn begin(work: impl Future<Output = Gathered> + Send + 'static) -> Self {
        let mut work = Box::pin(work);
        let mut context = Context::from_waker(Waker::noop());
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context)));
        match polled {
            Ok(Poll::Ready(gathered)) => Self::Done(Box::new(gathered)),
            Ok(Poll::Pending) => Self::Waiting(tokio::spawn(work)),
            Err(_) => Self::Failed,
        }
    }

    /// What was found; none where a library panicked.
    async fn wait(&mut self) -> Option<Gathered> {
        match self {
            Self::Waiting(task) => task.await.ok(),
            Self::Done(gathered) => Some(std::mem::take(gathered)),
            Self::Failed => None,
        }
    }
}

impl Lookups {
    /// Waits till they are done.
    pub async fn answered(&mut self) {
        if let State::Waiting(task) = &mut self.state {
            self.state = match task.await {
                Ok(gathered) => State::Done(Box::new(gathered)),
                Err(_) => State::Failed,
            };
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        if let Self::Waiting(task) = self {
            task.abort();
        }
    }
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
        let dns = match &settings.dns {
            Some(dns) => Some(Dns::over(Arc::new(Servers::new(dns)?), observer)),
            None => None,
        };
        Ok(Self {
            dns,
            deadline: settings.deadline,
            max_signatures: settings.max_signatures,
            arc_sealers: settings.arc_sealers.clone(),
        })
    }

    /// Starts every lookup that the header of a message asks for. Needs a Tokio runtime.
    pub fn begin(
        self: &Arc<Self>,
        envelope: &Envelope,
        headers: &[Header],
        claims: &Claims,
    ) -> Lookups {
        let this = Arc::clone(self);
        let envelope = envelope.clone();
        let authors: Vec<_> = claims
            .author_domains
            .iter()
            .map(|author| (author.domain.clone(), author.organizational.clone()))
            .collect();
        let lists = claims.lists.iter();
        let lists = lists.map(|list| (list.host.clone(), Some(list.owner.clone())));
        let signers: Vec<_> = authors.iter().cloned().chain(lists).collect();
        let header = header_bytes(headers);
        let mut questions = Questions {
            authors,
            identifiers: spf::subject(&envelope).domain.into_iter().collect(),
            keys: Vec::new(),
        };
        if let Some(mut parsed) = AuthenticatedMessage::parse(&header) {
            let keys = dkim::sought(&mut parsed, &signers, self.max_signatures);
            questions.keys.extend(keys);
            questions
                .keys
                .extend(arc::sought(&parsed, &self.arc_sealers));
            questions.identifiers.extend(dkim::signers(&parsed));
        }
        questions.identifiers.sort_unstable();
        questions.identifiers.dedup();
        Lookups {
            state: State::begin(async move { this.gather(&envelope, questions).await }),
            signers,
        }
    }

    async fn gather(&self, envelope: &Envelope, questions: Questions) -> Gathered {
        let Some(dns) = &self.dns else {
            return Gathered::default();
        };
        let deadline = Instant::now() + self.deadline;
        let dns = dns.for_message();
        // Side by side, each under the same deadline: a stranger's slow server must not use up the
        // time that the author's own lookups need.
        let spf = spf::check(&dns, envelope, deadline);
        let Questions {
            authors,
            identifiers,
            keys,
        } = questions;
        let dmarc = dmarc::ask(&dns, authors, &identifiers, deadline);
        let keys = key::fetch(&dns, keys, deadline);
        let (spf, (authors, organizations), keys) = tokio::join!(spf, dmarc, keys);
        Gathered {
            spf,
            authors,
            organizations,
            keys,
            lookups: dns.lookups(),
        }
    }

    /// Waits for the lookups and checks the signatures over the whole message.
    pub async fn finish(&self, mut lookups: Lookups, message: &Message) -> Evidence {
        // The task can only fail by a panic in a library; what it would have found is then as
        // unknown as if DNS had not answered.
        let gathered = lookups.state.wait().await.unwrap_or_else(|| {
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
        if self.dns.is_none() {
            return Evidence {
                offline: true,
                ..Evidence::default()
            };
        }
        let (dkim, arc) = self.signatures(&gathered.keys, &lookups.signers, message);
        Evidence {
            spf: gathered.spf,
            dkim,
            arc,
            authors: gathered.authors,
            organizations: gathered.organizations,
            several_from: message.headers_named("From").nth(1).is_some(),
            offline: false,
            lookups: gathered.lookups,
        }
    }

    /// What the signatures of a whole message say with keys that were fetched before.
    fn signatures(
        &self,
        keys: &Keys,
        signers: &[Author],
        message: &Message,
    ) -> (Vec<Signature>, Seals) {
        let header = header_bytes(&message.headers);
        let Some(mut parsed) = AuthenticatedMessage::parse(&header) else {
            return (Vec::new(), Seals::default());
        };
        dkim::hash_body(&mut parsed, &message.body);
        let dkim = dkim::verify(&mut parsed, message, signers, keys, self.max_signatures);
        let arc = arc::verify(&parsed, message, keys, &self.arc_sealers);
        (dkim, arc)
    }
}
