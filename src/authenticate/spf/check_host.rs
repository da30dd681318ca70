//! `check_host()` (RFC 7208 section 4): the record of a domain evaluated for one client.
//!
//! Asks [`Dns`] for one thing after the other, so that what lies behind a match is never asked. Bounds:
//! ten terms that ask, two lookups that find nothing, ten hosts of a term, and the deadline.

use super::{
    macro_string::{DomainSpec, Values, is_askable},
    record::{Mechanism, Prefixes, Record, is_spf},
};
use crate::{
    dns::{Dns, Failure, QueryType},
    proof::AuthResult,
};
use std::net::IpAddr;
use tokio::time::{Instant, timeout_at};

/// Terms that ask DNS (RFC 7208 section 4.6.4).
const MAX_TERMS: u32 = 10;

/// Lookups of those terms that find nothing (the same).
const MAX_VOID_LOOKUPS: u32 = 2;

/// Hosts of one `mx`, or names of one client, whose addresses are looked up (the same).
const MAX_HOSTS: usize = 10;

/// Who is checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sender<'a> {
    /// The client, IPv4 where its address is an IPv4 one in IPv6's form.
    pub(super) ip: IpAddr,
    /// The argument of HELO or EHLO.
    pub(super) helo: &'a str,
    /// `postmaster` where the sender has none.
    pub(super) local_part: &'a str,
    pub(super) domain: &'a str,
}

/// Why an evaluation ends without a result of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A lookup failed. `open`: with its answer the sender could have passed.
    Temporary { open: bool },
    /// The lookup of a name failed that the sender chose.
    SendersFailure,
    /// The record can't be evaluated.
    Permanent,
}

/// A name that a term asks about.
struct Target {
    name: String,
    /// Whether its end is of the sender's choice. Else he could choose, with a name whose servers fail on
    /// purpose, between a forgery and a mail that can't be checked.
    is_senders: bool,
}

impl Target {
    /// Why the evaluation ends where asking about this name ended so.
    fn blamed(&self, stop: Stop) -> Stop {
        match stop {
            Stop::Temporary { .. } if self.is_senders => Stop::SendersFailure,
            stop => stop,
        }
    }
}

/// One evaluation with what it has used up.
pub(super) struct Evaluation<'a> {
    dns: &'a Dns,
    sender: Sender<'a>,
    deadline: Instant,
    terms: u32,
    void_lookups: u32,
    /// The client's names that its own address confirms, once they were looked up.
    validated_names: Option<Vec<String>>,
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(dns: &'a Dns, sender: Sender<'a>, deadline: Instant) -> Self {
        Self {
            dns,
            sender,
            deadline,
            terms: 0,
            void_lookups: 0,
            validated_names: None,
        }
    }

    /// What the record of `domain` says about the sender: one of RFC 7208 section 2.6 but for the two
    /// errors, which are a [`Stop`].
    pub(super) async fn check_host(&mut self, domain: &str) -> Result<AuthResult, Stop> {
        let Some(record) = self.record(domain).await? else {
            return Ok(AuthResult::None);
        };
        for (position, directive) in record.directives.iter().enumerate() {
            match self.matches(&directive.mechanism, domain).await {
                Ok(true) => return Ok(directive.result),
                Ok(false) => {}
                Err(Stop::Temporary { open }) => {
                    let open = open && directive.result == AuthResult::Pass
                        || record.may_pass_after(position, self.sender.ip);
                    return Err(Stop::Temporary { open });
                }
                Err(stop) => return Err(stop),
            }
        }
        let Some(redirect) = &record.redirect else {
            // RFC 7208 section 4.7.
            return Ok(AuthResult::Neutral);
        };
        // RFC 7208 section 6.1: the result is that of the other domain, which must have a record.
        self.count_term()?;
        match self.check_other(redirect, domain).await? {
            AuthResult::None => Err(Stop::Permanent),
            result => Ok(result),
        }
    }

    /// The record of a domain; `None` where it has none (RFC 7208 sections 4.3 to 4.6).
    async fn record(&mut self, domain: &str) -> Result<Option<Record>, Stop> {
        // A name of one label is nobody's mail domain.
        if !is_askable(domain) || !domain.contains('.') {
            return Ok(None);
        }
        let texts = self.ask(self.dns.txt(domain)).await?.unwrap_or_default();
        let mut records = texts.iter().filter(|text| is_spf(text));
        match (records.next(), records.next()) {
            (None, _) => Ok(None),
            (Some(record), None) => Record::parse(record).map(Some).map_err(|_| Stop::Permanent),
            (Some(_), Some(_)) => Err(Stop::Permanent),
        }
    }

    async fn matches(&mut self, mechanism: &Mechanism, domain: &str) -> Result<bool, Stop> {
        match mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Network(network) => Ok(network.contains(&self.sender.ip)),
            Mechanism::Include(spec) => {
                self.count_term()?;
                // RFC 7208 section 5.2: only a pass matches, and there must be a record.
                match self.check_other(spec, domain).await? {
                    AuthResult::None => Err(Stop::Permanent),
                    result => Ok(result == AuthResult::Pass),
                }
            }
            Mechanism::A(spec, prefixes) => {
                self.count_term()?;
                let Some(target) = self.target(spec.as_ref(), domain).await? else {
                    return Ok(false);
                };
                let found = self.is_at(&target.name, *prefixes).await;
                found.map_err(|stop| target.blamed(stop))
            }
            Mechanism::Mx(spec, prefixes) => {
                self.count_term()?;
                let Some(target) = self.target(spec.as_ref(), domain).await? else {
                    return Ok(false);
                };
                let found = self.is_mail_host(&target.name, *prefixes).await;
                found.map_err(|stop| target.blamed(stop))
            }
            Mechanism::Ptr(spec) => {
                self.count_term()?;
                let Some(target) = self.target(spec.as_ref(), domain).await? else {
                    return Ok(false);
                };
                let names = self.validated_names().await?;
                Ok(names.iter().any(|name| is_within(name, &target.name)))
            }
            Mechanism::Exists(spec) => {
                self.count_term()?;
                let Some(target) = self.target(Some(spec), domain).await? else {
                    return Ok(false);
                };
                // RFC 7208 section 5.7: an IPv4 address, whatever the client's is.
                let found = self.addresses(&target.name, QueryType::A).await;
                found
                    .map(|addresses| !addresses.is_empty())
                    .map_err(|stop| target.blamed(stop))
            }
        }
    }

    /// The result for another domain, which `include` and `redirect` ask for.
    async fn check_other(&mut self, spec: &DomainSpec, domain: &str) -> Result<AuthResult, Stop> {
        let Some(target) = self.target(Some(spec), domain).await? else {
            // RFC 7208 section 4.3: what can't be a domain has no record.
            return Ok(AuthResult::None);
        };
        let result = Box::pin(self.check_host(&target.name)).await;
        result.map_err(|stop| target.blamed(stop))
    }

    /// RFC 7208 section 5.3.
    async fn is_at(&mut self, name: &str, prefixes: Prefixes) -> Result<bool, Stop> {
        let ip = self.sender.ip;
        let addresses = self.addresses(name, self.family()).await?;
        Ok(addresses
            .into_iter()
            .any(|address| prefixes.contain(address, ip)))
    }

    /// RFC 7208 section 5.4. A domain without MX records has no implicit one here.
    async fn is_mail_host(&mut self, name: &str, prefixes: Prefixes) -> Result<bool, Stop> {
        let answer = self.ask(self.dns.mx(name)).await?;
        let hosts = self.unless_void(answer)?;
        if hosts.len() > MAX_HOSTS {
            return Err(Stop::Permanent);
        }
        for host in hosts {
            let host = host.strip_suffix('.').unwrap_or(&host);
            // The root stands for "no mail" (RFC 7505).
            if is_askable(host) && self.is_at(host, prefixes).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The client's names that its own address confirms (RFC 7208 section 5.5). What fails on the way is
    /// left out, as the RFC has it: the names are whatever the client's owner wrote, and his failures
    /// must not count.
    async fn validated_names(&mut self) -> Result<&[String], Stop> {
        if self.validated_names.is_none() {
            let names = match self.ask(self.dns.names(self.sender.ip)).await {
                Ok(answer) => self.unless_void(answer)?,
                Err(_) => Vec::new(),
            };
            let mut validated = Vec::new();
            for name in names.into_iter().take(MAX_HOSTS) {
                let name = name.strip_suffix('.').unwrap_or(&name);
                if !is_askable(name) {
                    continue;
                }
                let addresses = match self.addresses(name, self.family()).await {
                    Err(Stop::Temporary { .. }) => continue,
                    addresses => addresses?,
                };
                if addresses.contains(&self.sender.ip) {
                    validated.push(name.to_owned());
                }
            }
            self.validated_names = Some(validated);
        }
        Ok(self.validated_names.as_deref().unwrap_or_default())
    }

    /// What `%{p}` stands for (RFC 7208 section 7.3).
    async fn validated_name(&mut self, domain: &str) -> Result<String, Stop> {
        // RFC 7208 section 4.6.4: its PTR query is one of the ten.
        if self.validated_names.is_none() {
            self.count_term()?;
        }
        let names = self.validated_names().await?;
        let found = names
            .iter()
            .find(|name| name.eq_ignore_ascii_case(domain))
            .or_else(|| names.iter().find(|name| is_within(name, domain)))
            .or_else(|| names.first());
        Ok(found.map_or("unknown", String::as_str).to_owned())
    }

    /// The name that a term of `domain`'s record asks about; `None` where it can't be one, which matches
    /// nothing.
    async fn target(
        &mut self,
        spec: Option<&DomainSpec>,
        domain: &str,
    ) -> Result<Option<Target>, Stop> {
        let Some(spec) = spec else {
            return Ok(Some(Target {
                name: domain.to_owned(),
                is_senders: false,
            }));
        };
        let validated_name = match spec.wants_validated_name() {
            true => self.validated_name(domain).await?,
            false => String::new(),
        };
        let values = Values {
            ip: self.sender.ip,
            local_part: self.sender.local_part,
            sender_domain: self.sender.domain,
            domain,
            helo: self.sender.helo,
            validated_name: &validated_name,
        };
        Ok(spec.target_name(&values).map(|name| Target {
            is_senders: spec.ends_in_senders_words() && !is_within(&name, self.sender.domain),
            name,
        }))
    }

    /// The type of the addresses that are compared with the client's.
    fn family(&self) -> QueryType {
        match self.sender.ip {
            IpAddr::V4(_) => QueryType::A,
            IpAddr::V6(_) => QueryType::Aaaa,
        }
    }

    async fn addresses(&mut self, name: &str, query: QueryType) -> Result<Vec<IpAddr>, Stop> {
        let answer = self.ask(self.dns.addresses(name, query)).await?;
        self.unless_void(answer)
    }

    /// An answer before the deadline; `None` where it is certain that there is nothing.
    async fn ask<T>(
        &self,
        answer: impl Future<Output = Result<T, Failure>>,
    ) -> Result<Option<T>, Stop> {
        match timeout_at(self.deadline, answer).await {
            Ok(Ok(records)) => Ok(Some(records)),
            Ok(Err(failure)) if failure.is_certain() => Ok(None),
            Ok(Err(_)) | Err(_) => Err(Stop::Temporary { open: true }),
        }
    }

    fn unless_void<T>(&mut self, answer: Option<Vec<T>>) -> Result<Vec<T>, Stop> {
        if answer.is_none() {
            self.void_lookups += 1;
            if self.void_lookups > MAX_VOID_LOOKUPS {
                return Err(Stop::Permanent);
            }
        }
        Ok(answer.unwrap_or_default())
    }

    fn count_term(&mut self) -> Result<(), Stop> {
        self.terms += 1;
        match self.terms > MAX_TERMS {
            true => Err(Stop::Permanent),
            false => Ok(()),
        }
    }
}

/// Whether `name` is `domain` or lies below it, in any case.
fn is_within(name: &str, domain: &str) -> bool {
    let Some(at) = name.len().checked_sub(domain.len()) else {
        return false;
    };
    name.split_at_checked(at).is_some_and(|(before, end)| {
        end.eq_ignore_ascii_case(domain) && (before.is_empty() || before.ends_with('.'))
    })
}
