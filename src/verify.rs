//! The way of one message: claim, authenticate, decide, act.

mod known;

use crate::{
    attachments::{Place, Readers},
    authenticate::{Acquaintance, Authenticator, Lookups},
    brand::Brand,
    claim::{self, Claims},
    config::{Config, Inspect},
    dns::{Dns, Observer, SetupError},
    mail::{
        body::{Forms, Wanted},
        domain::Domain,
        file::Files,
        message::{Limit, Message},
    },
    proof::{Evidence, SignatureFault},
    report::{HeaderOptions, Judged, Report},
    verdict::{
        self, Case,
        policy::Policy,
        trust::{Origin, Trust},
    },
    wants::{self, Bounds, Content, Letter, Sender},
};
use std::{sync::Arc, thread};

/// Everything that judging a message needs, built from one configuration and never changed.
pub struct Verifier {
    /// The brand that is protected.
    pub brand: Arc<Brand>,
    /// Whom the operator trusts.
    pub trust: Trust,
    /// What the operator wants done.
    pub policy: Policy,
    /// How header fields are written.
    pub headers: HeaderOptions,
    /// Which bodies are looked into.
    pub inspect: Inspect,
    /// How much of a body is looked into.
    pub inspect_bounds: Bounds,
    /// Whether files of messages that claim the brand are opened.
    pub open_files: bool,
    /// Who opens them, where anybody can.
    pub readers: Option<Arc<Readers>>,
    /// Whether every message is authenticated and labelled, not only claims.
    pub authenticate_all: bool,
    /// Who asks DNS.
    pub authenticator: Arc<Authenticator>,
}

impl Verifier {
    /// Builds it from a configuration. No packet is sent.
    ///
    /// # Errors
    ///
    /// [`SetupError`] where the resolver can't be built.
    pub fn new(config: &Config, observer: Arc<dyn Observer>) -> Result<Self, SetupError> {
        let authenticator = Authenticator::new(&config.authenticate, observer)?;
        Ok(Self::over(config, authenticator))
    }

    /// The same with an authenticator that is there already.
    pub fn over(config: &Config, authenticator: Authenticator) -> Self {
        let names = known::Names::new(Arc::clone(&config.brand), config.trust.clone());
        let authenticator = authenticator.keeping(move |name| names.contains(name));
        Self {
            brand: Arc::clone(&config.brand),
            trust: config.trust.clone(),
            policy: config.policy.clone(),
            headers: config.headers.clone(),
            inspect: config.inspect,
            inspect_bounds: config.inspect_bounds,
            open_files: config.open_files,
            readers: None,
            authenticate_all: config.authenticate_all,
            authenticator: Arc::new(authenticator),
        }
    }

    /// The same with somebody who opens files.
    pub fn with_readers(self, readers: Option<Arc<Readers>>) -> Self {
        Self { readers, ..self }
    }

    /// The way to DNS, where it is asked at all.
    pub fn dns(&self) -> Option<&Dns> {
        self.authenticator.dns()
    }

    /// Makes the tables that every message needs, which takes some milliseconds: else the first messages would wait
    /// for it, and others behind them.
    pub fn prepare(&self) {
        self.brand.prepare();
    }

    /// The same, and those of words.
    pub fn prepare_all(&self) {
        self.prepare();
        wants::prepare();
    }
}

/// Begins to make the tables of words, beside what else is done at the start: they take longest, and only mail that
/// could be the brand's needs them. A message that comes before they are there waits for what is left, which is less
/// than 10 ms.
pub fn begin_to_prepare() {
    let thread = thread::Builder::new().name("tables".to_owned());
    if thread.spawn(wants::prepare).is_err() {
        wants::prepare();
    }
}

/// The same of the tables of a brand, beside what else its configuration needs. Whoever needs one waits for it, or
/// makes it.
pub fn begin_to_prepare_brand(brand: &Arc<Brand>) {
    let brand = Arc::clone(brand);
    let thread = thread::Builder::new().name("brand".to_owned());
    let _ = thread.spawn(move || brand.prepare_beside());
}

/// A message between its header and its end.
pub struct Begun {
    origin: Origin,
    claims: Claims,
    lookups: Option<Lookups>,
    exempt: bool,
    /// What is proved of it, once that is known.
    evidence: Option<Evidence>,
    /// What its body says, where that is known before its end.
    content: Option<Content>,
    /// What is known of its files.
    files: Files,
    /// How much of it has to be there before it is looked into again.
    next_look: usize,
    /// The forms of the bodies by which a proof could be had that nobody has asked for yet.
    forms: Option<Forms>,
}

impl Begun {
    /// Whether the lookups are done since [`Verifier::wanted`] was asked, so that it has something to do.
    pub fn is_due(&self) -> bool {
        self.lookups.as_ref().is_some_and(Lookups::are_due)
    }
}

impl Verifier {
    /// Whether the envelope alone says that the message is not to be judged.
    pub fn exempts(&self, message: &Message) -> bool {
        self.trust.exempts(&message.envelope).is_some()
    }

    /// Looks at the envelope and the header fields, and starts the lookups that they ask for. Needs
    /// a Tokio runtime.
    pub fn begin(&self, message: &Message) -> Begun {
        let origin = self.trust.origin(message);
        if self.trust.exempts(&origin.envelope).is_some() {
            return Begun {
                origin,
                claims: Claims::default(),
                lookups: None,
                exempt: true,
                evidence: None,
                content: None,
                files: Files::default(),
                next_look: 0,
                forms: None,
            };
        }
        let claims = claim::claims(message, &self.brand);
        let lookups = (claims.need_evidence() || self.authenticate_all)
            .then(|| self.look_up(&origin, message, &claims));
        Begun {
            origin,
            claims,
            lookups,
            exempt: false,
            evidence: None,
            content: None,
            files: match self.open_files {
                true => Files::Closed,
                false => Files::Ignored,
            },
            // Blanks don't count, and of a text about one octet in six is one: a look that comes too early is made again.
            next_look: self.inspect_bounds.unclaimed.saturating_mul(5) / 4 + 1,
            forms: None,
        }
    }

    fn look_up(&self, origin: &Origin, message: &Message, claims: &Claims) -> Lookups {
        let acquaintance = Acquaintance {
            knows: &|domain| self.knows(domain),
            names: &|list| self.trust.names_list(list),
        };
        let envelope = &origin.envelope;
        self.authenticator
            .begin(envelope, message, claims, acquaintance)
    }

    fn knows(&self, domain: &Domain) -> bool {
        known::is_known(&self.brand, &self.trust, domain)
    }

    /// Whether the body can still change the report.
    pub fn needs_body(&self, begun: &Begun) -> bool {
        !begun.exempt
            && (begun.lookups.is_some()
                || match self.inspect {
                    Inspect::All => true,
                    Inspect::Claimed => !begun.claims.list.is_empty(),
                    Inspect::Never => false,
                })
    }

    /// What of the body is of use, of which `incoming` more octets are there. Where the lookups are done, the
    /// signatures over the header are checked: the body is hashed for those alone that hold.
    pub fn wanted(&self, begun: &mut Begun, message: &Message, incoming: usize) -> Wanted {
        let text = self.text_wanted(begun);
        if let Some(lookups) = &mut begun.lookups {
            self.authenticator.check(lookups, message);
            let proved = lookups.provisional();
            let needs_text = proved.is_none() || verdict::needs_text(&begun.claims, proved);
            return Wanted {
                forms: lookups.forms(),
                keep: match needs_text {
                    true => text,
                    // Should the body be another one after all, nothing in its text could help its author.
                    false => text.min(self.inspect_bounds.unclaimed),
                },
            };
        }
        // Most mail is done with before that, or is kept whole till a proof is asked for.
        let come = message.body.len().saturating_add(incoming);
        if begun.forms.is_none()
            && (begun.content.is_some() || come > text.min(self.inspect_bounds.max_body))
        {
            begun.forms = Some(self.authenticator.forms(message, &begun.claims));
        }
        Wanted {
            forms: begun.forms.unwrap_or_default(),
            keep: text,
        }
    }

    /// How much of the body could be looked into.
    fn text_wanted(&self, begun: &Begun) -> usize {
        let unclaimed = begun.claims.strongest_if_excused().is_none();
        match begun.exempt || self.inspect == Inspect::Claimed && unclaimed {
            true => 0,
            false => self.octets_read(),
        }
    }

    /// How much of a body is read at most.
    pub fn octets_read(&self) -> usize {
        let reads_files = self.open_files && self.readers.is_some();
        match self.inspect {
            Inspect::Never => 0,
            Inspect::Claimed | Inspect::All => {
                wants::octets_read(self.inspect_bounds.max_body, reads_files)
            }
        }
    }

    /// The forms of the bodies by which a message could be proved, as long as nobody has asked for a proof.
    pub fn signed_forms(&self, message: &Message) -> Forms {
        let claims = claim::claims(message, &self.brand);
        self.authenticator.forms(message, &claims)
    }

    /// Whether the body as far as it has come says that its rest changes nothing: the header claims
    /// nothing, and what is looked into of such a body names the brand nowhere. Style, markup and pictures
    /// don't count as looked into, so it is looked into again when twice as much has come: all in all no
    /// octet is read more than a few times.
    pub fn settles(&self, begun: &mut Begun, message: &Message) -> bool {
        let come = message.body.len();
        let is_short = message.body.kept() < come.min(self.inspect_bounds.max_body);
        let may_settle = begun.claims.list.is_empty() && begun.lookups.is_none() && !is_short;
        if !may_settle || begun.content.is_some() || come < begun.next_look {
            return false;
        }
        let content = self.content(begun, message);
        let is_nothing = content.is_nothing();
        if is_nothing && !content.enough && come < self.inspect_bounds.max_body {
            begun.next_look = come.saturating_mul(2).min(self.inspect_bounds.max_body);
            return false;
        }
        begun.content = Some(content);
        is_nothing
    }

    /// Judges a message that [needs no body](Self::needs_body), or [no more of it](Self::settles).
    pub fn conclude(&self, begun: Begun, message: &Message) -> Report {
        let content = begun.content.unwrap_or_default();
        self.report(begun.origin, begun.claims, None, content, message)
    }

    fn content(&self, begun: &Begun, message: &Message) -> Content {
        let claims = &begun.claims;
        let domains = claims.author_domains.iter();
        let sender = Sender {
            domains: domains.map(|author| &author.domain).collect(),
            names: &claims.authors.names,
            claim: claims.strongest_if_excused(),
        };
        match self.inspect {
            _ if begun.exempt => Content::default(),
            Inspect::Never => wants::inspect_subject(message, &self.brand, &sender),
            Inspect::Claimed if sender.claim.is_none() => Content::default(),
            _ => {
                let files = &begun.files;
                let letter = Letter { message, files };
                wants::inspect(letter, &self.brand, sender, self.inspect_bounds)
            }
        }
    }

    /// Waits for what the lookups find, so that [`Self::examine`] waits for nothing.
    pub async fn answered(&self, begun: &mut Begun) {
        if let Some(lookups) = &mut begun.lookups {
            lookups.answered().await;
        }
    }

    /// Reads signatures and text, as far as they can change the report.
    pub async fn examine(&self, begun: &mut Begun, message: &Message) {
        begun.evidence = match begun.lookups.take() {
            Some(lookups) => Some(self.authenticator.finish(lookups, message).await),
            None => None,
        };
        begun.content = Some(
            match verdict::needs_text(&begun.claims, begun.evidence.as_ref()) {
                true => self.content(begun, message),
                false => Content::default(),
            },
        );
    }

    /// Waits for somebody who opens the files of a message that was [examined](Self::examine), where it has
    /// any and they can change the report.
    pub async fn reader(&self, begun: &Begun) -> Option<Place<'_>> {
        let content = begun.content.as_ref()?;
        let claims = !begun.claims.list.is_empty() || !content.is_nothing();
        match &self.readers {
            Some(readers) if self.open_files && content.has_files && claims => {
                Some(readers.place(begun.origin.envelope.client_ip).await)
            }
            _ => None,
        }
    }

    /// The files of a message, and how many more there are.
    pub fn files(&self, message: &Message) -> (Vec<Vec<u8>>, usize) {
        wants::to_open(message, self.inspect_bounds.max_body)
    }

    /// Judges a message that was [examined](Self::examine). `files`: what its files show, where they were
    /// opened.
    pub async fn judge(&self, mut begun: Begun, message: &Message, files: Option<Files>) -> Report {
        let content = match (files, begun.content.take()) {
            (Some(files), _) => {
                begun.files = files;
                self.content(&begun, message)
            }
            (None, content) => content.unwrap_or_default(),
        };
        // What is found in the text may be excused where its author is proved, which nobody asked for so
        // far: most mail that names the brand does nothing to be excused.
        let evidence = match begun.evidence.take() {
            None if !begun.exempt && self.needs_proof(&begun, &content, message) => {
                let lookups = self.look_up(&begun.origin, message, &begun.claims);
                Some(self.authenticator.finish(lookups, message).await)
            }
            known => known,
        };
        self.report(begun.origin, begun.claims, evidence, content, message)
    }

    fn needs_proof(&self, begun: &Begun, content: &Content, message: &Message) -> bool {
        let nothing = Evidence::default();
        verdict::needs_proof(Case {
            claims: &begun.claims,
            origin: &begun.origin,
            evidence: &nothing,
            content,
            trust: &self.trust,
            limits: &message.cut,
        })
    }

    /// Examines a message, opens its files and judges it.
    pub async fn finish(&self, mut begun: Begun, message: &Message) -> Report {
        self.examine(&mut begun, message).await;
        let files = match self.reader(&begun).await {
            Some(place) => {
                let (files, beyond) = self.files(message);
                Some(place.read(&files, beyond).await)
            }
            None => None,
        };
        self.judge(begun, message, files).await
    }

    /// All of it at once, for a message that is there as a whole.
    pub async fn verify(&self, message: &Message) -> Report {
        let begun = self.begin(message);
        self.finish(begun, message).await
    }

    fn report(
        &self,
        origin: Origin,
        claims: Claims,
        evidence: Option<Evidence>,
        content: Content,
        message: &Message,
    ) -> Report {
        let nothing = Evidence::default();
        let judgement = verdict::decide(Case {
            claims: &claims,
            origin: &origin,
            evidence: evidence.as_ref().unwrap_or(&nothing),
            content: &content,
            trust: &self.trust,
            limits: &message.cut,
        });
        let decision = self.policy.act(&judgement, &origin);
        let mut limits = message.cut.clone();
        let mut signatures = evidence.iter().flat_map(|evidence| &evidence.dkim);
        if signatures.any(|signature| signature.fault == Some(SignatureFault::NotChecked)) {
            limits.push(Limit::Signatures);
        }
        // A body that was not kept is said by its own word.
        if content.cut && !limits.contains(&Limit::Body) {
            limits.push(Limit::Content);
        }
        let judged = Judged {
            claims,
            evidence,
            content,
            judgement,
            decision,
            limits,
        };
        Report::new(self.brand.name(), judged)
            .with_advice(self.brand.advice(&self.headers.advice_language))
            .with_results_in_our_name(message, &self.headers)
    }
}
