//! The words that say why: the same in header, log, metric and documentation.

use std::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $text:literal;)*) => {
        /// One stable reason. Its word never changes; what it means to a person is [`Reason::sentence`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[$doc])* #[doc = $text] $name,)*
        }

        impl Reason {
            /// Every reason, in the order in which reports list them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in headers, logs and metric labels.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it says, for people, as a clause without a final stop.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

reasons! {
    // How the message presents itself as the brand.
    OfficialAuthorDomain = "official-author-domain", "the From address is in a domain of the brand";
    LookalikeAuthorDomain = "lookalike-author-domain", "the From address is in a domain built to look like the brand's";
    OwnedNotSender = "owned-not-sender", "the brand owns the domain of the From address, but doesn't send mail from it";
    DisplayName = "display-name", "the name shown as the sender is the brand's";
    DisplayAddress = "display-address", "the name shown as the sender holds an address in a domain of the brand, or in one that looks like it";
    LocalPart = "local-part", "the part before the @ of the From address names the brand";
    SenderField = "sender-field", "the Sender field names the brand";
    ReplyTo = "reply-to", "the Reply-To field names the brand";
    EnvelopeSender = "envelope-sender", "the envelope sender is in a domain of the brand, or in one that looks like it";
    Subject = "subject", "the subject names the brand";
    BodyText = "body-text", "the text names the brand";
    MalformedFrom = "malformed-from", "the From field is malformed, so that mail clients show different senders";
    MultipleFrom = "multiple-from", "there is more than one From field or From address";
    LookalikeDkimDomain = "lookalike-dkim-domain", "a signature comes from a domain built to look like the brand's";

    // What was proved or not.
    DkimAligned = "dkim-aligned", "a valid signature of the From domain proves it";
    SpfAligned = "spf-aligned", "the sending server is authorised by the From domain";
    SpfOnly = "spf-only", "only the sending server proves it, no signature does";
    DmarcPass = "dmarc-pass", "the From domain passes its DMARC policy";
    ArcTrusted = "arc-trusted", "a forwarder that the operator trusts saw the proof and sealed that";
    Unauthenticated = "unauthenticated", "neither a signature nor the sending server proves the From domain";
    SignatureExpired = "signature-expired", "the signature of the From domain has expired";
    KeyGone = "key-gone", "the key of the From domain's signature is no longer published";
    NonexistentDomain = "nonexistent-domain", "the domain of the From address doesn't exist";
    DnsTemporaryFailure = "dns-temporary-failure", "DNS could not be asked for the proof";
    DuplicateField = "duplicate-field", "a header field that may stand once stands several times, so that a signature doesn't cover what is shown";
    Subsidiary = "subsidiary", "the From address is in a domain of one of the brand's own companies";
    Partner = "partner", "the sender is a company that lawfully uses the brand's name";
    AliasRelay = "alias-relay", "an alias service rewrote the From address, so that the origin can't be proved";
    UserContent = "user-content", "the transport is authentic, but the text was written by a third party";
    ViaList = "via-list", "it came through a mailing list whose host is proved";
    Forwarder = "forwarder", "it came from a forwarder that the operator knows to break proofs";
    NoBodyVerification = "no-body-verification", "the message was not read whole, since memory was short, so that no signature could be checked";
    NoEnvelope = "no-envelope", "nobody said which server sent it and for whom, so the sending server could not be checked";
    LimitReached = "limit-reached", "a limit was reached, and what lies beyond it was not read";

    // Why it is not judged.
    AuthenticatedSubmission = "authenticated-submission", "the client logged in";
    TrustedNetwork = "trusted-network", "the client is in a trusted network";
    OwnDomain = "own-domain", "the authenticated author is in one of the operator's own domains";
    Allowed = "allowed", "the operator allows the authenticated author domain";

    // What makes a claim weak: an excuse whose proof is there.
    PersonName = "person-name", "the name is that of a person, whose own address bears it and is proved";
    OwnName = "own-name", "the name is that of the author's own domain, which is proved";
    BrandMentioned = "brand-mentioned", "the name mentions the brand and names its own sender, whose domain is proved";

    // What the message does.
    ReplyDiverted = "reply-diverted", "replies go to an address outside the brand's domains";
    LookalikeLink = "lookalike-link", "it links to a host built to look like the brand's";
    DeceptiveLink = "deceptive-link", "a link shows an address of the brand and leads elsewhere";
    AsksForPassword = "asks-for-password", "it asks for a password";
    AsksForPaymentData = "asks-for-payment-data", "it asks for card or bank data";
    AsksForIdentity = "asks-for-identity", "it asks for proofs of identity";
    AsksForCode = "asks-for-code", "it asks for a one-time code or a key";
    AccountThreat = "account-threat", "it says that an account is locked, limited, charged or must be confirmed, and leads to a stranger";
    Prize = "prize", "it offers a prize or a product for nothing or next to nothing";
    CallbackNumber = "callback-number", "it urges to call a telephone number, or announces a call";
    BrandMisspelled = "brand-misspelled", "it writes the brand's name wrongly or in disguise";
    HiddenText = "hidden-text", "words are cut apart by text that no mail program shows";
    QrLink = "qr-link", "a QR code in it leads somewhere";
    AttachmentOnly = "attachment-only", "it says little by itself and sends its reader to a file or a picture";
    UnreadAttachment = "unread-attachment", "it has a file that could not be read";
}

impl Reason {
    /// [`Self::sentence`] with the brand's own name in it.
    pub fn about(self, brand: &str) -> String {
        self.sentence().replace("the brand", brand)
    }

    /// Whether it says how the message presents itself. The table is in the order of what it says.
    pub fn is_claim(self) -> bool {
        self <= Self::LookalikeDkimDomain
    }

    /// Whether it says why a strong claim is weak.
    pub fn is_excuse(self) -> bool {
        matches!(
            self,
            Self::PersonName | Self::OwnName | Self::BrandMentioned | Self::ViaList
        )
    }

    /// Whether it says what the message does to its reader.
    pub fn is_deed(self) -> bool {
        self >= Self::ReplyDiverted
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kebab_case_and_differ() {
        let mut words: Vec<_> = Reason::ALL.iter().map(|reason| reason.word()).collect();
        assert!(words.iter().all(|word| {
            word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && word.len() <= 40
        }));
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Reason::ALL.len());
    }
}
