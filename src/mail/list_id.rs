//! The identifier of a mailing list (RFC 2919): `words <name.host>`.

use crate::mail::{domain::Domain, message::Message};

/// Fields that are read. RFC 2919 section 3 allows one; lists that feed each other leave more.
const MAX_FIELDS: usize = 4;

/// What a List-Id field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListId {
    /// All of it: the list's name, a dot, its host.
    pub id: Domain,
}

impl ListId {
    /// Reads the value of one field; `None` where it holds no identifier.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let value = String::from_utf8_lossy(value);
        let (_, rest) = value.rsplit_once('<')?;
        let (id, _) = rest.split_once('>')?;
        let id = Domain::parse(id.trim()).ok()?;
        Some(Self { id })
    }

    /// The host that the list lives on: what follows the list's own name, which is one label.
    pub fn host(&self) -> Option<Domain> {
        self.id.parent()
    }
}

impl Message {
    /// The identifiers of the lists that it says it came through, at most 4.
    pub fn list_ids(&self) -> impl Iterator<Item = ListId> {
        let fields = self.headers_named("List-Id").take(MAX_FIELDS);
        fields.filter_map(|field| ListId::parse(&field.value))
    }
}
