//! One line of `domains classify`: a host, a web address or a mail address, as people paste them.

use super::{HostClass, classify};
use crate::{
    brand::{Brand, Entry},
    mail::{
        domain::{Domain, DomainError},
        url::Target,
    },
};
use std::borrow::Cow;

/// The answer of `domains classify` for one line of input: the class in one word, and why.
///
/// Of a web address the host decides to which it leads, of a mail address the domain, and an address that
/// is named as fake is a look-alike wherever it is. What people write so that nobody clicks on it by accident
/// (`hxxps://shop[.]example`) is read as what was meant.
pub fn classify_line(brand: &Brand, text: &str) -> (&'static str, String) {
    let text = clickable(text.trim());
    if let Some((local, host)) = mailbox(&text) {
        if brand.is_fake_address(local, &host) {
            return ("lookalike", "the address is named as fake".to_owned());
        }
        let (class, why) = of_host(brand, &host);
        return (class, format!("{host}: {why}"));
    }
    match host(&text) {
        Ok(host) => of_host(brand, &host),
        Err(Unread::Address) => ("unrelated", "an IP address, which no brand owns".to_owned()),
        Err(Unread::NoHost(error)) => ("unrelated", format!("no host name: {error}")),
    }
}

/// Why a line has no host.
enum Unread {
    Address,
    NoHost(DomainError),
}

/// `text` as a program would read it.
fn clickable(text: &str) -> Cow<'_, str> {
    const DEFANGED: [(&str, &str); 7] = [
        ("[.]", "."),
        ("(.)", "."),
        ("[dot]", "."),
        ("[@]", "@"),
        ("[at]", "@"),
        ("[:]", ":"),
        ("[://]", "://"),
    ];
    let mut text = Cow::Borrowed(text);
    for (written, meant) in DEFANGED {
        if text.contains(written) {
            text = Cow::Owned(text.replace(written, meant));
        }
    }
    match text.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("hxxp") => {
            Cow::Owned(format!("http{}", text.get(4..).unwrap_or_default()))
        }
        _ => text,
    }
}

/// The parts of a mail address: bare, in `<...>` after a name, or in a `mailto:` link.
fn mailbox(text: &str) -> Option<(&str, Domain)> {
    let address = match text.rsplit_once('<') {
        Some((_, address)) => address.split('>').next().unwrap_or_default(),
        None => text,
    };
    let address = match address.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
            address.get(7..)?.split('?').next().unwrap_or_default()
        }
        _ => address,
    };
    let (local, host) = address.rsplit_once('@')?;
    let is_web = address.contains("://") || host.contains(['/', '?', '#']);
    match is_web {
        true => None,
        false => Some((local.trim(), Domain::parse(host.trim()).ok()?)),
    }
}

fn host(text: &str) -> Result<Domain, Unread> {
    let error = match Domain::parse(text) {
        Ok(host) => return Ok(host),
        Err(error) => error,
    };
    match Target::parse(text) {
        // Where programs disagree about an address, the host that browsers take.
        Target::Web(web) => web.names().next().cloned().ok_or(Unread::Address),
        _ => Err(Unread::NoHost(error)),
    }
}

fn of_host(brand: &Brand, host: &Domain) -> (&'static str, String) {
    let listed = |entry: &Entry| {
        let by = if entry.domain == *host {
            "listed"
        } else {
            "below"
        };
        format!("{by} {} ({})", entry.domain, entry.class.word())
    };
    match classify(brand, host) {
        HostClass::Official(entry) => ("official", listed(entry)),
        HostClass::Owned(entry) => ("owned", listed(entry)),
        HostClass::Unrelated(Some(entry)) => ("unrelated", listed(entry)),
        HostClass::Unrelated(None) => ("unrelated", "resembles nothing of the brand".to_owned()),
        HostClass::Lookalike(found) => (
            "lookalike",
            format!(
                "{} ({}): {}; resembles {}",
                found.how.word(),
                found.strength.word(),
                found.how.sentence(),
                found.resembles
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::sample::contoso;

    #[test]
    fn what_people_paste_is_read() {
        for (text, class) in [
            ("contoso.com", "official"),
            ("  https://www.contoso.com/help?x=1#y  ", "official"),
            ("HTTP://CONTOSO.COM:8080", "official"),
            ("www.contoso-login.com/signin", "lookalike"),
            ("https://contoso.com@contoso-login.com/", "lookalike"),
            ("hxxps://contoso-login[.]com/a", "lookalike"),
            ("contoso-login[.]com", "lookalike"),
            ("mailto:joe@contoso-login.com?subject=a@b", "lookalike"),
            ("help@contoso.com", "official"),
            ("Contoso <help@contoso.com>", "official"),
            ("help[@]contoso[.]com", "official"),
            ("joe@stranger.example", "unrelated"),
            // Named as fake, at a free mail service.
            ("Contoso-Security@post.example", "lookalike"),
            ("joe@post.example", "unrelated"),
            ("https://192.0.2.7/contoso.com", "unrelated"),
            ("javascript:contoso.com", "unrelated"),
            ("a b", "unrelated"),
            ("", "unrelated"),
        ] {
            assert_eq!(classify_line(&contoso(), text).0, class, "{text}");
        }
    }

    #[test]
    fn what_is_no_host_says_so() {
        let why = |text| classify_line(&contoso(), text).1;
        assert_eq!(why(""), "no host name: a domain name is empty");
        assert_eq!(
            why("http://192.0.2.7/"),
            "an IP address, which no brand owns"
        );
        assert_eq!(
            why("joe@contoso.com"),
            "contoso.com: listed contoso.com (official-sender)"
        );
        assert_eq!(
            why("contoso-security@post.example"),
            "the address is named as fake"
        );
    }
}
