//! Where the links of a message lead, against what they show.

mod in_text;
#[cfg(test)]
mod tests;

use crate::{
    brand::{
        Brand, Class, Entry, Strength,
        host::{HostClass, How, classify},
        name::strong_name,
    },
    mail::{
        domain::Domain,
        shown_address::{Shown, ShownHost, could_show},
        text::skeleton::skeleton,
        url::{Host, Target, Web, percent_decoded},
        visible_text::{Link, prefix},
    },
    reason::Reason,
    wants::{Sender, names, phrases::Tables},
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

/// Different hosts of one message that are compared with the brand, and octets of their names: to compare
/// a long one takes as long as several short ones.
const MAX_HOSTS: usize = 500;
const MAX_HOST_OCTETS: usize = 16 * 1024;
/// Octets of texts of links that are looked at closely. Only what spells the name is.
const MAX_CLOSE: usize = 32 * 1024;
/// Links of one kind that are kept, and octets of each.
const MAX_EQUAL: usize = 2;
const MAX_SEEN: usize = 200;

/// What stands before and behind a link in the same word.
type Around = Option<(String, String)>;

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

/// A link that leads elsewhere than it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deceit {
    pub(crate) reason: Reason,
    /// What was seen, at most 200 octets of the sender's own text: not escaped.
    pub(crate) seen: String,
    /// It leads to the author's own site or his click counter.
    pub(crate) leads_home: bool,
}

/// What the hosts of a message are to the brand, each worked out once.
#[derive(Debug, Default)]
pub(crate) struct Hosts<'b> {
    classes: HashMap<Domain, HostClass<'b>>,
    octets: usize,
    /// There were more than are compared.
    cut: bool,
}

/// Judges the links of one message.
pub(crate) struct Judge<'b> {
    brand: &'b Brand,
    strong_claim: bool,
    /// The brand's words as host names hold them.
    names: Vec<String>,
    /// The domain that the author gives, and with it his own click counter.
    author: Option<String>,
    hosts: Rc<RefCell<Hosts<'b>>>,
    /// Links that gave nothing, by target and text: most pages repeat some, and most readings of a page all.
    harmless: BTreeMap<String, BTreeMap<String, BTreeSet<Around>>>,
    /// Octets that were looked at closely.
    close: usize,
    /// The first two of each kind.
    pub(crate) details: Vec<Deceit>,
    /// A link leads to a host that is neither the brand's, nor a partner's, nor the author's own.
    pub(crate) strangers: bool,
    /// A link leads to the author's own site.
    pub(crate) home: bool,
    pub(crate) cut: bool,
}

impl<'b> Judge<'b> {
    /// Whose links they are: the first of the sender's domains is his own site. `hosts`: those that are known of this
    /// message.
    pub(crate) fn new(
        brand: &'b Brand,
        sender: &Sender<'_>,
        hosts: &Rc<RefCell<Hosts<'b>>>,
    ) -> Self {
        Self {
            brand,
            strong_claim: sender.claim == Some(Strength::Strong),
            names: brand
                .host_words()
                .iter()
                .map(|word| joined(&word.text))
                .collect(),
            author: sender.domains.first().map(|domain| organizational(domain)),
            hosts: Rc::clone(hosts),
            harmless: BTreeMap::new(),
            close: 0,
            details: Vec::new(),
            strangers: false,
            home: false,
            cut: false,
        }
    }

    fn class(&self, host: &Domain) -> HostClass<'b> {
        let mut hosts = self.hosts.borrow_mut();
        if let Some(class) = hosts.classes.get(host) {
            return class.clone();
        }
        let octets = hosts.octets + host.as_str().len();
        if hosts.classes.len() >= MAX_HOSTS || octets > MAX_HOST_OCTETS {
            hosts.cut = true;
            return HostClass::Unrelated(None);
        }
        hosts.octets = octets;
        let class = classify(self.brand, host);
        hosts.classes.insert(host.clone(), class.clone());
        class
    }

    /// The links of a page, which have texts of their own.
    pub(crate) fn links(&mut self, links: &[Link]) {
        for link in links {
            let known = self.details.len();
            if self.is_harmless(link) {
                continue;
            }
            self.link(link);
            if self.details.len() == known {
                let same = self.harmless.entry(link.target.clone()).or_default();
                let same = same.entry(link.label.clone()).or_default();
                same.insert(link.around.clone());
            }
        }
    }

    fn is_harmless(&self, link: &Link) -> bool {
        let same = self.harmless.get(&link.target);
        let same = same.and_then(|same| same.get(&link.label));
        same.is_some_and(|same| same.contains(&link.around))
    }

    fn link(&mut self, link: &Link) {
        let label = link.label.trim();
        match Target::parse(&link.target) {
            Target::Web(web) => {
                let shown = self.shows_around(link);
                match shown {
                    Some(whole) => self.web(&web, &whole),
                    None => self.web(&web, label),
                }
            }
            Target::Mail(domains) => {
                for domain in &domains {
                    let brands = self.is_brands(domain);
                    let home = self.is_own(domain);
                    self.lookalike(domain, home);
                    // A reply address elsewhere under the brand's name is ordinary; under its address not.
                    if !brands && self.shows(label) == Shows::Address {
                        self.deceptive(label, domain.as_str(), home);
                    }
                }
            }
            Target::Carried => {
                self.strangers = true;
                let shows = self.shows(label);
                if shows >= Shows::Host || shows == Shows::Name && self.strong_claim {
                    self.deceptive(label, prefix(&link.target, 40), false);
                }
            }
            Target::Nowhere => {}
        }
    }

    /// The whole word of which a link is a part, where it shows an address of the brand's and neither the
    /// link nor what stands beside it does by itself: two links side by side show one.
    fn shows_around(&mut self, link: &Link) -> Option<String> {
        let (before, behind) = link.around.as_ref()?;
        let label = link.label.trim();
        let whole = format!("{before}{label}{behind}");
        let parts = [&**before, label, &**behind];
        let shown = self.shows_address(&whole);
        let alone = parts.map(|part| self.shows_address(part));
        (shown >= Shows::Host && alone.iter().all(|part| *part < Shows::Host)).then_some(whole)
    }

    fn web(&mut self, web: &Web, label: &str) {
        let home = self.is_authors(web);
        for host in web.names() {
            self.under_label(host, label, home);
        }
        self.home |= home;
        let is_listed = web.names().count() == web.hosts.len()
            && web.names().all(|name| self.is_brands_or_partners(name));
        self.strangers |= !home && (!is_listed || self.redirects_away(web));
        let inner = web.inner();
        for host in inner.iter().flat_map(Web::names) {
            self.lookalike(host, home);
        }
        // What stands before an @ is no host, and only looks like one.
        let posing = self.poses(&web.user);
        let shown = self.shows(label);
        if !posing && shown == Shows::Nothing {
            return;
        }
        let (whose, home) = self.whose(web);
        if whose == Whose::Brand {
            return;
        }
        let target = shown_host(web);
        if posing {
            return self.deceptive(&web.user, &target, home);
        }
        let deceptive = match shown {
            Shows::Nothing => false,
            Shows::Name => self.strong_claim,
            Shows::Host => self.strong_claim || whose == Whose::Stranger && !home,
            Shows::Address => self.strong_claim || whose == Whose::Stranger,
        };
        if deceptive {
            self.deceptive(label, &target, home);
        }
    }

    /// Whether what stands before an `@` bears the brand's name, as no user of a web site does.
    fn poses(&mut self, user: &str) -> bool {
        let user_name = joined(&percent_decoded(user));
        let is_named = self.names.iter().any(|name| user_name.contains(name));
        is_named || self.shows(user) >= Shows::Host
    }

    /// Whom a link leads to; and whether that is the author, or somebody who counts clicks for him.
    fn whose(&mut self, web: &Web) -> (Whose, bool) {
        let services = &Tables::embedded().services;
        let names: Vec<&Domain> = web.names().collect();
        let is_all_named = names.len() == web.hosts.len() && !names.is_empty();
        let is_checker = names.iter().any(|name| services.checkers.hold(name));
        if is_checker || names.iter().any(|name| services.counters.hold(name)) {
            // Where it leads on to, if that can be read.
            let targets = leads_on(web);
            if targets.is_empty() {
                return (Whose::Service, true);
            }
            let is_brands = |to: &Web| !self.is_strange(to) && !self.redirects_away(to);
            return match targets.iter().all(is_brands) {
                true => (Whose::Brand, false),
                false => (
                    Whose::Stranger,
                    targets.iter().all(|to| self.is_authors(to)),
                ),
            };
        }
        if is_all_named && names.iter().all(|name| self.is_brands(name)) {
            return match self.redirects_away(web) {
                true => (Whose::Stranger, false),
                false => (Whose::Brand, false),
            };
        }
        (Whose::Stranger, self.is_authors(web))
    }

    /// An official address with a parameter or a path that leads on to a stranger.
    fn redirects_away(&self, web: &Web) -> bool {
        let parameters = &Tables::embedded().services.parameters;
        let leads = web
            .parameters()
            .into_iter()
            .filter(|one| !one.is_bare && parameters.contains(&one.name));
        let leads = leads.map(|one| one.to).chain(web.in_path());
        leads.into_iter().any(|to| self.is_strange(&to))
    }

    fn is_strange(&self, web: &Web) -> bool {
        let is_strange = |host: &Host| match host {
            Host::Name(name) => !self.is_brands(name),
            _ => true,
        };
        web.hosts.iter().any(is_strange)
    }

    fn is_brands_or_partners(&self, host: &Domain) -> bool {
        match self.class(host) {
            HostClass::Official(_) | HostClass::Owned(_) => true,
            HostClass::Unrelated(Some(entry)) => {
                matches!(entry.class, Class::Subsidiary | Class::Partner)
            }
            HostClass::Lookalike(_) | HostClass::Unrelated(None) => false,
        }
    }

    /// Whether a link under the brand's name may lead there: its own hosts, those of its companies, and
    /// the companies that lawfully use its name.
    fn is_brands(&self, host: &Domain) -> bool {
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
        web.names().count() == web.hosts.len() && web.names().all(|name| self.is_own(name))
    }

    /// Whether a host is within the author's domain.
    fn is_own(&self, host: &Domain) -> bool {
        let author = self.author.as_ref();
        author.is_some_and(|author| organizational(host) == *author)
    }

    fn lookalike(&mut self, host: &Domain, home: bool) {
        if let HostClass::Lookalike(found) = self.class(host) {
            self.resembling(host, found.strength, home);
        }
    }

    fn resembling(&mut self, host: &Domain, strength: Strength, home: bool) {
        // Advertising networks name a shop's links after the shop.
        let strong =
            strength == Strength::Strong && !Tables::embedded().services.counters.hold(host);
        if strong || self.strong_claim {
            self.note(Reason::LookalikeLink, host.as_str(), home);
        }
    }

    /// Two weak signs make one: a host that resembles the brand weakly, under a text with the brand's
    /// name. A tenant of a business service is left out: there the name may be lawful twice.
    fn under_label(&mut self, host: &Domain, label: &str, home: bool) {
        let HostClass::Lookalike(found) = self.class(host) else {
            return;
        };
        self.resembling(host, found.strength, home);
        if found.how != How::Tenant
            && !Tables::embedded().services.counters.hold(host)
            && self.shows(label) >= Shows::Name
        {
            self.note(Reason::LookalikeLink, host.as_str(), home);
        }
    }

    fn deceptive(&mut self, label: &str, target: &str, home: bool) {
        let seen = format!("{} -> {}", prefix(label, 80), prefix(target, 80));
        self.note(Reason::DeceptiveLink, &seen, home);
    }

    /// Keeps the first few of each kind, so that no flood of one hides the others.
    fn note(&mut self, reason: Reason, seen: &str, leads_home: bool) {
        let new = Deceit {
            reason,
            seen: prefix(seen.trim(), MAX_SEEN).to_owned(),
            leads_home,
        };
        let equal = |known: &&Deceit| (known.reason, known.leads_home) == (reason, leads_home);
        let known = self.details.iter().filter(equal).count();
        if known < MAX_EQUAL && !self.details.contains(&new) {
            self.details.push(new);
        }
    }

    /// Whether something lay beyond a bound.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut || self.hosts.borrow().cut
    }

    /// What `label` shows of the brand.
    fn shows(&mut self, label: &str) -> Shows {
        let best = match could_show(label) {
            false => Shows::Nothing,
            true => self.shows_address(label),
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
        self.close += names::cost(label);
        if self.close > MAX_CLOSE {
            self.cut = true;
            return names::is_plainly_in(self.brand, label);
        }
        strong_name(self.brand, label).is_some()
    }

    /// What `label` shows of the brand's hosts.
    fn shows_address(&mut self, label: &str) -> Shows {
        let shown = Shown::new(label);
        let few = shown.is_short();
        let mut best = Shows::Nothing;
        shown.hosts(|found: ShownHost| {
            // Among other words a capital makes it the shop's name: "at Shop.example" and not "at shop.example".
            let counts = found.is_marked || found.is_alone || few && found.is_small;
            if counts && self.is_brands_face(&found.host) {
                best = best.max(match found.in_address {
                    true => Shows::Address,
                    false => Shows::Host,
                });
            }
        });
        best
    }

    /// A host that a reader takes for the brand's: its own, and with its name in it. What else the
    /// group owns is not the brand's address to a reader.
    fn is_brands_face(&self, host: &Domain) -> bool {
        let shown = joined(host.as_str());
        let is_named = self.names.iter().any(|name| shown.contains(name));
        if !is_named && !host.as_str().contains("xn--") {
            return false;
        }
        let brands = |entry: &Entry| {
            !matches!(
                entry.class,
                Class::Subsidiary | Class::Unverified | Class::Fake
            )
        };
        match self.class(host) {
            HostClass::Official(entry) | HostClass::Owned(entry) => brands(entry),
            // Nobody sees a difference.
            HostClass::Lookalike(found) => {
                matches!(found.how, How::OfficialPrefix | How::Idn | How::Homoglyph)
            }
            HostClass::Unrelated(_) => false,
        }
    }
}

/// Where a click counter or a checker leads on to, as far as its address says.
fn leads_on(web: &Web) -> Vec<Web> {
    let services = &Tables::embedded().services;
    let named = web.parameters().into_iter().filter(|one| {
        let redirects = services.parameters.contains(&one.name);
        redirects || !one.is_bare && !services.origins.contains(&one.name)
    });
    let mut found: Vec<Web> = named.map(|one| one.to).chain(web.in_path()).collect();
    if found.is_empty() {
        found = web.hosts_in_path();
    }
    if found.is_empty() && web.parameters().is_empty() {
        found = web.inner();
    }
    found
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

fn organizational(domain: &Domain) -> String {
    psl::domain_str(domain.as_str())
        .unwrap_or(domain.as_str())
        .to_owned()
}
