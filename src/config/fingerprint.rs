//! Short hashes by which instances are compared: which configuration, and which list, each of them runs.

use ring::digest;
use std::fmt;

/// Keys in which instances of one fleet lawfully differ. The list has a hash of its own.
const OWN: [&str; 9] = [
    "milter.listen",
    "http.listen",
    "headers.authserv_id",
    "history.instance",
    "history.user",
    "history.password_file",
    "brand.file",
    "brand.extra_official",
    "brand.extra_unrelated",
];

/// The first 48 bits of a SHA-256, which a metric's value holds exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        let octets = digest.as_ref().iter().take(6);
        Self(octets.fold(0, |number, octet| number << 8 | u64::from(*octet)))
    }

    /// As a number below 2^48.
    pub fn number(self) -> u64 {
        self.0
    }

    /// Reads twelve hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok()?;
        is_digits.then_some(Self(number))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0)
    }
}

/// Of a configuration as `config show` prints it, without what is an instance's own.
pub(super) fn of_configuration(effective: &str) -> Fingerprint {
    let mut section = "";
    let mut kept = String::new();
    for line in effective.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
        }
        let key = line.split(' ').next().unwrap_or_default();
        if !OWN.contains(&format!("{section}.{key}").as_str()) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    Fingerprint::of(&kept)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{super::Config, *};

    #[test]
    fn a_fingerprint_is_the_beginning_of_a_sha256() {
        // FIPS 180-4's "abc".
        assert_eq!(Fingerprint::of("abc").to_string(), "ba7816bf8f01");
        assert_eq!(
            Fingerprint::parse("ba7816bf8f01"),
            Some(Fingerprint::of("abc"))
        );
        assert_eq!(Fingerprint::parse("00000000000f").unwrap().number(), 15);
        for wrong in ["", "ba7816bf8f0", "+a7816bf8f01", "ba7816bf8f01 "] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_an_instances_own_makes_no_difference() {
        let of = |text: &str| Config::from_toml(text).unwrap();
        let plain = of("");
        let other = of(
            "[milter]\nlisten = \"inet:127.0.0.1:1\"\n[headers]\nauthserv_id = \"b.example\"\n\
                        [brand]\nextra_unrelated = [\"a.example\"]\n",
        );
        assert_eq!(plain.fingerprint, other.fingerprint);
        assert_ne!(plain.list, other.list, "the list differs");
        let harsh = of("[policy]\npreset = \"enforce\"\n");
        assert_ne!(plain.fingerprint, harsh.fingerprint);
        assert_eq!(plain.list, harsh.list);
    }
}
