//! What a text asks for, sentence by sentence.
//!
//! A request is a word that asks ("please confirm your ...") with what it asks for near it. Neither
//! alone is one, and a warning never to give it is the opposite.

use crate::{
    mail::visible_text::prefix,
    wants::phrases::{ANY, Category, Hit, Role, Tables},
};
use std::{cell::OnceCell, collections::BTreeMap, ops::Range};

/// Octets of one sentence. A longer run without a stop is cut here.
const MAX_SENTENCE: usize = 800;
/// Octets between what asks and what it asks for.
const REACH: usize = 90;
/// The same in a list after a colon.
const LIST_REACH: usize = 300;
/// The same where the verb comes last.
const REACH_BACK: usize = 60;
/// A paragraph that is no longer is an item of a list.
const MAX_ITEM: usize = 80;
/// Phrases of one sentence that are kept; more stand only in a text made of them.
const MAX_HITS: usize = 400;
/// Characters of a sentence that are shown.
const SEEN: usize = 160;

/// What was found in a text.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    /// What is asked for, and the sentence that asks for it.
    pub(crate) asked: BTreeMap<Category, String>,
    /// The sentences that ask to call, and where a reason to do so stands.
    pub(crate) calls: Vec<Range<usize>>,
    pub(crate) alarms: Vec<usize>,
    pub(crate) worries: Vec<usize>,
    /// A team is named whose call is bait. Where it is: a call is announced, and something, anything, is
    /// asked of the reader.
    pub(crate) team: bool,
    pub(crate) will_call: bool,
    pub(crate) asks: bool,
}

/// Places of each kind that are kept.
const MAX_PLACES: usize = 200;

/// Reads a text in normal form: its sentences that hold a telling phrase. Where it names a team all are
/// read, since its call may be announced in any.
pub(crate) fn read(text: &str) -> Requests {
    let tables = Tables::embedded();
    let mut found = Requests::default();
    let mut telling = tables.find_telling(text).peekable();
    if telling.peek().is_none() {
        return found;
    }
    let telling: Vec<Hit> = telling.collect();
    let all = telling.iter().any(|hit| hit.role == Role::Team);
    let mut places = telling.iter().map(|hit| hit.range.start).peekable();
    for range in sentences(text) {
        let mut is_read = all;
        while places.next_if(|place| *place < range.end).is_some() {
            is_read = true;
        }
        if is_read {
            Sentence::new(tables, text, range).judge(tables, &mut found);
        }
        if !all && places.peek().is_none() {
            break;
        }
    }
    found
}

/// Whether a sentence of a text in normal form warns.
pub(crate) fn warns(text: &str) -> bool {
    let tables = Tables::embedded();
    sentences(text).any(|range| Sentence::new(tables, text, range).warns())
}

/// What the labels of an input field name.
pub(crate) fn field(labels: &str) -> Option<Category> {
    let hits = Tables::embedded().find(labels, 0..labels.len());
    let objects = hits.filter_map(|hit| match hit.role {
        Role::Object(category) => Some((hit.range, category)),
        _ => None,
    });
    let first = objects.min_by_key(|(range, _)| (range.end, range.start));
    first.map(|(_, category)| category)
}

/// Cuts a text after stops and paragraphs. Short paragraphs after a colon belong to what stands before
/// it.
fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let range = start..sentence_end(text, start)?;
        start = range.end;
        Some(range)
    })
}

/// The first octets of what can end a sentence; `。` and `؟` have more.
// Made by the compiler, which would see an index out of bounds.
#[allow(clippy::indexing_slicing)]
const STOPS: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < table.len() {
        table[at] = matches!(at as u8, b'\n' | b'.' | b'!' | b'?' | 0xE3 | 0xD8);
        at += 1;
    }
    table
};

/// Where the sentence ends that begins at `start`.
fn sentence_end(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let longest = rest.ceil_char_boundary(MAX_SENTENCE);
    let octets = rest.as_bytes().get(..longest).unwrap_or_default();
    let could_stop = |octet: &u8| STOPS.get(usize::from(*octet)) == Some(&true);
    let mut listing = false;
    let mut from = 0;
    while let Some(at) = octets.get(from..)?.iter().position(could_stop) {
        from += at + 1;
        let at = start + from - 1;
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else {
            continue;
        };
        let end = at + c.len_utf8();
        let next = || text.get(end..).and_then(|rest| rest.chars().next());
        let stop = match c {
            '\n' => {
                let before = text.get(..at).unwrap_or_default().trim_end();
                listing = before.ends_with(':') || listing && is_item(text, end);
                !listing
            }
            '。' | '؟' => true,
            '.' | '!' | '?' => next().is_none_or(|c| c.is_whitespace() || !c.is_ascii()),
            _ => false,
        };
        if stop {
            return Some(end);
        }
    }
    Some(start + longest)
}

fn is_item(text: &str, at: usize) -> bool {
    let rest = prefix(text.get(at..).unwrap_or_default(), MAX_ITEM + 4);
    rest.find('\n').unwrap_or(rest.len()) <= MAX_ITEM
}

/// The last thing of each category that could be asked for.
#[derive(Clone, Debug, Default)]
struct Objects {
    password: Option<Range<usize>>,
    payment: Option<Range<usize>>,
    identity: Option<Range<usize>>,
}

impl Objects {
    fn of(&mut self, category: Category) -> &mut Option<Range<usize>> {
        match category {
            Category::Password => &mut self.password,
            Category::Payment => &mut self.payment,
            Category::Identity => &mut self.identity,
        }
    }

    fn all(&self) -> impl Iterator<Item = (Category, &Range<usize>)> {
        let each = [
            (Category::Password, &self.password),
            (Category::Payment, &self.payment),
            (Category::Identity, &self.identity),
        ];
        each.into_iter()
            .filter_map(|(category, range)| Some((category, range.as_ref()?)))
    }
}

struct Sentence<'a> {
    text: &'a str,
    range: Range<usize>,
    hits: Vec<Hit>,
    /// Where its clauses are cut, and what turns one of them, found when it is first asked for: else a
    /// sentence full of requests would be read once for each of them.
    clauses: OnceCell<Clauses>,
}

/// The clauses of a sentence.
#[derive(Debug, Default)]
struct Clauses {
    /// The octets at which the marks between them stand.
    marks: Vec<usize>,
    /// For each language the places of "not" and "if", and whether it is "not".
    turns: BTreeMap<usize, Vec<(Range<usize>, bool)>>,
}

impl<'a> Sentence<'a> {
    /// Leaves out the words within phrases that give them another sense.
    fn new(tables: &Tables, text: &'a str, range: Range<usize>) -> Self {
        let mut hits: Vec<Hit> = tables.find(text, range.clone()).collect();
        if hits.len() > MAX_HITS {
            hits.sort_by_key(|hit| (hit.range.end, hit.range.start));
            hits.truncate(MAX_HITS);
            hits.sort_by_key(|hit| hit.range.start);
        }
        let mut spared = vec![false; range.len()];
        for hit in hits.iter().filter(|hit| hit.role == Role::Spare) {
            let from = hit.range.start - range.start;
            if let Some(run) = spared.get_mut(from..hit.range.end - range.start) {
                run.fill(true);
            }
        }
        let is_spared = |hit: &Hit| {
            spared
                .get(hit.range.start - range.start)
                .copied()
                .unwrap_or(false)
                && spared
                    .get(hit.range.end - range.start - 1)
                    .copied()
                    .unwrap_or(false)
        };
        hits.retain(|hit| hit.role == Role::Spare || !is_spared(hit));
        Self {
            text,
            range,
            hits,
            clauses: OnceCell::new(),
        }
    }

    fn warns(&self) -> bool {
        self.hits.iter().any(|hit| hit.role == Role::Never)
    }

    fn judge(&self, tables: &Tables, found: &mut Requests) {
        if self.warns() {
            return;
        }
        // The end of the last word that asks, for each language, and the last thing to ask for.
        let mut ask: Vec<Option<Range<usize>>> = vec![None; tables.verb_last.len()];
        let mut object: Vec<Objects> = vec![Objects::default(); tables.verb_last.len()];
        for hit in &self.hits {
            let slot = hit.language;
            match hit.role {
                Role::Ask => {
                    found.asks = true;
                    if let Some(open) = ask.get_mut(slot) {
                        *open = Some(hit.range.clone());
                    }
                    self.verb_after(tables, hit, &object, found);
                }
                Role::Object(category) => {
                    self.object_after(hit, category, &ask, found);
                    if let Some(open) = object.get_mut(slot) {
                        *open.of(category) = Some(hit.range.clone());
                    }
                }
                Role::Whole(category) if !self.negated(&hit.range, slot) => {
                    self.note(category, found);
                }
                Role::Break => {
                    if let Some(open) = ask.get_mut(slot) {
                        *open = None;
                    }
                }
                Role::Call if found.calls.len() < MAX_PLACES && !self.negated(&hit.range, slot) => {
                    found.calls.push(hit.range.clone());
                }
                Role::Alarm if found.alarms.len() < MAX_PLACES => {
                    found.alarms.push(hit.range.start);
                }
                Role::Worry if found.worries.len() < MAX_PLACES => {
                    found.worries.push(hit.range.start);
                }
                Role::Team => found.team = true,
                Role::WillCall => found.will_call = true,
                _ => {}
            }
        }
    }

    fn object_after(
        &self,
        hit: &Hit,
        category: Category,
        ask: &[Option<Range<usize>>],
        found: &mut Requests,
    ) {
        let languages = match hit.language {
            ANY => 0..ask.len(),
            one => one..one + 1,
        };
        for language in languages {
            let Some(ask) = ask.get(language).and_then(Option::as_ref) else {
                continue;
            };
            let between = self.text.get(ask.end..hit.range.start);
            let near = between.is_some_and(|between| {
                {
                    !between.contains(';')
                        && (between.len() <= REACH
                            || between.contains(':') && between.len() <= LIST_REACH)
                }
            });
            if near && !self.negated(&(ask.start..hit.range.end), language) {
                self.note(category, found);
            }
        }
    }

    /// "Ihr Passwort zu bestätigen", "パスワードを入力してください".
    fn verb_after(&self, tables: &Tables, hit: &Hit, object: &[Objects], found: &mut Requests) {
        if !tables.verb_last.get(hit.language).copied().unwrap_or(false) {
            return;
        }
        for language in [hit.language, ANY] {
            let objects = object.get(language).into_iter().flat_map(Objects::all);
            for (category, object) in objects {
                let near = self
                    .text
                    .get(object.end..hit.range.start)
                    .is_some_and(|between| {
                        between.len() <= REACH_BACK && !between.contains([',', ':', '\n'])
                    });
                if near && !self.negated(&(object.start..hit.range.end), hit.language) {
                    self.note(category, found);
                }
            }
        }
    }

    /// Whether the clause around `range` says "not".
    fn negated(&self, range: &Range<usize>, language: usize) -> bool {
        let Clauses { marks, turns } = self.clauses.get_or_init(|| self.cut());
        let Some(turns) = turns.get(&language) else {
            return false;
        };
        let before = marks.partition_point(|mark| *mark < range.start);
        let start = before.checked_sub(1).and_then(|last| marks.get(last));
        let start = start.map_or(self.range.start, |mark| *mark);
        let behind = marks.partition_point(|mark| *mark < range.end);
        let end = marks.get(behind).map_or(self.range.end, |mark| *mark);
        let from = turns.partition_point(|(turn, _)| turn.start < start);
        let clause = turns.get(from..).unwrap_or_default().iter();
        // "If you do not confirm your card" is a threat. The first of both words decides.
        let first = clause
            .take_while(|(turn, _)| turn.start < end)
            .find(|(turn, _)| turn.end <= end);
        first.is_some_and(|(_, is_not)| *is_not)
    }

    fn cut(&self) -> Clauses {
        const MARKS: [char; 10] = [',', ';', ':', '–', '—', '、', '،', '(', ')', '\n'];
        let text = self.text.get(self.range.clone()).unwrap_or_default();
        let marks = text.match_indices(MARKS);
        let mut clauses = Clauses {
            marks: marks.map(|(at, _)| self.range.start + at).collect(),
            ..Clauses::default()
        };
        for hit in &self.hits {
            if matches!(hit.role, Role::Not | Role::If) {
                let turn = (hit.range.clone(), hit.role == Role::Not);
                clauses.turns.entry(hit.language).or_default().push(turn);
            }
        }
        clauses
    }

    fn note(&self, category: Category, found: &mut Requests) {
        found.asked.entry(category).or_insert_with(|| {
            let text = self.text.get(self.range.clone()).unwrap_or_default().trim();
            prefix(text, SEEN).to_owned()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::text::normalise::normal;
    use crate::wants::phone_number;
    use proptest::{collection::vec, prelude::*, sample::select};

    fn all_sentences(text: &str) -> Requests {
        let tables = Tables::embedded();
        let mut found = Requests::default();
        for range in sentences(text) {
            Sentence::new(tables, text, range).judge(tables, &mut found);
        }
        found
    }

    fn texts() -> impl Strategy<Value = String> {
        let bits = vec![
            "please confirm",
            "enter",
            "your password",
            "card number",
            "never",
            "not",
            "if",
            "we",
            "the minutes",
            "call us at",
            "+1 888 555 0123",
            "did not authorise",
            "cancel",
            "account health",
            "will call you",
            "enter password",
            "geben sie",
            "ihr kontopasswort",
            "wir",
            "パスワードを入力してください",
            "密码",
            "a pint",
            ":\n\n",
            ".",
            ". ",
            "\n\n",
            "? ",
            "。",
            ", ",
            "; ",
            "lorem ipsum dolor sit amet consectetur adipiscing",
        ];
        vec(select(bits), 1..60).prop_map(|bits| normal(&bits.join(" ")))
    }

    /// Where sentences end, letter by letter.
    fn ends(text: &str) -> Vec<usize> {
        let (mut start, mut listing, mut last) = (0, false, ' ');
        let mut chars = text.char_indices().peekable();
        let mut found = Vec::new();
        while let Some((at, c)) = chars.next() {
            let end = at + c.len_utf8();
            let next = chars.peek().map(|(_, next)| *next);
            let stop = match c {
                '\n' => {
                    listing = last == ':' || listing && is_item(text, end);
                    !listing
                }
                '。' | '؟' => true,
                '.' | '!' | '?' => next.is_none_or(|c| c.is_whitespace() || !c.is_ascii()),
                _ => false,
            };
            if !c.is_whitespace() {
                last = c;
            }
            if stop || end - start >= MAX_SENTENCE || next.is_none() {
                listing = false;
                found.push(end);
                start = end;
            }
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]

        #[test]
        fn sentences_end_as_letter_by_letter(text in texts(), long in 0..300usize) {
            let text = format!("{text}{}\n{text}", "x密".repeat(long));
            let found: Vec<usize> = sentences(&text).map(|range| range.end).collect();
            prop_assert_eq!(found, ends(&text));
        }

        #[test]
        fn what_tells_nothing_need_not_be_read(text in texts(), strong in any::<bool>()) {
            let (some, all) = (read(&text), all_sentences(&text));
            prop_assert_eq!(&some.asked, &all.asked);
            let call = |found| phone_number::find(&text, found, strong);
            prop_assert_eq!(call(&some), call(&all));
        }
    }
}
