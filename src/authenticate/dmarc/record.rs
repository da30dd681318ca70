//! The one DMARC record of a TXT set, mistakes in it left out (RFC 9989 sections 4.7 and 4.10).

use mail_auth::{
    common::parse::TxtRecordParser,
    dmarc::{Dmarc, Policy},
};

/// The DMARC record of a TXT set. Other records are ignored, and several DMARC records count as
/// none (RFC 9989 section 4.10.1), whereas the library would take the first that it can read. What
/// makes one is its version, so that a second one counts though the rest of it is broken.
pub(super) fn only_record(records: &[Vec<u8>]) -> Option<Dmarc> {
    let mut policies = records.iter().filter(|record| is_dmarc(record));
    let first = policies.next()?;
    match policies.next() {
        None => Dmarc::parse(first)
            .ok()
            .or_else(|| without_broken_tags(first)),
        Some(_) => None,
    }
}

/// Tags of a record that are looked at; real ones have about ten.
const MAX_TAGS: usize = 64;

/// Reads a record in which the library found a mistake. A broken tag counts as absent (RFC 9989
/// section 4.7); a broken policy makes the whole record `p=none` where it asks for reports, else
/// there is nothing to apply (section 4.10.1).
fn without_broken_tags(record: &[u8]) -> Option<Dmarc> {
    let mut kept = b"v=DMARC1".to_vec();
    let mut is_policy_broken = false;
    for tag in record.split(|&octet| octet == b';').skip(1).take(MAX_TAGS) {
        let alone = [b"v=DMARC1;", tag].concat();
        if Dmarc::parse(&alone).is_ok() {
            kept.push(b';');
            kept.extend_from_slice(tag);
            continue;
        }
        let name = tag.split(|&octet| octet == b'=').next().unwrap_or(tag);
        is_policy_broken |= [&b"p"[..], b"sp", b"np"]
            .iter()
            .any(|policy| name.trim_ascii().eq_ignore_ascii_case(policy));
    }
    let mut read = Dmarc::parse(&kept).ok()?;
    if is_policy_broken {
        (read.p, read.sp, read.np) = (
            Policy::Unspecified,
            Policy::Unspecified,
            Policy::Unspecified,
        );
    }
    Some(read)
}

/// Whether a TXT record is a DMARC record: `v=DMARC1` in this case comes first, blanks aside (RFC
/// 9989 sections 4.7 and 4.8).
fn is_dmarc(record: &[u8]) -> bool {
    let first = record.split(|&octet| octet == b';').next();
    let tag = first.and_then(|tag| std::str::from_utf8(tag).ok());
    tag.and_then(|tag| tag.split_once('='))
        .is_some_and(|(name, value)| name.trim() == "v" && value.trim() == "DMARC1")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn several_records_are_none() {
        let record = |text: &str| text.as_bytes().to_vec();
        let one = [record("unrelated"), record("v=DMARC1; p=reject")];
        assert_eq!(only_record(&one).unwrap().p, Policy::Reject);
        let two = [record("v=DMARC1; p=reject"), record("v=DMARC1; p=none")];
        assert!(only_record(&two).is_none());
        let broken = [record("v=DMARC1; p=reject"), record("v = DMARC1 ; adkim=x")];
        assert!(only_record(&broken).is_none());
        let later = [record("v=DMARC1; p=reject"), record("v=DMARC12; p=none")];
        assert!(only_record(&later).is_some());
    }
}
