//! What a verdict has to lead to, by docs/policy.md.

/// What a message can come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) verdict: &'static str,
    /// DNS may answer later.
    waits: bool,
    /// Its author is proved, whoever that is.
    accountable: bool,
}

/// What somebody configured.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) preset: &'static str,
    /// The name under which results are written, which tells this configuration from all others.
    pub(crate) authserv_id: String,
    /// So much of a body is kept.
    pub(crate) max_body: usize,
    /// What the Subject of a spoof gets in front, if anything.
    pub(crate) prefix: &'static str,
    /// Whether forgeries to it.example.test are held instead.
    pub(crate) held_for_it: bool,
}

impl Outcome {
    pub(crate) fn of(verdict: &'static str) -> Self {
        Self {
            verdict,
            waits: false,
            accountable: false,
        }
    }

    pub(crate) fn waiting(self) -> Self {
        Self {
            waits: true,
            ..self
        }
    }

    pub(crate) fn accountable(self) -> Self {
        Self {
            accountable: true,
            ..self
        }
    }

    pub(crate) fn is_spoof(self) -> bool {
        matches!(self.verdict, "forged" | "lookalike" | "impersonation")
    }

    /// The action that is decided for recipients.
    pub(crate) fn action(self, rules: &Rules, recipients: &[String]) -> &'static str {
        let own = match (rules.preset, self.verdict) {
            (_, "unrelated" | "exempt" | "verified") => return "accept",
            ("tag", _) => "tag",
            (_, "forged" | "lookalike") => "reject",
            (_, "impersonation" | "unverifiable") if self.waits => "defer",
            (_, "impersonation") if self.accountable => "tag",
            (_, "impersonation") => "quarantine",
            _ => "tag",
        };
        let is_held = |path: &String| {
            rules.held_for_it && self.verdict == "forged" && path.ends_with("@it.example.test>")
        };
        // Of several the mildest.
        let asked = recipients
            .iter()
            .map(|path| if is_held(path) { "quarantine" } else { own });
        let order = ["accept", "tag", "quarantine", "defer", "reject"];
        let mildness = |action: &&str| order.iter().position(|one| one == action);
        let mildest = asked.min_by_key(mildness).unwrap_or(own);
        let reserved =
            |path: &String| path.starts_with("<postmaster@") || path.starts_with("<abuse@");
        let spared = recipients.iter().all(reserved)
            && match mildest {
                "quarantine" | "reject" => true,
                "defer" => !self.waits,
                _ => false,
            };
        if spared { "tag" } else { mildest }
    }
}

impl Rules {
    /// As the operator's file has them.
    pub(crate) fn to_toml(&self, listen: &str, max_connections: u64) -> String {
        let Self {
            preset,
            authserv_id,
            max_body,
            prefix,
            held_for_it,
        } = self;
        let rule = match held_for_it {
            true => {
                "[[policy.rules]]\nrecipients = [\"it.example.test\"]\nverdicts = [\"forged\"]\naction = \"quarantine\"\n"
            }
            false => "",
        };
        format!(
            "[milter]\nlisten = \"{listen}\"\nmax_connections = {max_connections}\n\
             max_message_size = \"{max_body}\"\n[headers]\nauthserv_id = \"{authserv_id}\"\n\
             subject_prefix = \"{prefix}\"\n[policy]\npreset = \"{preset}\"\n{rule}"
        )
    }

    pub(crate) fn is_applied(&self) -> bool {
        self.preset != "monitor"
    }
}
