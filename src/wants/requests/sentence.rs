//! One sentence: what it asks for, threatens with and offers.

use super::Requests;
use crate::{
    mail::{text::normalise::is_unspaced, visible_text::prefix},
    wants::{
        phrases::{ANY, Category, Hit, Role, Tables},
        prize, threats,
    },
};
use std::{cell::OnceCell, collections::BTreeMap, ops::Range};

#[cfg(test)]
mod tests;

/// Octets between what asks and what it asks for.
const REACH: usize = 90;
/// The same in a list after a colon.
const LIST_REACH: usize = 300;
/// The same where the verb comes last.
const REACH_BACK: usize = 60;
/// Words after which a verb has an object of its own, in the languages where it comes last.
const JOINING: [&str; 4] = [" und ", " en ", " ve ", " aur "];
/// Phrases of one sentence that are kept; more stand only in a text made of them.
const MAX_HITS: usize = 400;
/// Places of each kind that are kept.
const MAX_PLACES: usize = 200;
/// Requests and offers that are kept.
const MAX_ASKED: usize = 50;

/// The last thing of each category that could be asked for.
#[derive(Clone, Debug, Default)]
struct Objects {
    password: Option<Range<usize>>,
    payment: Option<Range<usize>>,
    identity: Option<Range<usize>>,
    code: Option<Range<usize>>,
}

impl Objects {
    fn of(&mut self, category: Category) -> &mut Option<Range<usize>> {
        match category {
            Category::Password => &mut self.password,
            Category::Payment => &mut self.payment,
            Category::Identity => &mut self.identity,
            Category::Code => &mut self.code,
        }
    }

    fn all(&self) -> impl Iterator<Item = (Category, &Range<usize>)> {
        let each = [
            (Category::Password, &self.password),
            (Category::Payment, &self.payment),
            (Category::Identity, &self.identity),
            (Category::Code, &self.code),
        ];
        each.into_iter()
            .filter_map(|(category, range)| Some((category, range.as_ref()?)))
    }
}

/// What was said so far in one language.
#[derive(Clone, Debug, Default)]
struct Said {
    /// The last word that asks.
    ask: Option<Range<usize>>,
    /// The last that asks to tell.
    tell: Option<Range<usize>>,
    /// The last that says by what way.
    through: Option<Range<usize>>,
    objects: Objects,
}

/// The same for each language of which a word was met: few, as a rule.
#[derive(Debug, Default)]
struct Open(Vec<(usize, Said)>);

impl Open {
    fn set(&mut self, language: usize, change: impl FnOnce(&mut Said)) {
        let known = self.0.iter_mut().find(|(known, _)| *known == language);
        match known {
            Some((_, said)) => change(said),
            None => {
                let mut said = Said::default();
                change(&mut said);
                self.0.push((language, said));
            }
        }
    }

    /// What was said in a language; [`ANY`]: in each.
    fn of(&self, language: usize) -> impl Iterator<Item = (usize, &Said)> {
        let is_of = move |known: usize| language == ANY || known == language;
        let all = self.0.iter().map(|(known, said)| (*known, said));
        all.filter(move |(known, _)| is_of(*known))
    }
}

/// Whether a text is no wider than so many Latin letters. A Chinese or Japanese character says as much
/// as three.
fn is_within(text: &str, width: usize) -> bool {
    const UNSPACED: usize = 3;
    let of = |c: char| match is_unspaced(c) {
        true => UNSPACED,
        false => 1,
    };
    // No character has more than four octets.
    text.len() <= width || text.len() <= 4 * width && text.chars().map(of).sum::<usize>() <= width
}

pub(super) struct Sentence<'a> {
    text: &'a str,
    range: Range<usize>,
    hits: Vec<Hit>,
    /// Where its clauses are cut, and what turns one of them, found when it is first asked for: else a
    /// sentence full of requests would be read once for each of them.
    clauses: OnceCell<Clauses>,
    /// Where its quotation marks stand, in the same way.
    quotes: OnceCell<Vec<usize>>,
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
    pub(super) fn new(tables: &Tables, text: &'a str, range: Range<usize>) -> Self {
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
        // A one-time password is no password, but a code.
        let stays = |hit: &Hit| matches!(hit.role, Role::Spare | Role::Told(_));
        hits.retain(|hit| stays(hit) || !is_spared(hit));
        Self {
            text,
            range,
            hits,
            clauses: OnceCell::new(),
            quotes: OnceCell::new(),
        }
    }

    /// Whether a word turns it into a warning: one of the language of which most of its words are, since
    /// "never" of one language (German "nie") is "not" in another (Polish).
    pub(super) fn warns(&self) -> bool {
        let mut warning = self.hits.iter().filter(|hit| hit.role == Role::Never);
        let Some(first) = warning.next() else {
            return false;
        };
        let mut words: BTreeMap<usize, usize> = BTreeMap::new();
        for hit in &self.hits {
            *words.entry(hit.language).or_default() += 1;
        }
        let spoken = words.iter().filter(|(language, _)| **language != ANY);
        let most = spoken.map(|(_, count)| *count).max().unwrap_or_default();
        let counts = |hit: &Hit| {
            hit.language == ANY || words.get(&hit.language).is_some_and(|count| *count == most)
        };
        counts(first) || warning.any(counts)
    }

    pub(super) fn judge(&self, tables: &Tables, found: &mut Requests) {
        if self.warns() {
            return;
        }
        let negated = |hit: &Hit| self.negated_outside(&hit.range, &hit.range, hit.language);
        for threat in threats::of(self.text, &self.hits, negated) {
            if found.threats.len() < MAX_PLACES {
                found.threats.push((threat, self.range.clone()));
            }
        }
        let offers = prize::is_offered(&self.hits, negated);
        if found.prizes.len() < MAX_ASKED && offers {
            found.prizes.push(self.range.clone());
        }
        if found.hints.len() < MAX_ASKED && !offers && prize::is_hinted(&self.hits) {
            found.hints.push(self.range.clone());
        }
        let mut open = Open::default();
        for hit in &self.hits {
            self.asked(tables, hit, &mut open, found);
            self.called(hit, found);
        }
    }

    /// What a phrase does to what is asked for.
    fn asked(&self, tables: &Tables, hit: &Hit, open: &mut Open, found: &mut Requests) {
        let slot = hit.language;
        let here = Some(hit.range.clone());
        match hit.role {
            Role::Ask => {
                found.asks = true;
                open.set(slot, |language| language.ask = here);
                if tables.verb_last.get(slot).copied().unwrap_or(false) {
                    self.verb_after(hit, REACH_BACK, open, found);
                }
            }
            Role::Passive => self.verb_after(hit, REACH, open, found),
            Role::Tell => open.set(slot, |language| language.tell = here),
            Role::Object(category) | Role::Told(category) if !self.has_its_value(hit) => {
                self.object_after(tables, hit, category, open, found);
                // What is lawfully typed in is asked for by those words alone that tell.
                if matches!(hit.role, Role::Object(_)) {
                    open.set(slot, |language| *language.objects.of(category) = here);
                }
            }
            Role::Whole(category) if !self.negated(&hit.range, slot) => {
                self.note(category, found);
            }
            Role::Break => open.set(slot, |language| {
                (language.ask, language.tell) = (None, None);
            }),
            Role::Through => open.set(slot, |language| language.through = here),
            _ => {}
        }
    }

    /// What a phrase says about a call.
    fn called(&self, hit: &Hit, found: &mut Requests) {
        match hit.role {
            Role::Call
                if found.calls.len() < MAX_PLACES && !self.negated(&hit.range, hit.language) =>
            {
                found.calls.push(hit.range.clone());
            }
            Role::Alarm | Role::Worry if self.is_reported(hit) => {}
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

    /// Whether a phrase stands between quotation marks below words that report it ("it says "your account is
    /// locked""): what somebody else said frightens nobody into a call, unless it asks for the call itself.
    fn is_reported(&self, hit: &Hit) -> bool {
        const WORDS: usize = 3;
        let quotes = self.quotes.get_or_init(|| self.quotation_marks());
        let before = quotes.partition_point(|at| *at < hit.range.start);
        let behind = quotes.partition_point(|at| *at < hit.range.end);
        let open = before.checked_sub(1).and_then(|last| quotes.get(last));
        let (Some(open), Some(close)) = (open, quotes.get(behind)) else {
            return false;
        };
        let is_open = before % 2 == 1;
        let reports = self.text.get(self.range.start..*open).unwrap_or_default();
        let quoted = *open..*close;
        let calls = |other: &Hit| {
            other.role == Role::Call
                && quoted.start <= other.range.start
                && other.range.end <= quoted.end
        };
        is_open
            && reports.split_whitespace().take(WORDS).count() == WORDS
            && !self.hits.iter().any(calls)
    }

    /// The octets at which they stand.
    fn quotation_marks(&self) -> Vec<usize> {
        let is_mark = |c: char| matches!(c, '"' | '\u{AB}' | '\u{BB}' | '\u{201C}'..='\u{201F}');
        let sentence = self.text.get(self.range.clone()).unwrap_or_default();
        let marks = sentence.match_indices(is_mark);
        marks.map(|(at, _)| self.range.start + at).collect()
    }

    fn object_after(
        &self,
        tables: &Tables,
        hit: &Hit,
        category: Category,
        open: &Open,
        found: &mut Requests,
    ) {
        for (language, known) in open.of(hit.language) {
            let ask = match hit.role {
                Role::Told(_) => &known.tell,
                _ => &known.ask,
            };
            let Some(ask) = ask else {
                continue;
            };
            // One word may be of both: "confirm your", "your card".
            let start = hit.range.start.max(ask.end.min(hit.range.end));
            let between = self.text.get(ask.end..start);
            let near = between.is_some_and(|between| {
                !between.contains(';')
                    && (is_within(between, REACH)
                        || between.contains(':') && is_within(between, LIST_REACH))
            });
            let through = known.through.as_ref().filter(|way| way.start >= ask.end);
            let is_way = through.is_some_and(|way| self.follows_directly(tables, way, hit));
            if near && !is_way && !self.negated(&(ask.start..hit.range.end), language) {
                self.note(category, found);
            }
        }
    }

    /// Whether nothing stands between but what belongs to the object: "by credit card", "with a valid
    /// card", but "by Friday your card".
    fn follows_directly(&self, tables: &Tables, way: &Range<usize>, hit: &Hit) -> bool {
        let between = self.text.get(way.end..hit.range.start).unwrap_or_default();
        let mut words = between.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (_, None, _) => true,
            (Some(first), Some(_), None) => tables.words.owners.contains(first),
            _ => false,
        }
    }

    /// Whether a code or a PIN stands there with its value, so that nobody has to ask for it.
    fn has_its_value(&self, hit: &Hit) -> bool {
        const DIGITS: usize = 3;
        let word = self.text.get(hit.range.clone()).unwrap_or_default();
        if !(matches!(hit.role, Role::Told(_)) || word.starts_with("pin")) {
            return false;
        }
        let rest = self.text.get(hit.range.end..self.range.end);
        let rest = prefix(rest.unwrap_or_default(), 24);
        let value = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        // "The code is 4711".
        let value = match value.split_once(' ') {
            Some((word, value)) if word.chars().count() <= 3 && !word.is_empty() => {
                match value.starts_with(|c: char| c.is_ascii_digit()) {
                    true => value,
                    false => rest.trim_start_matches(|c: char| !c.is_alphanumeric()),
                }
            }
            _ => value,
        };
        value.bytes().take_while(u8::is_ascii_digit).count() >= DIGITS
    }

    /// "Ihr Passwort zu bestätigen", "パスワードを入力してください", "your card must be confirmed".
    fn verb_after(&self, hit: &Hit, reach: usize, open: &Open, found: &mut Requests) {
        let is_near = |object: &Range<usize>| {
            let between = self.text.get(object.end..hit.range.start);
            between.is_some_and(|between| {
                // "Bring your passport and name the code": another verb, another object.
                let joined = JOINING.iter().any(|word| between.ends_with(word));
                is_within(between, reach) && !joined && !between.contains([',', ':', '\n'])
            })
        };
        let of = |language: &usize| [hit.language, ANY].contains(language);
        let known = open.0.iter().filter(|(language, _)| of(language));
        for (category, object) in known.flat_map(|(_, said)| said.objects.all()) {
            let whole = object.start..hit.range.end;
            if is_near(object) && !self.negated_outside(&hit.range, &whole, hit.language) {
                self.note(category, found);
            }
        }
    }

    /// Whether the clause around `range` says "not".
    fn negated(&self, range: &Range<usize>, language: usize) -> bool {
        self.negated_outside(&(0..0), range, language)
    }

    /// The same, where the phrase at `phrase` may say it: "has not been confirmed" asks to confirm.
    fn negated_outside(
        &self,
        phrase: &Range<usize>,
        range: &Range<usize>,
        language: usize,
    ) -> bool {
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
            .filter(|(turn, _)| turn.start < phrase.start || turn.end > phrase.end)
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
        let asked = (category, self.range.clone());
        if found.asked.len() < MAX_ASKED && !found.asked.contains(&asked) {
            found.asked.push(asked);
        }
    }
}
