//! Addresses in running text, which mail programs make links of.

use super::Judge;
use crate::{
    mail::{domain::Domain, text::visible_letter, url::Target},
    wants::bare_host,
};
use linkify::{LinkFinder, LinkKind};
use std::collections::HashSet;

/// Addresses in one text that are looked at.
const MAX_IN_TEXT: usize = 2_000;
/// Octets of an address with a user in it that are looked at.
const MAX_ADDRESS: usize = 400;

impl Judge<'_> {
    /// The addresses that mail programs make links of, in text.
    pub(crate) fn text(&mut self, text: &str, is_warning: impl Fn(&str) -> bool) {
        let mut finder = LinkFinder::new();
        finder.url_must_have_scheme(false);
        let written = text;
        let text = &*visible_letter::own_scripts_blanked(text);
        // Addresses that gave nothing give nothing again.
        let mut harmless = HashSet::new();
        for (index, found) in finder.links(text).enumerate() {
            if index >= MAX_IN_TEXT {
                self.cut = true;
                break;
            }
            let address = found.as_str();
            if harmless.contains(address) {
                continue;
            }
            if !bare_host::is_one(self.brand, text, found.start()..found.end()) {
                continue;
            }
            let known = self.details.len();
            match found.kind() {
                LinkKind::Email => {
                    let domain = address
                        .rsplit_once('@')
                        .and_then(|(_, d)| Domain::parse(d).ok());
                    if let Some(domain) = domain {
                        let home = self.is_own(&domain);
                        self.lookalike(&domain, home);
                    }
                }
                // It shows where it leads: only its host and what is hidden in it can deceive.
                _ => {
                    if let Target::Web(web) = Target::parse(address) {
                        self.web(&web, "");
                    }
                }
            }
            // "Never trust shop-login.example" names a host and doesn't lead there.
            let plain = !address.contains('/') && !address.starts_with("www.");
            if self.details.len() > known
                && plain
                && is_warning(sentence_around(text, found.start()))
            {
                self.details.truncate(known);
            } else if self.details.len() == known {
                harmless.insert(address);
            }
        }
        self.with_users(written);
    }

    /// Addresses with a user before the host, which are cut elsewhere by who looks for plain ones.
    fn with_users(&mut self, text: &str) {
        for (index, at) in memchr::memmem::find_iter(text.as_bytes(), b"://").enumerate() {
            if index >= MAX_IN_TEXT {
                self.cut = true;
                return;
            }
            let end = text.floor_char_boundary(at + MAX_ADDRESS);
            let rest = text.get(at + 3..end).unwrap_or_default();
            if !rest.contains('@') {
                continue;
            }
            let is_end = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"');
            let rest = rest.split(is_end).next().unwrap_or_default();
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            if authority.contains('@')
                && let Target::Web(web) = Target::parse(&format!("https://{rest}"))
                && self.poses(&web.user)
            {
                self.web(&web, "");
            }
        }
    }
}

/// The sentence of `text` that holds the octet `at`, as far as it is near.
fn sentence_around(text: &str, at: usize) -> &str {
    const AROUND: usize = 300;
    const STOPS: [&str; 6] = [". ", "! ", "? ", "\n\n", "。", ".\n"];
    let from = text.floor_char_boundary(at.saturating_sub(AROUND));
    let to = text.floor_char_boundary(at + AROUND);
    let before = text.get(from..at).unwrap_or_default();
    let after = text.get(at..to).unwrap_or_default();
    let start = STOPS.iter().filter_map(|stop| before.rfind(stop)).max();
    let end = STOPS.iter().filter_map(|stop| after.find(stop)).min();
    let start = start.map_or(from, |found| from + found);
    text.get(start..end.map_or(to, |found| at + found))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        brand::sample::contoso,
        wants::links::tests::{STRONG, WEAK, found, judge},
    };

    #[test]
    fn an_address_in_text_deceives_by_its_host_alone() {
        let brand = contoso();
        const L: &str = "lookalike-link";
        const D: &str = "deceptive-link";
        for (text, weak, strong) in [
            ("Go to https://contoso-login.com/x now", L, L),
            ("Go to contoso-login.com now", L, L),
            ("Go to www.contoso-login.com", L, L),
            (
                "Go to https://stranger.example/?any=https://contoso-login.com/",
                L,
                L,
            ),
            ("Write to desk@contoso-login.com", L, L),
            ("Write to desk@contosofilters.com", "", L),
            ("Go to https://contosofilters.com/", "", L),
            ("Write to desk@stranger.example", "", ""),
            ("Write to desk@contoso.com", "", ""),
            ("Go to https://stranger.example/contoso.com", "", ""),
            ("Go to https://contoso.com/", "", ""),
            ("No address", "", ""),
            // A line that nobody decoded.
            ("Go to contoso-login.com=\n/x", "", ""),
            // A word with a point in it.
            ("com.contoso.login.app", "", ""),
            ("Go to https://contoso.com@stranger.example/", D, D),
            ("Go to https://contoso@stranger.example/", D, D),
            ("Go to https://x`contoso@stranger.example/", D, D),
            ("Go to https://stranger.example/`contoso@x", "", ""),
            ("Go to https://stranger.example?`contoso@x", "", ""),
            ("Go to https://stranger.example#`contoso@x", "", ""),
            ("Go to <https://contoso.com:x@192.0.2.1>", D, D),
            ("Go to https://anna@stranger.example/", "", ""),
            ("Go to https://contoso.com@contoso.com/", "", ""),
            ("Go to https://stranger.example/contoso@x", "", ""),
            ("Go to https://stranger.example?contoso@x", "", ""),
            ("Go to https://stranger.example#contoso@x", "", ""),
            ("Go to https://a <contoso@stranger.example>", "", ""),
            ("Go to https://a<contoso@stranger.example>", "", ""),
            ("\"https://a\"contoso@stranger.example", "", ""),
            ("Go to https://a>contoso@stranger.example", "", ""),
        ] {
            for (claim, expected) in [(WEAK, weak), (STRONG, strong)] {
                let mut judge = judge(&brand, claim);
                judge.text(text, |_| false);
                assert_eq!(found(&judge), expected, "{text}");
                assert!(!judge.is_cut(), "{text}");
            }
        }
    }

    #[test]
    fn a_warning_names_a_host_and_leads_nowhere() {
        let brand = contoso();
        for (text, kept) in [
            ("Never trust contoso-login.com", 0),
            ("Never write to desk@contoso-login.com", 0),
            ("We know. Never trust contoso-login.com! It lies.", 0),
            ("Never trust contoso-login.com. Go to contoso-login.com", 1),
            ("Go to contoso-login.com. Never trust contoso-login.com", 1),
            (
                "Go to contoso-a-login.com. Never trust contoso-b-login.com",
                1,
            ),
            ("Go to contoso-a-login.com and contoso-b-login.com", 2),
            ("Never pay. Go to contoso-login.com", 1),
            // Whoever is shown a whole address can follow it.
            ("Never trust https://contoso-login.com/x", 1),
            ("Never trust contoso-login.com/x", 1),
            ("Never trust www.contoso-login.com", 1),
        ] {
            let mut judge = judge(&brand, WEAK);
            judge.text(text, |sentence| sentence.contains("Never"));
            assert_eq!(judge.details.len(), kept, "{text}");
        }
    }

    #[test]
    fn so_many_addresses_of_a_text_are_looked_at() {
        let brand = contoso();
        let seen = |text: &str| {
            let mut judge = judge(&brand, WEAK);
            judge.text(text, |_| false);
            (found(&judge), judge.cut)
        };
        let found = |word: &str| (word.to_owned(), false);
        let cut = (String::new(), true);
        for (one, last, word) in [
            ("a.example ", "contoso-login.com", "lookalike-link"),
            (
                "x:// ",
                "https://x`contoso@stranger.example",
                "deceptive-link",
            ),
        ] {
            let most = one.repeat(MAX_IN_TEXT - 1);
            assert_eq!(seen(&format!("{most}{last}")), found(word), "{one}");
            assert_eq!(seen(&format!("{most}{one}{last}")), cut, "{one}");
        }
        // What an address is looked at ends 400 octets behind the colon.
        for (long, word) in [(389, "deceptive-link"), (390, "")] {
            let user = format!("{}`contoso", "x".repeat(long - 1));
            let text = format!("Go to https://{user}@stranger.example/");
            assert_eq!(seen(&text), found(word), "{long}");
        }
    }

    #[test]
    fn a_sentence_ends_at_its_stops_or_far_away() {
        for (text, sentence) in [
            ("One. Two X three. Four", ". Two X three"),
            ("One! Two X three! Four", "! Two X three"),
            ("One? Two X three? Four", "? Two X three"),
            ("One\n\nTwo X three\n\nFour", "\n\nTwo X three"),
            ("One.\nTwo X three.\nFour", ".\nTwo X three"),
            ("一。二X三。四", "。二X三"),
            ("One.Two\nX three,\nfour", "One.Two\nX three,\nfour"),
            ("Zero. One. X", ". X"),
            ("X. One. Two", "X"),
        ] {
            let at = text.find('X').unwrap_or_default();
            assert_eq!(sentence_around(text, at), sentence, "{text}");
        }
        let long = "x".repeat(2_000);
        for (at, length) in [(0, 300), (10, 310), (300, 600), (1_000, 600), (1_900, 400)] {
            assert_eq!(sentence_around(&long, at).len(), length, "{at}");
        }
    }
}
