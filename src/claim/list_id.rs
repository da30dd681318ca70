//! The mailing lists that a message says it came through (RFC 2919).
//!
//! Anybody can write the field, so by itself it says nothing. The verdict believes it where the list's host
//! is proved ([`crate::proof::Evidence::proof_within`]).

use crate::{
    brand::Brand,
    mail::{domain::Domain, message::Message},
};

/// Fields that are read. RFC 2919 section 3 allows one; lists that feed each other leave more.
const MAX_FIELDS: usize = 4;

/// A mailing list's identifier: `words <name.host>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListId {
    /// All of it.
    pub id: Domain,
    /// The host that the list lives on: what follows the list's own name.
    pub host: Domain,
    /// The domain whose owner answers for the host.
    pub owner: Domain,
    /// Anyone gets an address at the host, and can send from there.
    pub is_free_mail: bool,
}

impl ListId {
    /// Reads the value of one field; `None` where it names no list whose host somebody owns.
    fn parse(value: &[u8], brand: &Brand) -> Option<Self> {
        let value = String::from_utf8_lossy(value);
        let (_, rest) = value.rsplit_once('<')?;
        let (id, _) = rest.split_once('>')?;
        let id = Domain::parse(id.trim()).ok()?;
        let host = id.parent()?;
        // A single label, a public suffix, the name of a hosting service: all strangers below it would
        // be the list's own.
        let owner = brand.owner_of(&host)?;
        Some(Self {
            is_free_mail: brand.is_free_mail(&host),
            owner,
            host,
            id,
        })
    }
}

/// The lists that a message names, at most 4.
pub fn lists(message: &Message, brand: &Brand) -> Vec<ListId> {
    message
        .headers_named("List-Id")
        .take(MAX_FIELDS)
        .filter_map(|field| ListId::parse(&field.value, brand))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<(String, String, String)> {
        let list = ListId::parse(value.as_bytes(), Brand::embedded())?;
        Some((
            list.id.to_string(),
            list.host.to_string(),
            list.owner.to_string(),
        ))
    }

    #[test]
    fn a_lists_host_is_what_follows_its_name() {
        let wanted = |id: &str, host: &str, owner: &str| {
            Some((id.to_owned(), host.to_owned(), owner.to_owned()))
        };
        assert_eq!(
            read(" Users of <x> <users.Lists.shop.example>"),
            wanted(
                "users.lists.shop.example",
                "lists.shop.example",
                "shop.example"
            )
        );
        // Customers of one service are strangers to each other.
        assert_eq!(
            read("<all.shop.weebly.com>"),
            wanted("all.shop.weebly.com", "shop.weebly.com", "shop.weebly.com")
        );
        assert_eq!(
            read("<all.mail.shop.onmicrosoft.com>"),
            wanted(
                "all.mail.shop.onmicrosoft.com",
                "mail.shop.onmicrosoft.com",
                "shop.onmicrosoft.com"
            )
        );
    }

    #[test]
    fn a_host_that_nobody_owns_names_no_list() {
        for value in [
            "users.lists.shop.example",
            "<users>",
            "<users.example>",
            "<shop.co.uk>",
            "<users.github.io>",
            "<shop.onmicrosoft.com>",
            "<users..example>",
            "<us ers.lists.example>",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}
