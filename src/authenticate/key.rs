//! The keys of signatures: fetched side by side before the body is there, and judged.

use super::memo::Memo;
use crate::{
    dns::{Dns, Failure},
    mail::{domain::Domain, tag_list},
    proof::SignatureFault,
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use mail_auth::{
    Error,
    common::{parse::TxtRecordParser, verify::DomainKey, verify::VerifySignature},
    dkim::DkimError,
};
use std::{collections::HashMap, sync::Arc};
use tokio::time::{Instant, timeout_at};

/// The fewest bits of an RSA key that proves anything (RFC 8301 section 3.2).
const MIN_RSA_BITS: usize = 1024;

/// A key to fetch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sought {
    /// What the library calls it.
    key: String,
    /// Its name in DNS.
    name: String,
    /// Whose it is (`d=`).
    pub(super) domain: Domain,
}

impl Sought {
    /// The key that a signature needs; `None` where selector and domain make no name in DNS (RFC 6376
    /// section 3.1), so that nobody can have published one.
    ///
    /// A selector is the sender's text: with a NUL or a wildcard in it some resolver may ask for
    /// another name than the one that stands there.
    pub(super) fn by(signature: &impl VerifySignature) -> Option<Self> {
        let selector = Domain::parse(signature.selector()).ok()?;
        let domain = Domain::parse(signature.domain()).ok()?;
        // RFC 6376 section 3.5: `d=` and `s=` have no final dot, which a Domain would forgive.
        if signature.domain().ends_with('.') || signature.selector().ends_with('.') {
            return None;
        }
        Some(Self {
            key: signature.domain_key(),
            name: format!("{selector}._domainkey.{domain}."),
            domain,
        })
    }
}

/// The keys that were fetched, by name; what is missing was not answered.
#[derive(Default)]
pub(super) struct Keys(HashMap<Box<str>, Key>);

/// A key, or why it proves nothing.
pub(super) type Key = Result<PublicKey, SignatureFault>;

/// A key that can prove something.
#[derive(Clone)]
pub(super) struct PublicKey {
    key: Arc<DomainKey>,
    /// Signatures are for the domain itself, and not for names below it (`t=s`, RFC 6376 section 3.6.1).
    pub(super) is_exact: bool,
    /// It is one of yesterday, since nobody says which is today's.
    is_stale: bool,
}

impl PublicKey {
    /// Whether a signature was made over `data`, which is in its canonical form.
    pub(super) fn signed(&self, data: &[u8], signature: &impl VerifySignature) -> bool {
        let (octets, algorithm) = (signature.signature(), signature.algorithm());
        self.key.p.verify_bytes(data, octets, algorithm).is_ok()
    }

    /// What is wrong with a signature that this key doesn't fit.
    pub(super) fn mismatch(&self) -> SignatureFault {
        match self.is_stale {
            true => SignatureFault::KeyUnreachable,
            false => SignatureFault::Invalid,
        }
    }
}

/// Fetches keys side by side, each until its deadline. What was read of a record before is not read again.
pub(super) async fn fetch(dns: &Dns, read: &Memo<Key>, sought: Vec<(Sought, Instant)>) -> Keys {
    let fetched = sought.into_iter().map(|(sought, deadline)| async move {
        let Sought { key: id, name, .. } = sought;
        let dns = dns.or_stale();
        let key = match timeout_at(deadline, dns.txt(&name)).await {
            Ok(Ok(records)) => only_key(&records, read),
            Ok(Err(Failure::NoSuchName | Failure::NoData)) => Err(SignatureFault::KeyGone),
            Ok(Err(Failure::Temporary(_))) | Err(_) => Err(SignatureFault::KeyUnreachable),
        };
        let key = match key {
            key if !dns.gave_stale() => key,
            Ok(key) => Ok(PublicKey {
                is_stale: true,
                ..key
            }),
            // That a key of yesterday is of no use says nothing of today's.
            Err(_) => Err(SignatureFault::KeyUnreachable),
        };
        (id.into_boxed_str(), key)
    });
    Keys(
        futures_util::future::join_all(fetched)
            .await
            .into_iter()
            .collect(),
    )
}

/// The key at a name.
fn only_key(records: &[Vec<u8>], read: &Memo<Key>) -> Key {
    // RFC 6376 section 3.6.2.2: with several records the result is undefined. Taking the first one
    // would let the order of an answer decide.
    let [record] = records else {
        return Err(SignatureFault::KeyUnusable);
    };
    (*read.of(record, read_key)).clone()
}

fn read_key(record: &[u8]) -> Key {
    let tags = Tags(record);
    let lists = |tag: &str, wanted: &[&str]| {
        tags.get(tag).is_none_or(|value| {
            value.split(':').any(|word| {
                wanted
                    .iter()
                    .any(|wanted| word.trim().eq_ignore_ascii_case(wanted))
            })
        })
    };
    let has_flag = |wanted: &str| {
        let flags = tags.get("t").unwrap_or_default();
        let mut flags = flags.split(':');
        flags.any(|flag| flag.trim().eq_ignore_ascii_case(wanted))
    };
    match DomainKey::parse(record) {
        Err(Error::Dkim(DkimError::RevokedPublicKey)) => Err(SignatureFault::KeyGone),
        Err(_) => Err(SignatureFault::KeyUnusable),
        Ok(_) if !lists("s", &["*", "email"]) || !lists("h", &["sha256"]) => {
            Err(SignatureFault::KeyNotForThis)
        }
        Ok(_) if has_flag("y") => Err(SignatureFault::KeyTesting),
        Ok(_) if is_weak(&tags) => Err(SignatureFault::WeakKey),
        Ok(key) => Ok(PublicKey {
            key: Arc::new(key),
            is_exact: has_flag("s"),
            is_stale: false,
        }),
    }
}

/// A tag list (RFC 6376 section 3.2), read for the tags that the library doesn't show.
pub(super) struct Tags<'a>(pub(super) &'a [u8]);

impl Tags<'_> {
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let value = tag_list::value(self.0, name)?;
        Some(String::from_utf8_lossy(value).trim().to_owned())
    }
}

/// Whether this is an RSA key that is too short. The library's own limit ends in the same words as a
/// header that was changed.
fn is_weak(tags: &Tags<'_>) -> bool {
    if tags
        .get("k")
        .is_some_and(|kind| !kind.eq_ignore_ascii_case("rsa"))
    {
        return false;
    }
    let encoded: String = tags
        .get("p")
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    BASE64
        .decode(encoded)
        .ok()
        .and_then(|der| rsa_bits(&der))
        .is_some_and(|bits| bits < MIN_RSA_BITS)
}

/// The bits of the modulus of a public key, as SubjectPublicKeyInfo (RFC 5280 section 4.1) or as the
/// RSAPublicKey inside it (RFC 8017 appendix A.1.1); both are in use.
fn rsa_bits(der: &[u8]) -> Option<usize> {
    const INTEGER: u8 = 0x02;
    const BIT_STRING: u8 = 0x03;
    let (_, outer, _) = element(der)?;
    let (tag, first, rest) = element(outer)?;
    if tag != INTEGER {
        let (tag, bits, _) = element(rest)?;
        // The first octet of a bit string counts its unused bits.
        let inner = bits.get(1..).filter(|_| tag == BIT_STRING)?;
        return rsa_bits(inner);
    }
    let start = first.iter().position(|&octet| octet != 0)?;
    let modulus = first.get(start..)?;
    let unused = modulus.first()?.leading_zeros() as usize;
    Some(modulus.len() * 8 - unused)
}

/// Tag, content and what follows of a DER element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        // The long form: so many octets hold the length. No key needs more than four.
        0x81..=0x84 => {
            let (octets, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = octets
                .iter()
                .fold(0_usize, |sum, &octet| sum << 8 | usize::from(octet));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

impl Keys {
    /// Whether DNS left some key open.
    pub(super) fn is_any_unreachable(&self) -> bool {
        let unreachable = |key: &Key| matches!(key, Err(SignatureFault::KeyUnreachable));
        self.0.values().any(unreachable)
    }

    /// Whether some key is one of yesterday.
    pub(super) fn is_any_stale(&self) -> bool {
        self.0.values().flatten().any(|key| key.is_stale)
    }

    /// The key of a signature.
    ///
    /// # Errors
    ///
    /// Why it proves nothing.
    pub(super) fn find(
        &self,
        signature: &impl VerifySignature,
    ) -> Result<&PublicKey, SignatureFault> {
        match self.0.get(signature.domain_key().as_str()) {
            Some(Ok(key)) => Ok(key),
            Some(Err(fault)) => Err(*fault),
            None => Err(SignatureFault::KeyUnreachable),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use mail_auth::dkim::Signature as Parsed;

    fn bits(file: &str) -> Option<usize> {
        let text = file.split_once("p=").unwrap().1.trim();
        rsa_bits(&BASE64.decode(text).unwrap())
    }

    #[test]
    fn tags_are_read_as_they_are_written() {
        let read = |list: &[u8], name| Tags(list).get(name);
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(read(b"v=1; a=b;\r\n\td = x=y ;s=\"", "d"), is("x=y"));
        assert_eq!(read(b" v =DKIM1;v=2", "v"), is("DKIM1"));
        assert_eq!(read(b"h=d;d;=d;dd=x;D=y;d=", "d"), is(""));
        assert_eq!(
            read(b"\xff=1;d\xff=2;\xc2\xa0d\xc2\xa0=\xff;d=4", "d"),
            is("\u{fffd}")
        );
        assert_eq!(read(b"\xc2;d=1\xc2", "d"), is("1\u{fffd}"));
        assert_eq!(read(b"d", "d"), None);
        assert_eq!(read(b"", ""), None);
    }

    #[test]
    fn the_length_of_a_key_is_read_from_its_modulus() {
        assert_eq!(
            bits(include_str!("../../tests/support/keys/rsa512.txt")),
            Some(512)
        );
        assert_eq!(
            bits(include_str!("../../tests/support/keys/rsa1024.txt")),
            Some(1024)
        );
        assert_eq!(
            bits(include_str!("../../tests/support/keys/rsa2048.txt")),
            Some(2048)
        );
    }

    #[test]
    fn a_bare_modulus_counts_its_first_bit() {
        // SEQUENCE { INTEGER 0x00ff, INTEGER 3 } and one whose lengths lie.
        assert_eq!(rsa_bits(&[0x30, 7, 2, 2, 0, 0xff, 2, 1, 3]), Some(8));
        assert_eq!(rsa_bits(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 2]), None);
        assert_eq!(rsa_bits(&[]), None);
    }

    #[test]
    fn a_selector_that_is_no_name_needs_no_key() {
        let sought = |s: &str, d: &str| {
            let text = format!("v=1; a=rsa-sha256; d={d}; s={s}; h=from; bh=YWJj; b=YWJj");
            Sought::by(&Parsed::parse(text.as_bytes()).unwrap()).map(|sought| sought.name)
        };
        assert_eq!(
            sought("a.b_1", "Shop.Example").as_deref(),
            Some("a.b_1._domainkey.shop.example.")
        );
        assert_eq!(
            sought("s", "bücher.example").as_deref(),
            Some("s._domainkey.xn--bcher-kva.example.")
        );
        for (s, d) in [
            ("a\0b", "shop.example"),
            ("a\u{0}", "shop.example"),
            ("*", "shop.example"),
            ("s", "shop.example'a.evil.example"),
            ("s", "shop.example."),
            ("s.", "shop.example"),
        ] {
            assert_eq!(sought(s, d), None, "{s} {d}");
        }
    }
}
