//! Where the links of a message lead, against what they show.

use crate::{
    brand::{
        Brand, Class, Entry, Strength,
        host::{HostClass, How, classify},
        name::strong_name,
    },
    mail::{domain::Domain, message::Message, text::skeleton::skeleton},
    reason::Reason,
};
use crate::{
    mail::{
        text::visible_letter,
        url::{Host, Target, Web, percent_decoded},
        visible_text::{Link, prefix},
    },
    wants::{Detail, bare_host, names, phrases::Tables},
};
use linkify::{LinkFinder, LinkKind};
use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap, HashSet},
    rc::Rc,
};

/// Different hosts of one message that are compared with the brand, and octets of their names: to compare
/// a long one takes as long as several short ones.
const MAX_HOSTS: usize = 500;
const MAX_HOST_OCTETS: usize = 16 * 1024;
/// Octets of texts of links that are looked at closely. Only what spells the name is.
const MAX_CLOSE: usize = 128 * 1024;
/// Addresses in one text that are looked at.
const MAX_IN_TEXT: usize = 2_000;
/// A link's text of more words is a sentence, in which a host is only mentioned.
const FEW_WORDS: usize = 3;

/// Whom a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Whose {
    Brand,
    /// Counts clicks or checks links for somebody else.
    Service,
    Stranger,
}

/// What a link shows of the brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shows {
    Nothing,
    /// Its name.
    Name,
    /// A bare host such as `shop.example`, which many write for the name.
    Host,
    /// An address: with scheme, `www`, path, or a mail address.
    Address,
}

/// What the hosts of a message are to the brand, each worked out once.
#[derive(Debug, Default)]
pub(crate) struct Hosts<'b> {
    classes: HashMap<Domain, HostClass<'b>>,
    octets: usize,
}

/// Judges the links of one message.
pub(crate) struct Judge<'b> {
    brand: &'b Brand,
    strong_claim: bool,
    /// The brand's name as host names hold it.
    name: String,
    /// The domain that the author gives, and with it his own click counter.
    author: Option<String>,
    hosts: Rc<RefCell<Hosts<'b>>>,
    /// Octets that were looked at closely.
    close: usize,
    pub(crate) details: Vec<Detail>,
    pub(crate) cut: bool,
}

impl<'b> Judge<'b> {
    /// `hosts`: those that are known of this message.
    pub(crate) fn new(
        message: &Message,
        brand: &'b Brand,
        strong_claim: bool,
        hosts: &Rc<RefCell<Hosts<'b>>>,
    ) -> Self {
        Self {
            brand,
            strong_claim,
            name: joined(brand.name()),
            author: author_domain(message),
            hosts: Rc::clone(hosts),
            close: 0,
            details: Vec::new(),
            cut: false,
        }
    }

    fn class(&mut self, host: &Domain) -> HostClass<'b> {
        let mut hosts = self.hosts.borrow_mut();
        if let Some(class) = hosts.classes.get(host) {
            return class.clone();
        }
        let octets = hosts.octets + host.as_str().len();
        if hosts.classes.len() >= MAX_HOSTS || octets > MAX_HOST_OCTETS {
            self.cut = true;
            return HostClass::Unrelated(None);
        }
        hosts.octets = octets;
        let class = classify(self.brand, host);
        hosts.classes.insert(host.clone(), class.clone());
        class
    }

    /// The links of a page, which have texts of their own.
    pub(crate) fn links(&mut self, links: &[Link]) {
        // Those that gave nothing, by target and text: most pages repeat some.
        let mut harmless = BTreeSet::new();
        for link in links {
            let both = (&*link.target, &*link.label);
            if harmless.contains(&both) {
                continue;
            }
            let known = self.details.len();
            self.link(link);
            if self.details.len() == known {
                harmless.insert(both);
            }
        }
    }

    fn link(&mut self, link: &Link) {
        let label: String = link.label.trim().to_owned();
        match Target::parse(&link.target) {
            Target::Web(web) => self.web(&web, &label),
            Target::Mail(domains) => {
                for domain in &domains {
                    let brands = self.is_brands(domain);
                    self.lookalike(domain);
                    // A reply address elsewhere under the brand's name is ordinary; under its address not.
                    if !brands && self.shows(&label) == Shows::Address {
                        self.deceptive(&label, domain.as_str());
                    }
                }
            }
            Target::Carried => {
                let shows = self.shows(&label);
                if shows >= Shows::Host || shows == Shows::Name && self.strong_claim {
                    self.deceptive(&label, prefix(&link.target, 40));
                }
            }
            Target::Nowhere => {}
        }
    }

    /// The addresses that mail programs make links of, in text.
    pub(crate) fn text(&mut self, text: &str, is_warning: impl Fn(&str) -> bool) {
        let mut finder = LinkFinder::new();
        finder.url_must_have_scheme(false);
        let text = &*visible_letter::own_scripts_blanked(text);
        // Addresses that gave nothing give nothing again.
        let mut harmless = HashSet::new();
        for (index, found) in finder.links(text).enumerate() {
            if index >= MAX_IN_TEXT {
                self.cut = true;
                return;
            }
            let address = found.as_str();
            if harmless.contains(address) {
                continue;
            }
            if !bare_host::is_one(self.brand, text, found.start()..found.end()) {
                continue;
            }
            let known = self.details.len();
            match found.kind() {
                LinkKind::Email => {
                    let domain = address
                        .rsplit_once('@')
                        .and_then(|(_, d)| Domain::parse(d).ok());
                    if let Some(domain) = domain {
                        self.lookalike(&domain);
                    }
                }
                // It shows where it leads: only its host and what is hidden in it can deceive.
                _ => {
                    if let Target::Web(web) = Target::parse(address) {
                        self.web(&web, "");
                    }
                }
            }
            // "Never trust shop-login.example" names a host and doesn't lead there.
            let plain = !address.contains('/') && !address.starts_with("www.");
            if self.details.len() > known
                && plain
                && is_warning(sentence_around(text, found.start()))
            {
                self.details.truncate(known);
            } else if self.details.len() == known {
                harmless.insert(address);
            }
        }
    }

    fn web(&mut self, web: &Web, label: &str) {
        for host in web.names() {
            self.under_label(host, label);
        }
        let inner = web.inner();
        for host in inner.iter().flat_map(Web::names) {
            self.lookalike(host);
        }
        // What stands before an @ is no host, and only looks like one.
        let posing = !web.user.is_empty() && self.shows(&web.user) >= Shows::Host;
        let shown = self.shows(label);
        if !posing && shown == Shows::Nothing {
            return;
        }
        let whose = self.whose(web, &inner);
        if whose == Whose::Brand {
            return;
        }
        let target = shown_host(web);
        if posing {
            return self.deceptive(&web.user, &target);
        }
        let deceptive = match shown {
            Shows::Nothing => false,
            Shows::Name => self.strong_claim,
            Shows::Host => self.strong_claim || whose == Whose::Stranger && !self.is_authors(web),
            Shows::Address => self.strong_claim || whose == Whose::Stranger,
        };
        if deceptive {
            self.deceptive(label, &target);
        }
    }

    fn whose(&mut self, web: &Web, inner: &[Web]) -> Whose {
        let services = &Tables::embedded().services;
        let names: Vec<Domain> = web.names().cloned().collect();
        if names.iter().any(|name| services.checkers.hold(name)) {
            // The address that a checker wraps is where it leads, if that is harmless.
            let wrapped: Vec<Domain> = inner.iter().flat_map(Web::names).cloned().collect();
            return match wrapped.first() {
                Some(_) if wrapped.iter().all(|name| self.is_brands(name)) => Whose::Brand,
                Some(_) => Whose::Stranger,
                None => Whose::Service,
            };
        }
        if names.len() == web.hosts.len()
            && !names.is_empty()
            && names.iter().all(|n| self.is_brands(n))
        {
            return match self.redirects_away(web) {
                true => Whose::Stranger,
                false => Whose::Brand,
            };
        }
        match names.iter().any(|name| services.counters.hold(name)) {
            true => Whose::Service,
            false => Whose::Stranger,
        }
    }

    /// An official address with a parameter that leads on to a stranger.
    fn redirects_away(&mut self, web: &Web) -> bool {
        let parameters = &Tables::embedded().services.parameters;
        web.redirects().iter().any(|(name, to)| {
            parameters.contains(name)
                && to.hosts.iter().any(|host| match host {
                    Host::Name(name) => !self.is_brands(name),
                    _ => true,
                })
        })
    }

    /// Whether a link under the brand's name may lead there: its own hosts, those of its companies, and
    /// the companies that lawfully use its name.
    fn is_brands(&mut self, host: &Domain) -> bool {
        match self.class(host) {
            HostClass::Official(_) | HostClass::Owned(_) => true,
            HostClass::Unrelated(Some(entry)) => matches!(
                entry.class,
                Class::Subsidiary | Class::UserContent | Class::EnvelopeOnly | Class::Partner
            ),
            HostClass::Lookalike(_) | HostClass::Unrelated(None) => false,
        }
    }

    fn is_authors(&self, web: &Web) -> bool {
        self.author
            .as_ref()
            .is_some_and(|author| web.names().any(|name| organizational(name) == *author))
    }

    fn lookalike(&mut self, host: &Domain) {
        if let HostClass::Lookalike(found) = self.class(host) {
            self.resembling(host, found.strength);
        }
    }

    fn resembling(&mut self, host: &Domain, strength: Strength) {
        // Advertising networks name a shop's links after the shop.
        let strong =
            strength == Strength::Strong && !Tables::embedded().services.counters.hold(host);
        if strong || self.strong_claim {
            self.note(Reason::LookalikeLink, host.as_str());
        }
    }

    /// Two weak signs make one: a host that resembles the brand weakly, under a text with the brand's
    /// name. A tenant of a business service is left out: there the name may be lawful twice.
    fn under_label(&mut self, host: &Domain, label: &str) {
        let HostClass::Lookalike(found) = self.class(host) else {
            return;
        };
        self.resembling(host, found.strength);
        if found.how != How::Tenant
            && !Tables::embedded().services.counters.hold(host)
            && self.shows(label) >= Shows::Name
        {
            self.note(Reason::LookalikeLink, host.as_str());
        }
    }

    fn deceptive(&mut self, label: &str, target: &str) {
        let seen = format!("{} -> {}", prefix(label, 80), prefix(target, 80));
        self.note(Reason::DeceptiveLink, &seen);
    }

    fn note(&mut self, reason: Reason, seen: &str) {
        crate::wants::note(&mut self.details, reason, seen);
    }

    /// What `label` shows of the brand.
    fn shows(&mut self, label: &str) -> Shows {
        // What most labels are: words, and no address.
        let best = match label.is_ascii() && !label.contains(['.', ':', '@', '%']) {
            true => Shows::Nothing,
            false => self.shows_address(label),
        };
        match best {
            Shows::Nothing if self.is_named(label) => Shows::Name,
            best => best,
        }
    }

    fn is_named(&mut self, label: &str) -> bool {
        if self.brand.prefilter().find(label).is_none() {
            return false;
        }
        self.close += label.len();
        if self.close > MAX_CLOSE {
            self.cut = true;
            return names::is_plainly_in(self.brand, label);
        }
        strong_name(self.brand, label).is_some()
    }

    /// What `label` shows of the brand's hosts.
    fn shows_address(&mut self, label: &str) -> Shows {
        let seen: String = visible_letter::letters(&percent_decoded(label)).collect();
        // Every host of the brand's has one.
        if !seen.contains(['.', '。']) {
            return Shows::Nothing;
        }
        let few = seen.split_whitespace().take(FEW_WORDS + 1).count() <= FEW_WORDS;
        let mut finder = LinkFinder::new();
        finder.url_must_have_scheme(false);
        let mut best = Shows::Nothing;
        for found in finder.links(&seen).take(8) {
            let text = found.as_str();
            let shown = match found.kind() {
                LinkKind::Email => {
                    let domain = text
                        .rsplit_once('@')
                        .and_then(|(_, d)| Domain::parse(d).ok());
                    domain
                        .filter(|d| self.is_brands_face(d))
                        .map(|_| Shows::Address)
                }
                _ => match Target::parse(text) {
                    Target::Web(web) if web.names().any(|name| self.is_brands_face(name)) => {
                        let full =
                            text.contains("://") || text.starts_with("www.") || text.contains('/');
                        Some(if full { Shows::Address } else { Shows::Host })
                    }
                    _ => None,
                },
            };
            // Among other words a capital makes it the shop's name: "at Shop.example" and not "at shop.example".
            let alone = seen.trim().len() <= text.len() + 2;
            let lower = !label.is_ascii() || label.contains(text);
            let counts = text.contains("://") || text.starts_with("www.") || alone || few && lower;
            best = best.max(shown.filter(|_| counts).unwrap_or(Shows::Nothing));
        }
        best
    }

    /// A host that a reader takes for the brand's: its own, and with its name in it. What else the
    /// group owns is not the brand's address to a reader.
    fn is_brands_face(&mut self, host: &Domain) -> bool {
        let brands = |entry: &Entry| {
            !matches!(
                entry.class,
                Class::Subsidiary | Class::Unverified | Class::Fake
            )
        };
        let listed = match self.class(host) {
            HostClass::Official(entry) | HostClass::Owned(entry) => brands(entry),
            HostClass::Lookalike(_) | HostClass::Unrelated(_) => false,
        };
        listed && joined(host.as_str()).contains(&self.name)
    }
}

/// The skeleton without its blanks.
fn joined(text: &str) -> String {
    skeleton(text).replace(' ', "")
}

fn shown_host(web: &Web) -> String {
    match web.hosts.last() {
        Some(Host::Name(name)) => name.to_string(),
        Some(Host::Address(ip)) => ip.clone(),
        Some(Host::Unreadable) | None => "?".to_owned(),
    }
}

/// The sentence of `text` that holds the octet `at`, as far as it is near.
fn sentence_around(text: &str, at: usize) -> &str {
    const AROUND: usize = 300;
    const STOPS: [&str; 6] = [". ", "! ", "? ", "\n\n", "。", ".\n"];
    let from = text.floor_char_boundary(at.saturating_sub(AROUND));
    let to = text.floor_char_boundary(at + AROUND);
    let before = text.get(from..at).unwrap_or_default();
    let after = text.get(at..to).unwrap_or_default();
    let start = STOPS.iter().filter_map(|stop| before.rfind(stop)).max();
    let end = STOPS.iter().filter_map(|stop| after.find(stop)).min();
    let start = start.map_or(from, |found| from + found);
    text.get(start..end.map_or(to, |found| at + found))
        .unwrap_or_default()
}

/// The organizational domain of the From address as a reader sees it; only a hint, it proves nothing.
fn author_domain(message: &Message) -> Option<String> {
    let from = message.headers_named("From").next()?;
    let from = String::from_utf8_lossy(&from.value);
    let (_, domain) = from.rsplit_once('@')?;
    let end = domain
        .find(|c: char| c == '>' || c.is_whitespace())
        .unwrap_or(domain.len());
    Domain::parse(domain.get(..end)?)
        .ok()
        .map(|domain| organizational(&domain))
}

fn organizational(domain: &Domain) -> String {
    psl::domain_str(domain.as_str())
        .unwrap_or(domain.as_str())
        .to_owned()
}
