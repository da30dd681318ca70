//! One sentence: its words, and which stand next to each other.

use std::ops::Range;

use crate::brand::OwnWords;

use super::tables::{ANY, BRAND, Hit, Role, Tables, is_inside, role_bit};

/// Octets of one sentence. A longer run without a stop is cut here.
const MAX_SENTENCE: usize = 800;
/// Words of one sentence that are kept; more stand only in a text made of them.
const MAX_HITS: usize = 240;
/// Mentions of one sentence that are looked at.
const MAX_MENTIONS: usize = 16;
/// Words that may stand between the brand and a noun.
pub(super) const MAX_BETWEEN: usize = 3;
/// Words around a mention that are looked at.
const NEIGHBOURS: usize = 12;
/// Octets of a word, or some, and what may stand between it and the next.
const LONGEST: usize = 100;

/// A sentence of a marked text in normal form.
#[derive(Debug)]
pub(super) struct Sentence<'a> {
    pub(super) text: &'a str,
    pub(super) range: Range<usize>,
    /// By where they begin, the shorter first.
    hits: Vec<Hit>,
    /// The languages of their words, in order, and [`ANY`] behind them, each with the roles of its words and of those
    /// that all languages use, a bit for each.
    roles: Vec<(usize, u64)>,
    /// The roles of all of them.
    present: u64,
    /// A footer of the brand's own stands in it.
    pub(super) gives_address: bool,
}

impl<'a> Sentence<'a> {
    pub(super) fn new(own: &OwnWords, text: &'a str, range: Range<usize>) -> Self {
        let mut hits = Tables::embedded().find(text, range.clone());
        hits.truncate(MAX_HITS);
        let here = text.get(range.clone()).unwrap_or_default();
        for (at, mark) in here.match_indices(BRAND).take(MAX_HITS) {
            let start = range.start + at;
            hits.push(Hit {
                range: start..start + mark.len(),
                role: Role::Brand,
                language: ANY,
            });
        }
        let mut gives_address = false;
        let (mut products, start) = (0, range.start);
        for mention in own.mentions(here) {
            let range = start + mention.range.start..start + mention.range.end;
            match is_word(text, &range) {
                false => {}
                true if !mention.is_product => gives_address = true,
                true if products == MAX_HITS => {}
                true => {
                    products += 1;
                    hits.push(Hit {
                        range,
                        role: Role::Product,
                        language: ANY,
                    });
                }
            }
        }
        let mut sentence = Self {
            text,
            range,
            hits,
            roles: Vec::new(),
            present: 0,
            gives_address,
        };
        sentence.add_between(own);
        let order = |hit: &Hit| (hit.range.start, hit.range.end);
        sentence.hits.sort_by_key(order);
        sentence.roles = roles(&sentence.hits);
        let roles = sentence.roles.iter();
        sentence.present = roles.fold(0, |all, (_, roles)| all | roles);
        sentence
    }

    /// Adds the brand's own words that stand behind a mention.
    fn add_between(&mut self, own: &OwnWords) {
        let mentions = self.hits.iter();
        let mentions = mentions.filter(|hit| matches!(hit.role, Role::Brand | Role::Product));
        let mut ends: Vec<usize> = mentions
            .map(|hit| hit.range.end)
            .take(MAX_MENTIONS)
            .collect();
        // What stands behind one of them may have another behind it.
        for _ in 0..MAX_BETWEEN {
            let between: Vec<Range<usize>> = ends
                .iter()
                .filter_map(|end| self.between_behind(own, *end))
                .collect();
            ends = between.iter().map(|range| range.end).collect();
            self.hits.extend(between.into_iter().map(|range| Hit {
                range,
                role: Role::Between,
                language: ANY,
            }));
        }
    }

    fn between_behind(&self, own: &OwnWords, end: usize) -> Option<Range<usize>> {
        let rest = self.text.get(end..self.range.end)?;
        let start = end + (rest.len() - rest.trim_start().len());
        let rest = rest.trim_start();
        // Few words begin like one of them.
        let first = rest.as_bytes().first();
        let begins = |word: &&String| {
            let could_begin = word.as_bytes().first() == first;
            let behind = could_begin.then(|| rest.strip_prefix(word.as_str()));
            let behind = behind.flatten();
            behind.is_some_and(|behind| !word.is_ascii() || !is_inside(behind.chars().next()))
        };
        let words = own.between.iter().filter(begins);
        let word = words.max_by_key(|word| word.len())?;
        Some(start..start + word.len())
    }

    /// Every word with this role. Most are asked for in vain, and at many places.
    pub(super) fn all(&self, role: Role) -> impl Iterator<Item = &Hit> {
        let hits: &[Hit] = match self.has(role) {
            true => &self.hits,
            false => &[],
        };
        hits.iter().filter(move |hit| hit.role == role)
    }

    /// The mentions of the brand and its products that have some other word near them.
    pub(super) fn mentions(&self) -> impl Iterator<Item = &Hit> {
        let mention = |hit: &&Hit| matches!(hit.role, Role::Brand | Role::Product);
        let other = |hit: &Hit| !matches!(hit.role, Role::Brand | Role::Product | Role::Between);
        let mentions = self.hits.iter().enumerate();
        let mentions = mentions.filter(move |(at, hit)| {
            let near = self
                .hits
                .get(at.saturating_sub(NEIGHBOURS)..at + NEIGHBOURS);
            let near = near.or_else(|| self.hits.get(at.saturating_sub(NEIGHBOURS)..));
            mention(hit) && near.is_some_and(|near| near.iter().any(other))
        });
        mentions.map(|(_, hit)| hit).take(MAX_MENTIONS)
    }

    pub(super) fn has(&self, role: Role) -> bool {
        self.has_any(role_bit(role))
    }

    /// Whether it has a word with one of the roles of these bits.
    pub(super) fn has_any(&self, roles: u64) -> bool {
        self.present & roles != 0
    }

    /// The languages whose words stand here.
    pub(super) fn languages(&self) -> impl Iterator<Item = usize> {
        let languages = self.roles.iter().map(|(language, _)| *language);
        languages.filter(|language| *language != ANY)
    }

    /// The languages whose words stand here, and [`ANY`], each with the roles of its words and of those that all
    /// languages use, a bit for each.
    pub(super) fn roles(&self) -> &[(usize, u64)] {
        &self.roles
    }

    /// The longest word with one of these roles that stands right behind `end`.
    pub(super) fn behind(&self, end: usize, roles: &[Role], language: usize) -> Option<&Hit> {
        let wanted = self.wanted(roles)?;
        let from = self.hits.partition_point(|hit| hit.range.start < end);
        let near = self.hits.get(from..).unwrap_or_default().iter();
        near.take_while(|hit| self.is_gap(end..hit.range.start))
            .filter(|hit| is_of(hit, wanted, language))
            .max_by_key(|hit| hit.range.end)
    }

    /// The longest word with one of these roles that stands right before `start`.
    pub(super) fn before(&self, start: usize, roles: &[Role], language: usize) -> Option<&Hit> {
        let wanted = self.wanted(roles)?;
        let from = start.saturating_sub(LONGEST);
        let from = self.hits.partition_point(|hit| hit.range.start < from);
        let to = self.hits.partition_point(|hit| hit.range.start < start);
        let near = self.hits.get(from..to).unwrap_or_default().iter();
        near.filter(|hit| is_of(hit, wanted, language) && self.is_gap(hit.range.end..start))
            .min_by_key(|hit| hit.range.start)
    }

    /// The bits of these roles, if any of them stands here: most don't, and each is asked for at many places.
    fn wanted(&self, roles: &[Role]) -> Option<u64> {
        let wanted = bits(roles.iter().copied());
        self.has_any(wanted).then_some(wanted)
    }

    /// Whether a word of any language with this role stands right before `start`.
    pub(super) fn is_before(&self, start: usize, role: Role) -> bool {
        let from = self
            .hits
            .partition_point(|hit| hit.range.start + LONGEST < start);
        let near = self.hits.get(from..).unwrap_or_default().iter();
        near.take_while(|hit| hit.range.start < start)
            .any(|hit| hit.role == role && self.is_gap(hit.range.end..start))
    }

    /// Whether two words that are so far apart stand next to each other.
    fn is_gap(&self, at: Range<usize>) -> bool {
        let gap = |c: char| {
            c == ' '
                || matches!(c, '"' | '\'' | '\u{AB}' | '\u{BB}' | '[' | ']' | '(' | ')')
                || matches!(u32::from(c), 0x2018..=0x201F | 0x300A..=0x3011)
        };
        self.text.get(at).is_some_and(|text| text.chars().all(gap))
    }

    /// Whether the brand is named between quotation marks. The second may stand behind the sentence.
    pub(super) fn is_quoted(&self) -> bool {
        let is_mark = |c: char| {
            matches!(
                c,
                '"' | '\u{AB}' | '\u{BB}' | '\u{2018}'..='\u{201F}' | '\u{300C}'..='\u{300F}'
            )
        };
        let first = self.all(Role::Brand).next();
        first.is_some_and(|brand| {
            let before = self.between(self.range.start, brand.range.start);
            before.contains(is_mark)
        })
    }

    /// What a person is shown of it.
    pub(super) fn shown(&self) -> &'a str {
        self.text.get(self.range.clone()).unwrap_or_default()
    }

    /// The text from `start` to `end`, in either order empty where there is none.
    pub(super) fn between(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }
}

/// What [`Sentence::roles`] gives for these words.
fn roles(hits: &[Hit]) -> Vec<(usize, u64)> {
    let mut own: Vec<u64> = Vec::new();
    for hit in hits {
        if own.len() <= hit.language {
            own.resize(hit.language + 1, 0);
        }
        if let Some(roles) = own.get_mut(hit.language) {
            *roles |= role_bit(hit.role);
        }
    }
    let any = own.get(ANY).copied().unwrap_or_default();
    let own = own.into_iter().enumerate();
    let languages = own.filter(|(language, roles)| *language != ANY && *roles != 0);
    let languages = languages.map(|(language, roles)| (language, roles | any));
    languages.chain([(ANY, any)]).collect()
}

/// Whether it has one of the roles of these bits.
fn is_of(hit: &Hit, wanted: u64, language: usize) -> bool {
    wanted & role_bit(hit.role) != 0 && (hit.language == language || hit.language == ANY)
}

fn bits(roles: impl Iterator<Item = Role>) -> u64 {
    roles.fold(0, |bits, role| bits | role_bit(role))
}

/// Whether words stand apart there. Of scripts that join words one may stand within others.
fn is_word(text: &str, range: &Range<usize>) -> bool {
    let words = text.get(range.clone()).unwrap_or_default();
    let before = text.get(..range.start);
    let before = before.and_then(|text| text.chars().next_back());
    let behind = text.get(range.end..).and_then(|text| text.chars().next());
    let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    !words.is_ascii() || !inside(before) && !inside(behind)
}

/// Cuts a text in normal form after stops and paragraphs.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let range = start..start + sentence_end(rest);
        start = range.end;
        Some(range)
    })
}

fn sentence_end(rest: &str) -> usize {
    let longest = rest.ceil_char_boundary(MAX_SENTENCE);
    let part = rest.get(..longest).unwrap_or_default();
    for (at, c) in part.char_indices() {
        let end = at + c.len_utf8();
        let next = || rest.get(end..).and_then(|rest| rest.chars().next());
        let stops = match c {
            '\n' | '。' | '؟' | '।' => true,
            '!' | '?' => next().is_none_or(|c| c.is_whitespace() || !c.is_ascii()),
            '.' => next().is_none_or(char::is_whitespace) && !is_abbreviation(part, at),
            _ => false,
        };
        if stops {
            return end;
        }
    }
    longest
}

/// Whether the stop at `at` ends an abbreviation ("inc.", "no."): a word of at most three letters with
/// something behind it. Taking a short word for one joins two sentences, which does little.
fn is_abbreviation(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let word = before.rfind(|c: char| !c.is_alphanumeric() && c != '.');
    let word = before
        .get(word.map_or(0, |at| at + 1)..)
        .unwrap_or_default();
    let known = [
        "inc", "ltd", "no", "nr", "co", "mr", "mrs", "ms", "dr", "st", "str", "r.l", "l", "bzw",
        "z.b",
    ];
    (word.chars().count() == 1 || known.contains(&word))
        && !is_inside(text.get(at + 1..).and_then(|text| text.chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_behind_its_stop() {
        for (text, cut) in [
            ("one. two", vec!["one.", " two"]),
            ("one.two", vec!["one.two"]),
            ("one.\ntwo", vec!["one.", "\n", "two"]),
            ("one.", vec!["one."]),
            ("one! two? three", vec!["one!", " two?", " three"]),
            ("one!two?three", vec!["one!two?three"]),
            ("one!密two?é", vec!["one!", "密two?", "é"]),
            ("one!", vec!["one!"]),
            ("one?", vec!["one?"]),
            ("一。二", vec!["一。", "二"]),
            ("one؟two", vec!["one؟", "two"]),
            ("one।two", vec!["one।", "two"]),
            ("one, two; three", vec!["one, two; three"]),
            // An abbreviation.
            ("x inc. two", vec!["x inc. two"]),
            ("x ink. two", vec!["x ink.", " two"]),
            ("", vec![]),
        ] {
            let found: Vec<&str> = sentences(text)
                .filter_map(|range| text.get(range))
                .collect();
            assert_eq!(found, cut, "{text}");
        }
    }

    #[test]
    fn a_sentence_has_so_many_octets() {
        for (octets, lengths) in [
            (MAX_SENTENCE, vec![MAX_SENTENCE]),
            (MAX_SENTENCE + 1, vec![MAX_SENTENCE, 1]),
        ] {
            let text = "x".repeat(octets);
            let found: Vec<usize> = sentences(&text).map(|range| range.len()).collect();
            assert_eq!(found, lengths, "{octets}");
        }
    }
}
