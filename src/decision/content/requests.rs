//! What a text asks for, sentence by sentence.
//!
//! A request is a word that asks ("please confirm your ...") with what it asks for near it. Neither
//! alone is one, and a warning never to give it is the opposite.

use super::{
    page::prefix,
    phrases::{ANY, Category, Hit, Role, Tables},
};
use std::{collections::BTreeMap, ops::Range};

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
pub(super) struct Requests {
    /// What is asked for, and the sentence that asks for it.
    pub(super) asked: BTreeMap<Category, String>,
    /// Something, anything, is asked of the reader.
    pub(super) asks: bool,
    /// The sentences that ask to call, and where a reason to do so stands.
    pub(super) calls: Vec<Range<usize>>,
    pub(super) alarms: Vec<usize>,
    pub(super) worries: Vec<usize>,
    /// A team is named whose call is bait, and a call is announced.
    pub(super) team: bool,
    pub(super) will_call: bool,
    /// Stretches that warn instead of asking.
    pub(super) warnings: Vec<Range<usize>>,
}

/// Places of each kind that are kept.
const MAX_PLACES: usize = 200;

/// Reads a text in normal form.
pub(super) fn read(text: &str) -> Requests {
    let tables = Tables::embedded();
    let mut found = Requests::default();
    let mut hits = tables.find(text).peekable();
    for range in sentences(text) {
        let mut sentence: Vec<Hit> = Vec::new();
        while let Some(hit) = hits.next_if(|hit| hit.range.end <= range.end) {
            if hit.range.start >= range.start && sentence.len() < MAX_HITS {
                sentence.push(hit);
            }
        }
        if !sentence.is_empty() {
            Sentence::new(text, range, sentence).judge(tables, &mut found);
        }
    }
    found
}

/// What the labels of an input field name.
pub(super) fn field(labels: &str) -> Option<Category> {
    Tables::embedded()
        .find(labels)
        .find_map(|hit| match hit.role {
            Role::Object(category) => Some(category),
            _ => None,
        })
}

/// Cuts a text after stops and paragraphs. Short paragraphs after a colon belong to what stands before
/// it.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut listing = false;
    let mut chars = text.char_indices().peekable();
    let mut last = ' ';
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|(_, c)| *c);
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
        if stop || end - start >= MAX_SENTENCE {
            listing = false;
            found.push(start..end);
            start = end;
        }
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found
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
}

impl<'a> Sentence<'a> {
    /// Leaves out the words within phrases that give them another sense.
    fn new(text: &'a str, range: Range<usize>, mut hits: Vec<Hit>) -> Self {
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
        hits.sort_by_key(|hit| hit.range.start);
        Self { text, range, hits }
    }

    fn judge(&self, tables: &Tables, found: &mut Requests) {
        if self.hits.iter().any(|hit| hit.role == Role::Never) {
            if found.warnings.len() < MAX_PLACES {
                found.warnings.push(self.range.clone());
            }
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
        const MARKS: [char; 10] = [',', ';', ':', '–', '—', '、', '،', '(', ')', '\n'];
        let before = self
            .text
            .get(self.range.start..range.start)
            .unwrap_or_default();
        let after = self.text.get(range.end..self.range.end).unwrap_or_default();
        let start = before
            .rfind(MARKS)
            .map_or(self.range.start, |at| self.range.start + at);
        let end = after
            .find(MARKS)
            .map_or(self.range.end, |at| range.end + at);
        let mut clause = self.hits.iter().filter(|hit| {
            hit.language == language && hit.range.start >= start && hit.range.end <= end
        });
        // "If you do not confirm your card" is a threat. The first of both words decides.
        let first = clause.find(|hit| matches!(hit.role, Role::Not | Role::If));
        first.is_some_and(|hit| hit.role == Role::Not)
    }

    fn note(&self, category: Category, found: &mut Requests) {
        found.asked.entry(category).or_insert_with(|| {
            let text = self.text.get(self.range.clone()).unwrap_or_default().trim();
            prefix(text, SEEN).to_owned()
        });
    }
}
