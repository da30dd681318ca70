//! Bodies hashed as they come (RFC 6376 section 3.7), in one or both of their canonical forms.
//!
//! However many signatures a message has, no more than these two hashes are made: a signature over a part of
//! the body (`l=`) or by SHA-1 proves nothing and asks for none.

use super::canonical::CanonicalBody;
use crate::mail::body::{Body, BodyHashes, Forms};
use mail_auth::{
    common::crypto::{HashContext, HashImpl, Sha256},
    dkim::Canonicalization,
};
use std::fmt;

/// The forms in which something was signed.
pub(super) fn forms(signed: impl IntoIterator<Item = Canonicalization>) -> Forms {
    let mut forms = Forms::default();
    for form in signed {
        match form {
            Canonicalization::Simple => forms.simple = true,
            Canonicalization::Relaxed => forms.relaxed = true,
        }
    }
    forms
}

/// The hash of a body in one form, as far as the body has come.
struct FormHasher {
    body: CanonicalBody,
    sha256: <Sha256 as HashImpl>::Context,
}

impl FormHasher {
    fn new(form: Canonicalization) -> Self {
        Self {
            body: CanonicalBody::new(form),
            sha256: Sha256::hasher(),
        }
    }

    fn push(&mut self, octets: &[u8]) {
        self.body.push(octets, &mut self.sha256);
    }

    fn finish(mut self) -> Option<[u8; 32]> {
        self.body.finish(&mut self.sha256);
        self.sha256.complete().as_ref().try_into().ok()
    }
}

/// The hashes of a body as far as it has come.
#[derive(Default)]
pub struct BodyHasher {
    simple: Option<FormHasher>,
    relaxed: Option<FormHasher>,
}

impl BodyHasher {
    /// The hashes in these forms of a body of which nothing has come.
    pub fn new(forms: Forms) -> Self {
        let begin = |wanted: bool, form| wanted.then(|| FormHasher::new(form));
        Self {
            simple: begin(forms.simple, Canonicalization::Simple),
            relaxed: begin(forms.relaxed, Canonicalization::Relaxed),
        }
    }

    /// The hashes of a body that is there.
    pub fn hash(forms: Forms, body: &Body) -> BodyHashes {
        let mut hasher = Self::new(forms);
        body.pieces().for_each(|piece| hasher.push(piece));
        hasher.finish()
    }

    /// What follows of the body.
    pub fn push(&mut self, octets: &[u8]) {
        let hashers = [&mut self.simple, &mut self.relaxed];
        for hasher in hashers.into_iter().flatten() {
            hasher.push(octets);
        }
    }

    /// Drops the hashes of all other forms. The rest of the body costs nothing for them.
    pub fn keep(&mut self, forms: Forms) {
        self.simple = self.simple.take().filter(|_| forms.simple);
        self.relaxed = self.relaxed.take().filter(|_| forms.relaxed);
    }

    /// Adds the hashes of another one, which has seen the same octets.
    pub fn add(&mut self, other: Self) {
        self.simple = self.simple.take().or(other.simple);
        self.relaxed = self.relaxed.take().or(other.relaxed);
    }

    /// The forms that are hashed.
    pub fn forms(&self) -> Forms {
        Forms {
            simple: self.simple.is_some(),
            relaxed: self.relaxed.is_some(),
        }
    }

    /// The hashes, where the body is over.
    pub fn finish(self) -> BodyHashes {
        BodyHashes {
            simple: self.simple.and_then(FormHasher::finish),
            relaxed: self.relaxed.and_then(FormHasher::finish),
        }
    }
}

impl fmt::Debug for BodyHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BodyHasher").field(&self.forms()).finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

    const BOTH: Forms = Forms {
        simple: true,
        relaxed: true,
    };

    fn hashed<'b>(pieces: impl IntoIterator<Item = &'b [u8]>) -> [String; 2] {
        let mut hasher = BodyHasher::new(BOTH);
        pieces.into_iter().for_each(|piece| hasher.push(piece));
        let BodyHashes { simple, relaxed } = hasher.finish();
        [simple, relaxed].map(|hash| BASE64.encode(hash.unwrap()))
    }

    #[test]
    fn the_hashes_of_the_standard() {
        // RFC 6376 sections 3.4.3 and 3.4.4: an empty body.
        assert_eq!(
            hashed([]),
            [
                "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=",
                "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            ]
        );
        // Appendix A.2, cut at each place.
        let body = b"Hi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\nJoe.\r\n";
        for at in 0..=body.len() {
            let (head, tail) = body.split_at(at);
            let [simple, _] = hashed([head, tail]);
            assert_eq!(simple, "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
        }
    }

    #[test]
    fn what_is_no_longer_wanted_is_not_hashed() {
        let mut hasher = BodyHasher::new(BOTH);
        hasher.push(b"a");
        let relaxed = Forms {
            relaxed: true,
            ..Forms::default()
        };
        hasher.keep(relaxed);
        assert_eq!(hasher.forms(), relaxed);
        let hashes = hasher.finish();
        assert!(hashes.simple.is_none() && hashes.relaxed.is_some());
    }
}
