//! Where in a host name a label stands: who could have put it there.

use super::label::Label;
use crate::{brand::Brand, mail::domain::Domain};

/// Who hands out the names to the left of the trusted tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A public suffix: names are registered.
    Registry,
    /// A service where anyone gets a name for pages or programs.
    FreeHosting,
    /// A service where anyone gets a name for a computer.
    DynamicDns,
    /// A business service: a tenant may be the brand.
    Tenant,
    /// The brand's own infrastructure for customers, or another listed service.
    Customer,
}

/// How a host name divides into labels to judge and a tail that says nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    kind: Kind,
    /// Labels at the right end that are not judged.
    pub(crate) tail: usize,
}

/// What a label's surroundings say about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat<'l> {
    pub(crate) kind: Kind,
    /// The label that was registered; those left of it are its owner's choice.
    pub(crate) registrable: bool,
    /// The brand has an official domain under this suffix.
    pub(crate) official_suffix: bool,
    /// The label to its right, if that is judged as well.
    pub(crate) next: Option<&'l Label>,
    /// Names like this one are registered in bulk.
    pub(crate) bulk: bool,
}

impl Seat<'_> {
    /// Whether the names at this place are registered, and not given away.
    pub(crate) fn is_registered(&self) -> bool {
        self.kind == Kind::Registry
    }

    /// Whether what stands to the right reads like the suffix of an official domain.
    pub(crate) fn suffix_follows(&self, brand: &Brand) -> bool {
        self.next.is_some_and(|next| next.reads_like_suffix(brand))
    }
}

impl Place {
    pub(crate) fn customer(tail: usize) -> Self {
        Self {
            kind: Kind::Customer,
            tail,
        }
    }

    pub(crate) fn of(brand: &Brand, host: &Domain) -> Self {
        let count = |name: &str| name.split('.').count();
        for name in host.ancestors() {
            let kind = if brand.is_tenant_service(name) {
                Kind::Tenant
            } else if brand.is_dynamic_dns(name) {
                Kind::DynamicDns
            } else if brand.is_free_hosting(name) {
                Kind::FreeHosting
            } else {
                continue;
            };
            return Self {
                kind,
                tail: count(name),
            };
        }
        let Some(suffix) = psl::suffix(host.as_str().as_bytes()) else {
            return Self {
                kind: Kind::Registry,
                tail: usize::from(host.labels().count() > 1),
            };
        };
        // The private section of the Public Suffix List names services that hand out names under
        // their own domain.
        let private = suffix.typ() == Some(psl::Type::Private);
        Self {
            kind: if private {
                Kind::FreeHosting
            } else {
                Kind::Registry
            },
            // A host that is nothing but a suffix, as a single label is, has no name to its left that
            // could be judged; readers see what there is.
            tail: (suffix.as_bytes().split(|b| *b == b'.').count())
                .min(host.labels().count().saturating_sub(1)),
        }
    }

    /// What stands around the label at `at`, of `count` that are judged.
    pub(crate) fn seat(
        &self,
        at: usize,
        count: usize,
        brand: &Brand,
        host: &Domain,
    ) -> Seat<'static> {
        let registrable = at + 1 == count;
        let suffix = || host.ancestors().nth(at + 1);
        Seat {
            kind: self.kind,
            registrable,
            official_suffix: registrable
                && self.kind == Kind::Registry
                && suffix().is_some_and(|suffix| brand.has_suffix(suffix)),
            next: None,
            bulk: match self.kind {
                Kind::DynamicDns => registrable,
                Kind::Registry => {
                    registrable && suffix().is_some_and(|suffix| brand.is_bulk_suffix(suffix))
                }
                _ => false,
            },
        }
    }
}
