//! The mailing lists that a message says it came through.
//!
//! Anybody can write the field, so by itself it says nothing. The verdict believes it where the list's host
//! is proved ([`crate::proof::Evidence::proof_within`]).

use crate::{
    brand::Brand,
    mail::{domain::Domain, list_id::ListId, message::Message},
};

/// A mailing list whose host somebody owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailingList {
    /// All of its identifier.
    pub id: Domain,
    /// The host that the list lives on: what follows the list's own name.
    pub host: Domain,
    /// The domain whose owner answers for the host.
    pub owner: Domain,
    /// Anyone gets an address at the host, and can send from there.
    pub is_free_mail: bool,
}

impl MailingList {
    /// What the brand's data says of a list's host; `None` where nobody owns it. A single label, a public
    /// suffix, the name of a hosting service: all strangers below it would be the list's own.
    fn new(list: ListId, brand: &Brand) -> Option<Self> {
        let host = list.host()?;
        let owner = brand.owner_of(&host)?;
        Some(Self {
            is_free_mail: brand.is_free_mail(&host),
            owner,
            host,
            id: list.id,
        })
    }
}

/// The lists that a message names, at most 4.
pub fn lists(message: &Message, brand: &Brand) -> Vec<MailingList> {
    let lists = message.list_ids();
    lists
        .filter_map(|list| MailingList::new(list, brand))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<(String, String, String)> {
        let list = MailingList::new(ListId::parse(value.as_bytes())?, Brand::embedded())?;
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
