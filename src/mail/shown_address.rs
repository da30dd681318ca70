//! Addresses as a reader sees them in a text: with disguised letters, points and slashes undone. Nobody has
//! to be able to follow them: a reader takes `hxxps://shop_example` for an address, too.

use crate::mail::{
    domain::Domain,
    text::{confusables::is_ideograph, visible_letter},
    url::percent_decoded,
};
use std::{borrow::Cow, collections::HashSet};

/// A text with its letters as they look.
pub(crate) struct Shown<'t> {
    written: &'t str,
    seen: String,
}

/// A host that a text shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShownHost {
    pub(crate) host: Domain,
    /// It stands in an address: with a scheme, `www`, a path, or after an `@`.
    pub(crate) in_address: bool,
    /// It has a scheme or `www`.
    pub(crate) is_marked: bool,
    /// Hardly anything else stands in the text.
    pub(crate) is_alone: bool,
    /// It is written in small letters, or in none that have another size.
    pub(crate) is_small: bool,
}

/// What looks like a point, a slash or a colon, and isn't folded to one.
fn sign(c: char) -> char {
    match c {
        '。' | '．' | '｡' | '·' | '․' | '‧' | '∙' | '⋅' | '•' | '・' | '･' | 'ꞏ' | '᛫' | '⸱'
        | '٠' | '۰' | '܁' | '܂' | '‚' | '܅' => '.',
        '∕' | '⁄' | '╱' | '⧸' | '／' | '⟋' | '〳' | 'ノ' | '⼃' | '\\' => '/',
        '：' | 'ː' | '꞉' | '∶' | '︓' | '˸' | '։' => ':',
        '＠' | '﹫' => '@',
        other => other,
    }
}

/// Ways to write a point that programs don't take for one.
const POINTS: [&str; 13] = [
    "[.]", "(.)", "{.}", "[dot]", "(dot)", "{dot}", " dot ", " . ", "[punkt]", "(punkt)",
    " punkt ", " punto ", " ponto ",
];

/// A point, and what could stand for one in a host.
const POINT: [char; 3] = ['.', '_', ','];

/// Whether a label could show a host: most are words.
pub(crate) fn could_show(label: &str) -> bool {
    const SIGNS: [char; 6] = ['.', ':', '@', '%', '_', ','];
    let spells_a_point = || {
        let small = label.to_ascii_lowercase();
        ["dot", "punkt", "punto", "ponto"]
            .iter()
            .any(|word| small.contains(word))
    };
    let is_other = |c: char| !c.is_ascii() && !shows_no_sign(c);
    let has_other = || !label.is_ascii() && label.contains(is_other);
    label.contains(SIGNS) || has_other() || spells_a_point()
}

/// Whether a character is an ideograph or a Hangul syllable: no letter of such a one looks like a sign.
fn shows_no_sign(c: char) -> bool {
    is_ideograph(c) || matches!(c, '\u{AC00}'..='\u{D7A3}')
}

impl<'t> Shown<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let decoded = percent_decoded(text);
        let mut seen: String = visible_letter::letters_of(decoded.chars().map(sign)).collect();
        // Each of them has one of these.
        if seen.contains(['.', 't']) {
            for point in POINTS {
                if seen.contains(point) {
                    seen = seen.replace(point, ".");
                }
            }
        }
        Self {
            written: text,
            seen,
        }
    }

    /// Words in it, three or fewer.
    pub(crate) fn is_short(&self) -> bool {
        const FEW_WORDS: usize = 3;
        self.seen.split_whitespace().take(FEW_WORDS + 1).count() <= FEW_WORDS
    }

    /// Calls `each` with every stretch that could be a host.
    pub(crate) fn hosts(&self, mut each: impl FnMut(ShownHost)) {
        if !self.seen.contains(POINT) {
            return;
        }
        for word in self.seen.split_whitespace() {
            self.in_word(word, &mut each);
        }
    }

    fn in_word(&self, word: &str, each: &mut impl FnMut(ShownHost)) {
        let (before, rest) = match word.find("//") {
            Some(at) => word.split_at(at + 2),
            None => ("", word),
        };
        let rest = rest.trim_start_matches('/');
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
        // Of the same word each gives the same.
        let mut read = HashSet::new();
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ',');
        for run in authority.split(|c| !is_host(c)) {
            let run = run.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            // Without a point, or what could stand for one, it is no host; a text can be cut into as many runs
            // as it has letters.
            if !run.contains(POINT) || !read.insert(run) {
                continue;
            }
            let is_marked = before.ends_with("//") || run.starts_with("www");
            let after_at = || {
                let at = authority.find(run).and_then(|at| at.checked_sub(1));
                at.is_some_and(|at| authority.as_bytes().get(at) == Some(&b'@'))
            };
            let in_address = is_marked || path.starts_with('/') || after_at();
            // What stands for the point counts only where an address is meant.
            let is_alone = !self.seen.trim().contains(' ');
            let host = match in_address || is_alone && !run.contains('_') {
                true => Cow::Owned(run.replace(['_', ','], ".")),
                false if run.contains(['_', ',']) => continue,
                false => Cow::Borrowed(run),
            };
            if !host.contains('.') {
                continue;
            }
            if let Ok(host) = Domain::parse(&host) {
                each(ShownHost {
                    host,
                    in_address,
                    is_marked,
                    is_alone: self.seen.trim().len() <= word.len() + 2,
                    is_small: !self.written.is_ascii()
                        || run.split('.').all(|label| self.written.contains(label)),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(String, bool)> {
        let mut found = Vec::new();
        Shown::new(text).hosts(|one| found.push((one.host.to_string(), one.in_address)));
        found
    }

    #[test]
    fn ideographs_and_syllables_show_no_sign() {
        for c in ('\0'..=char::MAX).filter(|c| shows_no_sign(*c)) {
            let seen = Shown::new(&c.to_string()).seen;
            assert!(!seen.contains(|c: char| c.is_ascii()), "{c}: {seen}");
        }
    }

    #[test]
    fn hosts_are_found_in_disguise() {
        let address = |text: &str| {
            assert_eq!(
                shown(text),
                [("www.shop.example".to_owned(), true)],
                "{text}"
            )
        };
        address("https://www.shop.example/x");
        address("hxxps://www.shop.example");
        address("www.shop_example/x");
        address("www·shop·example");
        address("https:∕∕www[.]shop[.]example");
        address("www . shop . example");
        address("(www.shop,example)");
        assert!(could_show("shop(DOT)example") && !could_show("Your orders"));
    }

    #[test]
    fn a_path_shows_no_host() {
        assert_eq!(
            shown("blog.example/about/shop.example"),
            [("blog.example".to_owned(), true)]
        );
        assert_eq!(shown("shop_example"), []);
        assert_eq!(shown("Shop. Example"), []);
        assert_eq!(shown("x@shop.example"), [("shop.example".to_owned(), true)]);
    }

    #[test]
    fn a_label_that_could_show_a_host_has_a_sign_of_one() {
        for label in [
            "shop.example",
            "a:b",
            "a@b",
            "a%2e",
            "a_b",
            "a,b",
            "shop DOT example",
            "a punkt b",
            "punto",
            "Ponto",
            "shop·example",
            "shop。example",
        ] {
            assert!(could_show(label), "{label}");
        }
        for label in ["Your orders", "", "注文履歴", "한국어", "注文 orders"] {
            assert!(!could_show(label), "{label}");
        }
    }

    #[test]
    fn what_is_known_of_a_host_that_is_shown() {
        for (text, host, in_address, is_marked, is_alone) in [
            ("shop.example", "shop.example", false, false, true),
            ("see shop.example", "shop.example", false, false, false),
            ("https://shop.example", "shop.example", true, true, true),
            ("www.shop.example", "www.shop.example", true, true, true),
            (
                "see www.shop.example/x now",
                "www.shop.example",
                true,
                true,
                false,
            ),
            ("shop.example/x", "shop.example", true, false, true),
            ("see shop.example?x", "shop.example", false, false, false),
            ("a@shop.example", "shop.example", true, false, true),
            ("a@shop_example", "shop.example", true, false, true),
            ("shop,example", "shop.example", false, false, true),
            ("x//shop.example", "shop.example", true, true, true),
            ("https:////shop.example", "shop.example", true, true, true),
            ("(shop.example)", "shop.example", false, false, true),
        ] {
            let mut found = Vec::new();
            Shown::new(text).hosts(|one| found.push(one));
            let [one] = &found[..] else {
                panic!("{text}: {found:?}");
            };
            let flags = (one.in_address, one.is_marked, one.is_alone);
            assert_eq!(one.host.as_str(), host, "{text}");
            assert_eq!(flags, (in_address, is_marked, is_alone), "{text}");
            assert!(one.is_small, "{text}");
        }
        for (text, is_small) in [
            ("Shop.example", false),
            ("shop.Example", false),
            ("Shöp.example", true),
        ] {
            Shown::new(text).hosts(|one| assert_eq!(one.is_small, is_small, "{text}"));
        }
        for none in [
            "shop_example",
            "see shop,example now",
            "shop",
            "a..b",
            "see shop_example",
            "see a.b_c now",
            ".",
        ] {
            assert_eq!(shown(none), [], "{none}");
        }
        let both = shown("a.example|b.example|a.example");
        assert_eq!(both.len(), 2, "of the same each is one");
        let is_short = |text: &str| Shown::new(text).is_short();
        assert!(is_short("one two three") && !is_short("one two three four"));
    }
}
