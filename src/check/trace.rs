//! What SPF would say by the trace of a delivered message. Anybody can write a file, trace and all: it is a hint
//! for people, and neither proves nor disproves.

use crate::{
    mail::{
        message::{Envelope, Message},
        received,
    },
    proof::{AuthResult, Spf},
    report::{Report, printable::printable},
    verify::Verifier,
};
use serde_json::{Value, json};

/// The envelope that the trace tells, and what SPF says about it.
pub(super) struct Hint {
    envelope: Envelope,
    spf: Spf,
}

impl Hint {
    /// Asks DNS, where a judgement lacked the envelope and the message has a trace of it.
    pub(super) async fn of(
        message: &Message,
        report: &Report,
        verifier: &Verifier,
    ) -> Option<Self> {
        let evidence = report.evidence.as_ref()?;
        if evidence.offline || !evidence.spf.unknown_envelope {
            return None;
        }
        let envelope = received::delivered(message)?;
        let spf = verifier.authenticator.spf(&envelope).await?;
        Some(Self { envelope, spf })
    }

    /// The hint as a sentence.
    pub(super) fn sentence(&self) -> String {
        let client = self.envelope.client_ip.map(|ip| ip.to_string());
        let client = client.unwrap_or_default();
        let whose = match &self.spf.domain {
            Some(domain) => domain.to_string(),
            None => "a sender without a domain".to_owned(),
        };
        let clause = match self.spf.result {
            AuthResult::Pass => format!("which {whose} authorises"),
            AuthResult::Fail | AuthResult::SoftFail => format!("which {whose} doesn't authorise"),
            AuthResult::TempError => format!("and DNS did not answer for {whose}"),
            _ => format!("and {whose} doesn't say whether it may"),
        };
        let result = self.spf.result.word();
        printable(&format!(
            "By its trace it was handed in by {client}, {clause} (SPF {result}): a hint, since whoever wrote \
             the file could have written that, too."
        ))
    }

    /// The same for programs.
    pub(super) fn value(&self) -> Value {
        let sender = self.envelope.mail_from.as_ref();
        json!({
            "client_ip": self.envelope.client_ip.map(|ip| ip.to_string()),
            "helo": self.envelope.helo,
            "mail_from": sender.map(|path| path.address.as_str()),
            "result": self.spf.result.word(),
            "domain": self.spf.domain.as_ref().map(|domain| domain.as_str()),
        })
    }
}
