//! Addresses within an address: where a redirect, a link checker or a click counter leads on to, as far as it
//! shows.

use super::{Host, Target, Web, percent_decoded};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

/// Addresses within one address that are followed.
pub(crate) const MAX_INNER: usize = 6;
/// Places of one text that are read for them.
const MAX_TRIED: usize = 24;
/// Octets of an address in Base64 that are read.
const MAX_ENCODED: usize = 1_024;

/// A parameter whose value is an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// In small letters.
    pub(crate) name: String,
    pub(crate) to: Web,
    /// It is written without a scheme.
    pub(crate) is_bare: bool,
}

impl Web {
    /// Web addresses within path, query or fragment.
    pub(crate) fn inner(&self) -> Vec<Web> {
        inner(&self.rest)
    }

    /// Those that stand in the path or the fragment.
    pub(crate) fn in_path(&self) -> Vec<Web> {
        let end = self.rest.find('?').unwrap_or(self.rest.len());
        let mut found = inner(self.rest.get(..end).unwrap_or_default());
        if let Some((_, fragment)) = self.rest.split_once('#') {
            found.extend(inner(fragment));
        }
        found
    }

    /// Hosts that stand in the path as words of their own, as `google.com/amp/s/HOST/` has them.
    pub(crate) fn hosts_in_path(&self) -> Vec<Web> {
        let path = self.rest.split(['?', '#']).next().unwrap_or_default();
        let words = path.split('/').take(MAX_TRIED);
        let hosts = words.filter(|word| is_host(word)).filter_map(bare);
        hosts.take(MAX_INNER).collect()
    }

    /// The parameters whose value is a web address.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        let mut found = Vec::new();
        let (_, query) = self.rest.split_once(['?', '#']).unwrap_or_default();
        let pairs = query.split(['&', ';', '?', '#']);
        let pairs = pairs.filter_map(|pair| pair.split_once('='));
        for (name, value) in pairs.take(8 * MAX_TRIED) {
            let value = percent_decoded(&percent_decoded(value));
            let value = value.trim();
            let is_full = value.starts_with("//")
                || value
                    .get(..5)
                    .is_some_and(|start| start.eq_ignore_ascii_case("http:"))
                || value
                    .get(..6)
                    .is_some_and(|start| start.eq_ignore_ascii_case("https:"));
            let host = value.split(['/', '?', '#']).next().unwrap_or_default();
            let to = match is_full {
                true => match Target::parse(value) {
                    Target::Web(web) => Some(web),
                    _ => None,
                },
                false if is_host(host) => bare(value),
                false => encoded(value).into_iter().next(),
            };
            if let Some(to) = to {
                found.push(Parameter {
                    name: name.to_ascii_lowercase(),
                    to,
                    is_bare: !is_full,
                });
            }
            if found.len() >= MAX_INNER {
                break;
            }
        }
        found
    }
}

fn inner(text: &str) -> Vec<Web> {
    let mut found = Vec::new();
    found.extend(encoded(text));
    // Without a colon, however it is written, there is no other.
    if !text.contains([':', '%']) && !text.contains("-3A__") {
        return found;
    }
    let once = percent_decoded(text);
    let twice = percent_decoded(&once);
    // Proofpoint writes % as - and / as _ (urldefense.proofpoint.com/v2/url?u=https-3A__host_path).
    let proofpoint = match text.contains("-3A__") {
        true => text.replace("-3A__", "://").replace('_', "/"),
        false => String::new(),
    };
    let mut texts = vec![text, &*once, &*twice, &*proofpoint];
    texts.dedup();
    for text in texts {
        written_in(text, &mut found);
    }
    found
}

/// The addresses with a scheme in a text.
fn written_in(text: &str, found: &mut Vec<Web>) {
    let mut tried: Vec<&str> = Vec::new();
    for colon in memchr::memchr_iter(b':', text.as_bytes()) {
        let (before, after) = text.split_at_checked(colon).unwrap_or_default();
        let ends_with = |scheme: &str| {
            let start = before.len().checked_sub(scheme.len());
            start
                .and_then(|start| before.get(start..))
                .is_some_and(|last| last.eq_ignore_ascii_case(scheme))
        };
        let after = after.get(1..).unwrap_or_default();
        if !after.starts_with(['/', '\\']) || !(ends_with("http") || ends_with("https")) {
            continue;
        }
        let end = after.find(['&', ' ', '"', ';', '<', '>']);
        let address = after.get(..end.unwrap_or(after.len())).unwrap_or_default();
        if tried.contains(&address) {
            continue;
        }
        tried.push(address);
        if let Target::Web(web) = Target::web(address)
            && !found.contains(&web)
        {
            found.push(web);
        }
        if found.len() >= MAX_INNER || tried.len() >= MAX_TRIED {
            return;
        }
    }
}

/// The address that a text holds in Base64. `http:/` and `https:` always come to the same signs there.
fn encoded(text: &str) -> Option<Web> {
    let at = ["aHR0cDov", "aHR0cHM6"]
        .iter()
        .find_map(|start| text.find(start))?;
    let rest = text.get(at..)?;
    let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    let end = rest.find(|c| !is_digit(c)).unwrap_or(rest.len());
    let digits = rest.get(..end.min(MAX_ENCODED))?;
    let digits = digits.replace('-', "+").replace('_', "/");
    // A path may follow without a sign between: what doesn't decode to the end is read as far as it does.
    let whole = digits.len() - digits.len() % 4;
    let octets = STANDARD_NO_PAD
        .decode(&digits)
        .or_else(|_| STANDARD_NO_PAD.decode(digits.get(..whole).unwrap_or_default()))
        .ok()?;
    let address = String::from_utf8_lossy(&octets);
    match Target::parse(address.split(['\u{FFFD}', '&']).next()?) {
        Target::Web(web) => Some(web),
        _ => None,
    }
}

/// Whether a word is a host and not the name of a file.
fn is_host(word: &str) -> bool {
    const FILES: [&str; 24] = [
        "html", "htm", "shtml", "php", "php3", "asp", "aspx", "jsp", "jspx", "cgi", "pl", "py",
        "js", "css", "png", "jpg", "jpeg", "gif", "webp", "svg", "pdf", "xml", "json", "txt",
    ];
    let word = word.split(':').next().unwrap_or_default();
    let Some((front, last)) = word.rsplit_once('.') else {
        return false;
    };
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    front.contains(char::is_alphabetic)
        && front.chars().all(is_name)
        && last.len() >= 2
        && last.chars().all(char::is_alphabetic)
        && !FILES.iter().any(|file| last.eq_ignore_ascii_case(file))
}

/// An address without its scheme.
fn bare(address: &str) -> Option<Web> {
    match Target::web(address) {
        Target::Web(web) if matches!(*web.hosts, [Host::Name(_)]) => Some(web),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(text: &str) -> Web {
        match Target::parse(text) {
            Target::Web(web) => web,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn names(found: &[Web]) -> Vec<String> {
        found
            .iter()
            .flat_map(|web| web.names().map(ToString::to_string))
            .collect()
    }

    #[test]
    fn addresses_within_addresses_are_found() {
        for address in [
            "https://a.example/url?q=https%3A%2F%2Fb.example%2Fx&c=1",
            "https://a.example/url?q=https%253A%252F%252Fb.example",
            "https://a.example/v3/__https://b.example/x__;!!",
            "https://a.example/v2/url?u=https-3A__b.example_x&d=1",
            "https://a.example/c/https:/b.example/x",
            "https://a.example/?t=aHR0cHM6Ly9iLmV4YW1wbGUveA==",
            "https://a.example/r#http:\\\\b.example",
        ] {
            assert_eq!(names(&web(address).inner()), ["b.example"], "{address}");
        }
        assert_eq!(names(&web("https://a.example/x").inner()), [""; 0]);
    }

    #[test]
    fn parameters_are_addresses_with_and_without_a_scheme() {
        let found = web("https://a.example/url?X=%2F%2Fb.example&y=c.example/z&n=page.html&v=1.2")
            .parameters();
        let found: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    &*one.name,
                    names(std::slice::from_ref(&one.to)),
                    one.is_bare,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("x", vec!["b.example".to_owned()], false),
                ("y", vec!["c.example".to_owned()], true)
            ]
        );
    }

    #[test]
    fn hosts_stand_in_paths() {
        assert_eq!(
            names(&web("https://a.example/amp/s/b.example/index.html").hosts_in_path()),
            ["b.example"]
        );
        // Without a letter before its last dot it is a version.
        assert_eq!(
            names(&web("https://a.example/2.final/b.example/1.2.x").hosts_in_path()),
            ["b.example"]
        );
    }
}
