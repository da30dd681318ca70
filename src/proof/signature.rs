//! One DKIM signature (RFC 6376), and why it proves nothing where it does not.

use crate::{mail::domain::Domain, proof::AuthResult};

/// Why a signature proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureFault {
    /// `x=` lies in the past; the value is its time in seconds since 1970.
    Expired(u64),
    /// `t=` lies more than 15 minutes in the future.
    Future,
    /// No key is published, or it was emptied.
    KeyGone,
    /// The key is malformed, or several stand at its name.
    KeyUnusable,
    /// The key says it is for tests (`t=y`): the message counts as unsigned (RFC 6376 section 3.6.1).
    KeyTesting,
    /// The key is not for mail (`s=`), or not for the hash that was used (`h=`).
    KeyNotForThis,
    /// The key could not be fetched.
    KeyUnreachable,
    /// The key has fewer than 1,024 bits (RFC 8301).
    WeakKey,
    /// SHA-1 is not to be trusted any more (RFC 8301).
    Sha1,
    /// `h=` doesn't name From (RFC 6376 section 5.4), so that anybody can be put there.
    FromUnsigned,
    /// `l=` leaves a part of the body to anybody.
    PartialBody,
    /// The body was changed.
    BodyChanged,
    /// The header was changed, or the signature was never good.
    Invalid,
    /// The field can't be read, or a required tag is missing.
    Malformed,
    /// A singular field stands twice: what is shown need not be what was signed.
    DuplicateField,
    /// The message was not read whole.
    NotRead,
    /// Beyond the number of signatures that are checked.
    NotChecked,
}

impl SignatureFault {
    /// What is wrong, as a clause whose subject is the signature.
    pub fn clause(self) -> String {
        match self {
            Self::Expired(at) => format!("expired on {}", date(at)),
            Self::Future => "is dated in the future".into(),
            Self::KeyGone => "has no published key any more".into(),
            Self::KeyUnusable => "has an unusable key record".into(),
            Self::KeyTesting => "has a key that is marked as a test".into(),
            Self::KeyNotForThis => "has a key that is not meant for it".into(),
            Self::KeyUnreachable => "could not be checked since DNS did not answer".into(),
            Self::WeakKey => "has a key that is too short".into(),
            Self::Sha1 => "uses SHA-1".into(),
            Self::FromUnsigned => "does not cover the From field".into(),
            Self::PartialBody => "covers only a part of the body".into(),
            Self::BodyChanged => "does not match the body".into(),
            Self::Invalid => "does not match the header".into(),
            Self::Malformed => "cannot be read".into(),
            Self::DuplicateField => "does not cover a header field that was added twice".into(),
            Self::NotRead => "could not be checked since the message was not read whole".into(),
            Self::NotChecked => "was one too many to be checked".into(),
        }
    }
}

/// The day of a time in seconds since 1970, in UTC, as `2014-10-07`.
fn date(seconds: u64) -> String {
    // Civil date from a day count, in 400-year eras that begin on 1 March (proleptic Gregorian).
    let days = i64::try_from(seconds / 86_400).unwrap_or(0).min(2_932_896) + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// One DKIM signature and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The result.
    pub result: AuthResult,
    /// The signing domain (`d=`), where it could be read.
    pub domain: Option<Domain>,
    /// The selector (`s=`), as the sender wrote it.
    pub selector: String,
    /// Why it is no proof, unless it passed.
    pub fault: Option<SignatureFault>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_right() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(1_412_718_243), "2014-10-07");
        assert_eq!(date(u64::MAX), "9999-12-31");
    }
}
