//! ARC sets (RFC 8617) for test mail, every tag at the test's choice.

use super::{BASE64, Canon, DkimSigner, Hash, Key, folded, split};
use base64::Engine as _;

/// One set to be made over a message, which may have earlier ones. Begin with [`ArcSigner::new`] and
/// change what the test is about.
#[derive(Clone, Debug)]
pub struct ArcSigner {
    pub key: Key,
    pub hash: Hash,
    /// `i=` of all three fields.
    pub instance: String,
    /// What stands after `i=` in ARC-Authentication-Results.
    pub results: String,
    /// The tags of ARC-Message-Signature but `bh=` and `b=`, in order.
    pub signature: Vec<(String, String)>,
    /// The tags of ARC-Seal but `b=`, in order.
    pub seal: Vec<(String, String)>,
    /// Texts to be replaced in the fields, before they are signed.
    pub rewritten: Vec<(String, String)>,
}

impl ArcSigner {
    /// rsa-sha256, relaxed/relaxed, over From, To, Subject, Date and Message-ID, signed some time ago.
    pub fn new(instance: &str, domain: &str, selector: &str, results: &str) -> Self {
        let tags = |list: &[(&str, &str)]| {
            let tags = list.iter();
            tags.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        Self {
            key: Key::Rsa,
            hash: Hash::Sha256,
            instance: instance.to_owned(),
            results: results.to_owned(),
            signature: tags(&[
                ("i", instance),
                ("a", "rsa-sha256"),
                ("c", "relaxed/relaxed"),
                ("d", domain),
                ("s", selector),
                ("t", "1700000000"),
                ("h", "from:to:subject:date:message-id"),
            ]),
            seal: tags(&[
                ("i", instance),
                ("a", "rsa-sha256"),
                ("t", "1700000000"),
                ("cv", if instance == "1" { "none" } else { "pass" }),
                ("d", domain),
                ("s", selector),
            ]),
            rewritten: Vec::new(),
        }
    }

    /// Sets a tag of a list, adds it at the end, or takes it out where the value is `none!`.
    pub fn set(tags: &mut Vec<(String, String)>, name: &str, value: &str) {
        match tags.iter().position(|(known, _)| known == name) {
            Some(at) if value == "none!" => drop(tags.remove(at)),
            Some(at) => tags[at].1 = value.to_owned(),
            None => tags.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The three fields, seal first, CRLF at the end of each.
    pub fn fields(&self, message: &[u8]) -> Vec<u8> {
        let (fields, body) = split(message);
        let text = format!(
            "ARC-Authentication-Results: i={}; {}\r\n",
            self.instance, self.results
        );
        let results = self.rewrite(&text).into_bytes();

        let tag = |name: &str| {
            let mut tags = self.signature.iter();
            tags.find(|(known, _)| known == name)
                .map_or("", |(_, value)| value.as_str())
        };
        let canon = |word: &str| match word.trim() {
            "simple" | "" => Canon::Simple,
            _ => Canon::Relaxed,
        };
        let (header, body_form) = tag("c").split_once('/').unwrap_or((tag("c"), ""));
        let hash = BASE64.encode(self.hash.of(&canon(body_form).body(body)));
        let mut tags = self.signature.clone();
        if !tags.iter().any(|(name, _)| name == "bh") {
            tags.push(("bh".to_owned(), hash));
        }
        let unsigned = self.unsigned("ARC-Message-Signature", &tags);
        let chooser = DkimSigner {
            headers: tag("h")
                .split(':')
                .map(|name| name.trim().to_owned())
                .collect(),
            ..DkimSigner::new("unused.invalid", "unused")
        };
        let mut data = Vec::new();
        for field in chooser.chosen(&fields) {
            data.extend(canon(header).header(field));
        }
        let signature = self.signed(&unsigned, data, canon(header));

        let mut data = Vec::new();
        let own: Vec<&[u8]> = vec![&results, &signature];
        for field in earlier(&fields).into_iter().chain(own) {
            data.extend(Canon::Relaxed.header(field));
        }
        let unsigned = self.unsigned("ARC-Seal", &self.seal);
        let seal = self.signed(&unsigned, data, Canon::Relaxed);
        [seal, signature, results].concat()
    }

    fn rewrite(&self, text: &str) -> String {
        let rewritten = self.rewritten.iter();
        rewritten.fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
    }

    /// Everything up to `b=`.
    fn unsigned(&self, name: &str, tags: &[(String, String)]) -> String {
        let tags: Vec<String> = tags
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        self.rewrite(&format!("{name}: {};\r\n\tb=", tags.join(";\r\n\t")))
    }

    /// The field with its signature over `data` and itself.
    fn signed(&self, unsigned: &str, mut data: Vec<u8>, canon: Canon) -> Vec<u8> {
        let own = canon.header(format!("{unsigned}\r\n").as_bytes());
        data.extend_from_slice(own.strip_suffix(b"\r\n").unwrap_or(&own));
        let signature = BASE64.encode(self.key.sign(self.hash, &data));
        format!("{unsigned}{}\r\n", folded(&signature)).into_bytes()
    }
}

/// The fields of earlier sets, by instance, each as results, signature and seal.
fn earlier<'m>(fields: &[&'m [u8]]) -> Vec<&'m [u8]> {
    let mut found: Vec<((String, usize), &[u8])> = Vec::new();
    for field in fields {
        let text = String::from_utf8_lossy(field).to_ascii_lowercase();
        let order = [
            "arc-authentication-results:",
            "arc-message-signature:",
            "arc-seal:",
        ];
        let Some(order) = order.iter().position(|name| text.starts_with(name)) else {
            continue;
        };
        let (_, instance) = text.split_once("i=").unwrap_or_default();
        let instance: String = instance.chars().take_while(char::is_ascii_digit).collect();
        found.push(((format!("{instance:0>3}"), order), field));
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found.into_iter().map(|(_, field)| field).collect()
}
