//! Asks DNS and the signatures, under one deadline, and turns the answers into [`Evidence`].
//!
//! This folder is the only door to mail-auth. The library evaluates SPF records, DKIM signatures
//! and the syntax of DMARC records; what it lets through that must not count as a proof is guarded
//! here, each guard at the line that needs it.

mod arc;
mod dkim;
mod dmarc;
mod key;
mod spf;

use crate::{
    decision::{
        claim::Claims,
        domain::Domain,
        evidence::{AuthResult, AuthorEvidence, Evidence, Spf},
        message::{Envelope, Header, Message},
    },
    dns::{Dns, DnsSettings, Observer, SetupError},
};
use dkim::Author;
use key::{Keys, Sought};
use mail_auth::MessageAuthenticator;
use std::{sync::Arc, time::Duration};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};

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
    asked: Option<Asked>,
    deadline: Duration,
    max_signatures: usize,
    arc_sealers: Vec<Domain>,
}

/// The resolver and the library on top of it.
struct Asked {
    dns: Dns,
    mail_auth: MessageAuthenticator,
    /// The library once for each server, where there are several.
    others: Vec<MessageAuthenticator>,
}

/// What DNS said, gathered while the body was still on its way.
#[derive(Default)]
struct Gathered {
    spf: Spf,
    authors: Vec<AuthorEvidence>,
    keys: Keys,
    lookups: u32,
}

/// Lookups under way. Dropped, they end.
pub struct Lookups {
    task: JoinHandle<Gathered>,
    authors: Vec<Author>,
}

impl Drop for Lookups {
    fn drop(&mut self) {
        self.task.abort();
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
        let asked = match &settings.dns {
            Some(dns) => {
                let dns = Dns::new(dns, observer)?;
                let mail_auth = MessageAuthenticator(dns.resolver().clone());
                let others = dns.others().iter().cloned();
                Some(Asked {
                    others: others.map(MessageAuthenticator).collect(),
                    dns,
                    mail_auth,
                })
            }
            None => None,
        };
        Ok(Self {
            asked,
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
        let mut sought = dkim::sought(headers, &authors, self.max_signatures);
        sought.extend(arc::sought(headers, &self.arc_sealers));
        let asked = authors.clone();
        let task = tokio::spawn(async move { this.gather(&envelope, asked, sought).await });
        Lookups { task, authors }
    }

    async fn gather(
        &self,
        envelope: &Envelope,
        authors: Vec<Author>,
        sought: Vec<Sought>,
    ) -> Gathered {
        let Some(asked) = &self.asked else {
            return Gathered::default();
        };
        let deadline = Instant::now() + self.deadline;
        let dns = asked.dns.for_message();
        // Side by side, each under the same deadline: a stranger's slow server must not use up the
        // time that the author's own lookups need.
        let spf = async {
            match timeout_at(deadline, spf::check(asked, &dns, envelope)).await {
                Ok(spf) => spf,
                Err(_) => Spf {
                    result: AuthResult::TempError,
                    ..spf::subject(envelope)
                },
            }
        };
        let authors = futures_util::future::join_all(
            authors
                .into_iter()
                .map(|(domain, known)| dmarc::author(&dns, domain, known, deadline)),
        );
        let keys = key::fetch(&dns, sought, deadline);
        let (spf, authors, keys) = tokio::join!(spf, authors, keys);
        Gathered {
            spf,
            authors,
            keys,
            lookups: dns.lookups(),
        }
    }

    /// Waits for the lookups and checks the signatures over the whole message.
    pub async fn finish(&self, mut lookups: Lookups, message: &Message) -> Evidence {
        // The task can only fail by a panic in a library; what it would have found is then as
        // unknown as if DNS had not answered.
        let gathered = match (&mut lookups.task).await {
            Ok(gathered) => gathered,
            Err(error) => {
                tracing::error!(%error, "the lookups of a message failed");
                Gathered {
                    spf: Spf {
                        result: AuthResult::TempError,
                        ..spf::subject(&message.envelope)
                    },
                    ..Gathered::default()
                }
            }
        };
        let Some(asked) = &self.asked else {
            return Evidence {
                offline: true,
                ..Evidence::default()
            };
        };
        let dkim = dkim::verify(
            &asked.mail_auth,
            message,
            &lookups.authors,
            &gathered.keys,
            self.max_signatures,
        )
        .await;
        let arc = arc::verify(&asked.mail_auth, message, &gathered.keys, &self.arc_sealers).await;
        Evidence {
            spf: gathered.spf,
            dkim,
            arc,
            authors: gathered.authors,
            several_from: message.headers_named("From").nth(1).is_some(),
            offline: false,
            lookups: gathered.lookups,
        }
    }
}
