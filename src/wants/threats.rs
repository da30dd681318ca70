//! What a sentence says about the reader's account.
//!
//! Words alone: whose account it is, and where the links beside it lead, is asked elsewhere.

use crate::wants::phrases::{Hit, Role, Threat};
use std::collections::BTreeSet;

/// The threats of a sentence of `text` with these phrases; the words of an address threaten nobody. `negated`: whether the clause of a phrase says "not".
pub(super) fn of(text: &str, hits: &[Hit], negated: impl Fn(&Hit) -> bool) -> BTreeSet<Threat> {
    let may_threaten = |hit: &Hit| matches!(hit.role, Role::State(_) | Role::Threat(_) | Role::Due);
    if !hits.iter().any(may_threaten) {
        return BTreeSet::new();
    }
    let hits: Vec<&Hit> = hits
        .iter()
        .filter(|hit| !is_in_address(text, hit))
        .collect();
    let accounts = hits.iter().filter(|hit| hit.role == Role::Account);
    let accounts: BTreeSet<usize> = accounts.map(|hit| hit.language).collect();
    let threatens = |hit: &Hit| match hit.role {
        Role::Threat(threat) if !negated(hit) => Some(threat),
        Role::State(threat) if accounts.contains(&hit.language) && !negated(hit) => Some(threat),
        _ => None,
    };
    let mut found: BTreeSet<Threat> = hits.iter().copied().filter_map(threatens).collect();
    let says_something = found.iter().any(|threat| *threat != Threat::Mentioned);
    let urged = hits.iter().any(|hit| hit.role == Role::Due);
    let asked = || {
        let has = |wanted: fn(Role) -> bool| hits.iter().any(|hit| wanted(hit.role));
        has(|role| matches!(role, Role::Ask)) && has(|role| matches!(role, Role::Object(_)))
    };
    if urged && (says_something || asked()) {
        found.insert(Threat::Deadline);
    }
    found
}

/// Whether a phrase stands in an address: beside a slash, or a dot that is followed by a letter.
fn is_in_address(text: &str, hit: &Hit) -> bool {
    let before = text.get(..hit.range.start).unwrap_or_default();
    let mut after = text.get(hit.range.end..).unwrap_or_default().chars();
    let (next, then) = (after.next(), after.next());
    before.ends_with(['/', '.', '='])
        || matches!(next, Some('/' | '='))
        || next == Some('.') && then.is_some_and(char::is_alphanumeric)
}

/// Whether a stretch of text speaks of a payment or a lock, so that a number to call in it is about one.
pub(super) fn speaks_of_money_or_lock(mut hits: impl Iterator<Item = Hit>) -> bool {
    hits.any(|hit| {
        let threat = match hit.role {
            Role::Money => return true,
            Role::Threat(threat) | Role::State(threat) => threat,
            _ => return false,
        };
        use Threat::{Charged, Limited, Locked, PaymentFailed};
        matches!(threat, Charged | PaymentFailed | Locked | Limited)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{mail::text::normalise::normal, wants::requests};

    fn threats(text: &str) -> Vec<Threat> {
        let found = requests::read(&normal(text)).threats;
        let found: BTreeSet<Threat> = found.into_iter().map(|(threat, _)| threat).collect();
        let said = |threat: &Threat| *threat != Threat::Mentioned;
        found.into_iter().filter(said).collect()
    }

    #[test]
    fn an_account_is_threatened_in_every_language() {
        use Threat::{Charged, Deadline, Ending, Limited, Locked, PaymentFailed, SignIn, Verify};
        for (text, wanted) in [
            ("Your account has been locked.", &[Locked][..]),
            (
                "Verify your account before Friday or it will be closed.",
                &[Locked, Deadline, Verify],
            ),
            ("We are going to charge $18.60.", &[Charged]),
            ("Your payment was declined.", &[PaymentFailed]),
            ("Your membership expires today.", &[Ending]),
            ("Sign in to your account.", &[SignIn]),
            ("Ihr Konto wurde vorübergehend eingeschränkt.", &[Limited]),
            ("Votre compte a été suspendu.", &[Locked]),
            ("Su cuenta ha sido bloqueada.", &[Locked]),
            ("Il tuo account è stato sospeso.", &[Locked]),
            ("A sua conta foi suspensa.", &[Locked]),
            ("Uw account is geblokkeerd.", &[Locked]),
            ("Twoje konto zostało zablokowane.", &[Locked]),
            ("Ditt konto har spärrats.", &[Locked]),
            ("Hesabınız askıya alındı.", &[Locked]),
            ("تم تعليق حسابك.", &[Locked]),
            ("アカウントが停止されました。", &[Locked]),
            ("您的账户已被冻结。", &[Locked]),
            ("Ваш аккаунт заблокирован.", &[Locked]),
            ("आपका खाता निलंबित कर दिया गया है", &[Locked]),
            ("고객님의 계정이 정지되었습니다.", &[Locked]),
        ] {
            assert_eq!(threats(text), wanted, "{text}");
        }
    }

    #[test]
    fn the_readers_account_is_told_from_others() {
        let mentions = |text: &str| {
            let found = requests::read(&normal(text)).threats;
            found.iter().any(|(threat, _)| *threat == Threat::Mentioned)
        };
        for text in [
            "Some details of your account are old.",
            "Angaben in Ihrem Konto sind veraltet.",
            "Les données de votre compte sont périmées.",
            "Los datos de su cuenta",
            "お客様のアカウントの情報",
            "您的账户资料已过时",
            "Данные вашего аккаунта",
        ] {
            assert!(mentions(text), "{text}");
        }
        for text in [
            "My account is old.",
            "Accounts of sellers",
            "Das Konto der Firma",
        ] {
            assert!(!mentions(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_so_threatens_nobody() {
        for text in [
            "Your account is not locked.",
            "We will never lock your account.",
            "The museum is closed on Monday.",
            "The concert ends at ten.",
            "Confirm your seat before Friday.",
            "Das Museum ist montags geschlossen.",
            "More at https://shop.example/account/verify or https://my-account.example/confirm",
            "Log in to the benefits portal.",
        ] {
            assert_eq!(threats(text), [], "{text}");
        }
    }
}
