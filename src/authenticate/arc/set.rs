//! The fields of an ARC set, read by their grammar (RFC 8617 section 4.1).

use crate::authenticate::dkim::MAX_NAMES;
use crate::{
    mail::{domain::Domain, tag_list},
    report::authentication_results,
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use mail_auth::{
    AuthenticatedMessage,
    common::{crypto::Algorithm, verify::VerifySignature},
    dkim::Canonicalization,
};

const RESULTS: &str = "ARC-Authentication-Results";
const SIGNATURE: &str = "ARC-Message-Signature";
const SEAL: &str = "ARC-Seal";

/// The fields of a set.
pub(super) const FIELDS: [&str; 3] = [RESULTS, SIGNATURE, SEAL];

/// Sets that a chain may have (RFC 8617 section 4.2.1).
const MAX_INSTANCE: u32 = 50;

/// Name and value as they stand in the message.
pub(super) type Field<'x> = (&'x [u8], &'x [u8]);

/// The three fields of one sealer.
pub(super) struct Set<'x> {
    pub(super) results: Field<'x>,
    pub(super) signature: MessageSignature<'x>,
    pub(super) seal: Seal<'x>,
}

/// Who signed, and how.
pub(super) struct Signer {
    pub(super) domain: Domain,
    selector: Domain,
    algorithm: Algorithm,
    octets: Vec<u8>,
}

impl VerifySignature for Signer {
    fn selector(&self) -> &str {
        self.selector.as_str()
    }

    fn domain(&self) -> &str {
        self.domain.as_str()
    }

    fn signature(&self) -> &[u8] {
        &self.octets
    }

    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// What a sealer found of the chain before him.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Validation {
    None,
    Fail,
    Pass,
}

/// An ARC-Seal (RFC 8617 section 4.1.3).
pub(super) struct Seal<'x> {
    pub(super) field: Field<'x>,
    pub(super) instance: u32,
    pub(super) signer: Signer,
    pub(super) validation: Validation,
    /// Seconds since 1970.
    pub(super) time: Option<u64>,
}

/// An ARC-Message-Signature (RFC 8617 section 4.1.2).
pub(super) struct MessageSignature<'x> {
    pub(super) field: Field<'x>,
    instance: u32,
    pub(super) signer: Signer,
    pub(super) header_form: Canonicalization,
    pub(super) body_form: Canonicalization,
    pub(super) body_hash: Vec<u8>,
    /// The names of the fields that are signed.
    pub(super) covered: Vec<String>,
    /// Seconds since 1970.
    pub(super) time: Option<u64>,
    /// The same; the signature counts before it.
    pub(super) expires: Option<u64>,
}

/// The seals of a message, as far as each can be read.
pub(super) fn seals<'m, 'x>(
    parsed: &'m AuthenticatedMessage<'x>,
) -> impl Iterator<Item = Option<Seal<'x>>> + use<'m, 'x> {
    named(parsed, SEAL).map(Seal::read)
}

/// Who the seals of a message say made them, whether anything else of them can be read or not.
pub(super) fn claimed_sealers(parsed: &AuthenticatedMessage<'_>) -> impl Iterator<Item = Domain> {
    let values = named(parsed, SEAL).filter_map(|(_, value)| tag_list::value(value, "d"));
    values.filter_map(|value| Domain::parse(std::str::from_utf8(value).ok()?.trim()).ok())
}

/// The sets of a message in their order; `None` where a field can't be read, is missing or stands twice.
pub(super) fn read<'x>(parsed: &AuthenticatedMessage<'x>) -> Option<Vec<Set<'x>>> {
    let mut seals: Vec<Seal<'x>> = seals(parsed).collect::<Option<_>>()?;
    let signatures = named(parsed, SIGNATURE).map(MessageSignature::read);
    let mut signatures: Vec<_> = signatures.collect::<Option<_>>()?;
    let results = named(parsed, RESULTS)
        .map(|field| Some((authentication_results::instance(field.1)?, field)));
    let mut results: Vec<_> = results.collect::<Option<_>>()?;
    if seals.len() != signatures.len() || seals.len() != results.len() {
        return None;
    }
    seals.sort_by_key(|seal| seal.instance);
    signatures.sort_by_key(|signature| signature.instance);
    results.sort_by_key(|(instance, _)| *instance);
    let fields = seals.into_iter().zip(signatures).zip(results);
    let sets = fields.zip(1..=MAX_INSTANCE);
    sets.map(|(((seal, signature), (instance, results)), expected)| {
        let instances = [seal.instance, signature.instance, instance];
        (instances == [expected; 3]).then_some(Set {
            results,
            signature,
            seal,
        })
    })
    .collect()
}

/// The fields of this name, however it is written: one that another reader would not find must not be
/// missing here.
fn named<'m, 'x>(
    parsed: &'m AuthenticatedMessage<'x>,
    wanted: &'static str,
) -> impl Iterator<Item = Field<'x>> + use<'m, 'x> {
    let fields = parsed.headers.iter().copied();
    fields.filter(move |(name, _)| name.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes()))
}

/// The tags of one field.
struct Tags<'v>(Vec<(&'v str, &'v str)>);

impl<'v> Tags<'v> {
    fn read((name, value): Field<'v>) -> Option<Self> {
        // A blank before the colon, or a fold there: no sealer writes that.
        let is_plain = name == name.trim_ascii();
        let value = value.strip_suffix(b"\r\n").unwrap_or(value);
        tag_list::read(value).filter(|_| is_plain).map(Self)
    }

    fn get(&self, name: &str) -> Option<&'v str> {
        let mut tags = self.0.iter();
        tags.find(|(found, _)| *found == name)
            .map(|(_, value)| *value)
    }

    fn instance(&self) -> Option<u32> {
        instance(self.get("i")?)
    }

    fn base64(&self, name: &str) -> Option<Vec<u8>> {
        let text: String = self.get(name)?.split_ascii_whitespace().collect();
        BASE64.decode(text).ok().filter(|octets| !octets.is_empty())
    }

    /// A time; `Some(None)` where there is none.
    fn time(&self, name: &str) -> Option<Option<u64>> {
        let Some(text) = self.get(name) else {
            return Some(None);
        };
        let is_time =
            (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| is_time).map(Some)
    }

    /// `d=` and `s=` are names in DNS, without a final dot (RFC 6376 section 3.5).
    fn name(&self, name: &str) -> Option<Domain> {
        let text = self.get(name)?;
        Domain::parse(text).ok().filter(|_| !text.ends_with('.'))
    }

    fn signer(&self) -> Option<Signer> {
        let algorithm = self.get("a")?;
        Some(Signer {
            domain: self.name("d")?,
            selector: self.name("s")?,
            // RFC 8301 section 3.1: rsa-sha1 must not be used.
            algorithm: Algorithm::parse(algorithm.as_bytes())
                .filter(|algorithm| *algorithm != Algorithm::RsaSha1)?,
            octets: self.base64("b")?,
        })
    }

    /// The canonical forms of header and body (RFC 6376 section 3.5).
    fn forms(&self) -> Option<(Canonicalization, Canonicalization)> {
        let form = |word: &str| match () {
            () if word.eq_ignore_ascii_case("simple") => Some(Canonicalization::Simple),
            () if word.eq_ignore_ascii_case("relaxed") => Some(Canonicalization::Relaxed),
            () => None,
        };
        let words = self.get("c").unwrap_or("simple/simple");
        let (header, body) = words.split_once('/').unwrap_or((words, "simple"));
        Some((form(header)?, form(body)?))
    }

    /// The names in `h=`.
    fn covered(&self) -> Option<Vec<String>> {
        let names = self.get("h")?.split(':');
        // Each is looked for among all fields, and that before any key says that the seal is good.
        if names.clone().nth(MAX_NAMES).is_some() {
            return None;
        }
        let names = names.map(|name| {
            let name = name.trim_ascii();
            let is_name = !name.is_empty() && name.bytes().all(|byte| (33..=126).contains(&byte));
            is_name.then(|| name.to_owned())
        });
        names.collect()
    }
}

/// `i=`: one or two digits, from 1 (RFC 8617 section 4.2.1).
fn instance(text: &str) -> Option<u32> {
    let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_number);
    number.filter(|number| (1..=MAX_INSTANCE).contains(number))
}

impl<'x> Seal<'x> {
    fn read(field: Field<'x>) -> Option<Self> {
        let tags = Tags::read(field)?;
        // RFC 8617 section 4.1.3: a list of fields in a seal makes the chain fail.
        if tags.get("h").is_some() {
            return None;
        }
        let validation = tags.get("cv")?;
        let validation = match () {
            () if validation.eq_ignore_ascii_case("none") => Validation::None,
            () if validation.eq_ignore_ascii_case("fail") => Validation::Fail,
            () if validation.eq_ignore_ascii_case("pass") => Validation::Pass,
            () => return None,
        };
        Some(Self {
            field,
            instance: tags.instance()?,
            signer: tags.signer()?,
            validation,
            time: tags.time("t")?,
        })
    }
}

impl<'x> MessageSignature<'x> {
    fn read(field: Field<'x>) -> Option<Self> {
        let tags = Tags::read(field)?;
        // A part of the body leaves the rest to anybody; and no other way to ask for keys is known.
        let is_whole = tags.get("l").is_none();
        let is_asked = tags.get("q").is_none_or(|ways| {
            let mut ways = ways.split(':');
            ways.any(|way| way.trim_ascii().eq_ignore_ascii_case("dns/txt"))
        });
        let (header_form, body_form) = tags.forms()?;
        let (time, expires) = (tags.time("t")?, tags.time("x")?);
        let is_in_time = match (time, expires) {
            (Some(time), Some(expires)) => expires > time,
            _ => true,
        };
        (is_whole && is_asked && is_in_time).then_some(Self {
            field,
            instance: tags.instance()?,
            signer: tags.signer()?,
            header_form,
            body_form,
            body_hash: tags.base64("bh")?,
            covered: tags.covered()?,
            time,
            expires,
        })
    }
}
