//! The style sheets of a page: which declarations an element gets, and in which order they count.

use super::{
    declaration::{Declared, PROPERTIES, Property, Value, declaration},
    element::{Asked, StartTag},
    open_elements::Stack,
    scan::{until, without_comments, words},
    selector::{self, CLASS, Compound, ID, Selector, TAG, key},
    value::{FONT, length},
};
use std::{collections::HashMap, rc::Rc};

/// Selectors of one page that are looked at.
const MAX_SELECTORS: usize = 20_000;
/// Rules with conditions that are compared with an element for each of its names.
const MAX_CONDITIONAL: usize = 24;
/// Elements of one page that are looked at for what others stand in.
const MAX_STEPS: usize = 1_000_000;
/// Blocks in one another.
const MAX_NESTED: usize = 8;
/// The width of a screen in pixels.
const WIDTH: f32 = 1_000.0;

/// All rules of a page.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// By the strongest name that they ask for.
    rules: HashMap<u64, Rules>,
    /// Those that ask for none.
    universal: Rules,
    selectors: usize,
    steps: usize,
    /// Some ask for what an element stands in.
    pub(crate) looks_around: bool,
    pub(crate) cut: bool,
}

/// The rules that ask for one name.
#[derive(Debug, Default)]
struct Rules {
    /// Those that ask for nothing else, made one.
    plain: Vec<(u64, Declared)>,
    conditional: Vec<Conditional>,
    /// What hides under conditions that nobody can check, or for which there was no room.
    doubtful: Vec<Declared>,
}

#[derive(Debug)]
struct Conditional {
    selector: Selector,
    declared: Rc<[Declared]>,
    order: u64,
    /// It holds on a screen; else, some program could take it for one that holds.
    applies: bool,
}

/// What is declared for an element: for each property what counts most, and how much.
#[derive(Debug)]
pub(crate) struct Cascade {
    slots: [Option<(u64, Value)>; PROPERTIES],
    /// What could hold as well.
    pub(crate) doubtful: Vec<Declared>,
}

const IMPORTANT: u64 = 1 << 63;
const INLINE: u64 = 1 << 62;

impl Cascade {
    pub(crate) fn new() -> Self {
        Self {
            slots: [None; PROPERTIES],
            doubtful: Vec::new(),
        }
    }

    pub(crate) fn get(&self, property: Property) -> Option<Value> {
        let slot = self.slots.get(property as usize).copied().flatten();
        slot.map(|(_, value)| value)
    }

    /// Whether nothing is declared, not even in doubt.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.iter().all(Option::is_none) && self.doubtful.is_empty()
    }

    fn set(&mut self, weight: u64, declared: &Declared) {
        if let Some(slot) = self.slots.get_mut(declared.property as usize) {
            let known = slot.map_or(0, |(known, _)| known);
            if weight >= known {
                // What loses may win in another program.
                if let Some((_, value)) = slot {
                    self.doubtful.push(Declared {
                        value: *value,
                        ..*declared
                    });
                }
                *slot = Some((weight, declared.value));
            } else {
                self.doubtful.push(*declared);
            }
        }
    }

    /// A declaration of the element's own style.
    pub(crate) fn inline(&mut self, declared: &Declared) {
        let important = if declared.important { IMPORTANT } else { 0 };
        self.set(important | INLINE, declared);
    }

    /// What an attribute says counts less than any style.
    pub(crate) fn attribute(&mut self, property: Property, value: Value) {
        if self.get(property).is_none()
            && let Some(slot) = self.slots.get_mut(property as usize)
        {
            *slot = Some((0, value));
        }
    }
}

impl Sheet {
    pub(crate) fn is_empty(&self) -> bool {
        self.selectors == 0
    }

    /// How many selectors were read: what holds changes only with them.
    pub(crate) fn selectors(&self) -> usize {
        self.selectors
    }

    /// Adds the text of a `<style>`. `holds`: it is one of a screen.
    pub(crate) fn add(&mut self, text: &str, holds: bool) {
        let mut parser = Parser {
            rest: text,
            sheet: self,
        };
        while !parser.rest.is_empty() {
            parser.rules(holds, 0);
        }
    }

    fn rule(&mut self, selectors: &str, declared: Vec<Declared>, applies: bool) {
        if declared.is_empty() {
            return;
        }
        let declared: Rc<[Declared]> = declared.into();
        selector::read(selectors, |selector| {
            self.selectors += 1;
            if self.selectors > MAX_SELECTORS {
                self.cut = true;
                return;
            }
            let order = self.selectors as u64;
            self.looks_around |= !selector.around.is_empty();
            let rules = match selector.last.strongest() {
                Some(name) => self.rules.entry(name).or_default(),
                None => &mut self.universal,
            };
            rules.add(selector, &declared, order, applies);
        });
    }

    /// Collects what holds for an element with these names.
    pub(crate) fn style(
        &mut self,
        tag: &StartTag,
        keys: &[u64],
        stack: &Stack,
        cascade: &mut Cascade,
    ) {
        let Self {
            rules,
            universal,
            steps,
            cut,
            ..
        } = self;
        let named = keys.iter().filter_map(|key| rules.get(key));
        for rules in std::iter::once(&*universal).chain(named) {
            for (weight, declared) in &rules.plain {
                cascade.set(*weight, declared);
            }
            cascade.doubtful.extend_from_slice(&rules.doubtful);
            for rule in &rules.conditional {
                let last = &rule.selector.last;
                if !last.has_names(keys) || !last.has_attributes(tag) {
                    continue;
                }
                let stands = stack.stands_in(&rule.selector.around, steps);
                *cut |= stands.is_none();
                if rule.applies && rule.selector.is_exact && stands == Some(true) {
                    for declared in &*rule.declared {
                        let weight = weight(declared, rule.selector.specificity, rule.order);
                        cascade.set(weight, declared);
                    }
                } else if stands != Some(false) {
                    cascade.doubtful.extend_from_slice(&rule.declared);
                }
            }
        }
    }
}

fn weight(declared: &Declared, specificity: u32, order: u64) -> u64 {
    let important = if declared.important { IMPORTANT } else { 0 };
    let specificity = u64::from(specificity.min((1 << 29) - 1));
    important | specificity << 32 | order
}

impl Rules {
    fn add(&mut self, selector: Selector, declared: &Rc<[Declared]>, order: u64, applies: bool) {
        let only = selector.around.is_empty() && selector.last.is_plain();
        if only && selector.is_exact && applies {
            for declared in &**declared {
                self.plain(weight(declared, selector.specificity, order), declared);
            }
        } else if only || self.conditional.len() >= MAX_CONDITIONAL {
            for declared in &**declared {
                self.doubtful(declared);
            }
        } else {
            self.conditional.push(Conditional {
                selector,
                declared: Rc::clone(declared),
                order,
                applies,
            });
        }
    }

    /// Of two equal ones the later counts, and the other stays in doubt.
    fn plain(&mut self, weight: u64, declared: &Declared) {
        let is_same = |known: &&mut (u64, Declared)| known.1.property == declared.property;
        match self.plain.iter_mut().find(is_same) {
            Some(known) if known.1.value == declared.value => known.0 = known.0.max(weight),
            Some(known) => {
                let loser = match weight >= known.0 {
                    true => std::mem::replace(known, (weight, *declared)).1,
                    false => *declared,
                };
                self.doubtful(&loser);
            }
            None => self.plain.push((weight, *declared)),
        }
    }

    fn doubtful(&mut self, declared: &Declared) {
        let is_same =
            |known: &Declared| (known.property, known.value) == (declared.property, declared.value);
        if self.doubtful.len() < PROPERTIES && !self.doubtful.iter().any(is_same) {
            self.doubtful.push(*declared);
        }
    }
}

/// The names of an element, as selectors ask for them.
pub(crate) fn keys(name: &str, asked: &Asked<'_>, into: &mut Vec<u64>) {
    into.clear();
    into.push(key(TAG, name.as_bytes()));
    if let Some(id) = asked.id {
        into.push(key(ID, id.trim_ascii().as_bytes()));
    }
    let classes = asked.class.unwrap_or_default();
    for class in classes.split_ascii_whitespace() {
        let key = key(CLASS, class.as_bytes());
        // A class that stands twice counts once.
        if into.last() != Some(&key) {
            into.push(key);
        }
    }
}

impl Stack {
    /// Whether what is open fulfils what a selector asks for around its last element. `None` where there
    /// is no room left to look.
    fn stands_in(&self, around: &[(Compound, bool)], steps: &mut usize) -> Option<bool> {
        let has_all = |one: &Compound| {
            let mut names = one.tag.iter().chain(&one.names);
            names.all(|name| self.is_within(*name))
        };
        if !around.iter().all(|(compound, _)| has_all(compound)) {
            return Some(false);
        }
        let mut from = self.depth();
        for (compound, by_parent) in around {
            loop {
                if *steps >= MAX_STEPS {
                    return None;
                }
                *steps += 1;
                from = match from.checked_sub(1) {
                    Some(next) => next,
                    None => return Some(false),
                };
                if compound.has_names(self.keys_at(from)) {
                    break;
                }
                if *by_parent {
                    return Some(false);
                }
            }
        }
        Some(true)
    }
}

struct Parser<'t, 's> {
    rest: &'t str,
    sheet: &'s mut Sheet,
}

impl<'t> Parser<'t, '_> {
    /// What comes before the next of these signs, and the sign.
    fn before(&mut self, stops: &[u8]) -> (&'t str, Option<u8>) {
        let end = until(self.rest, stops);
        let before = self.rest.get(..end).unwrap_or_default();
        let sign = self.rest.as_bytes().get(end).copied();
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        (before, sign)
    }

    /// Reads rules up to the end of the block that they stand in.
    fn rules(&mut self, applies: bool, depth: usize) {
        loop {
            self.rest = self.rest.trim_start();
            let marks = ["<!--", "-->"];
            if let Some(rest) = marks.iter().find_map(|mark| self.rest.strip_prefix(mark)) {
                self.rest = rest;
                continue;
            }
            let (prelude, sign) = self.before(b"{};");
            let prelude = words_outside_names(prelude);
            let prelude = prelude.trim();
            match (sign, prelude.strip_prefix('@')) {
                (None, _) => return,
                (Some(b'}'), _) => return,
                (Some(b'{'), Some(at)) => self.at_rule(at, applies, depth),
                (Some(b'{'), None) => self.block(prelude, applies, depth),
                // A rule without a block; or junk, which goes up to the next block (CSS Syntax 5.4.3).
                _ => {}
            }
        }
    }

    fn at_rule(&mut self, prelude: &str, applies: bool, depth: usize) {
        let end = prelude.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let (name, condition) = prelude.split_at(end.unwrap_or(prelude.len()));
        let holds = match &*name.to_ascii_lowercase() {
            "media" => Some(holds_on_screen(condition)),
            "supports" => Some(
                !condition
                    .trim_start()
                    .to_ascii_lowercase()
                    .starts_with("not"),
            ),
            "layer" => Some(true),
            "container" | "scope" | "document" | "-moz-document" | "starting-style" => Some(false),
            _ => None,
        };
        match holds {
            Some(holds) if depth < MAX_NESTED => self.rules(applies && holds, depth + 1),
            _ => self.skip_block(),
        }
    }

    /// Passes over a block and those in it.
    fn skip_block(&mut self) {
        let mut open = 1;
        while open > 0 {
            match self.before(b"{}").1 {
                Some(b'{') => open += 1,
                Some(_) => open -= 1,
                None => return,
            }
        }
    }

    /// Reads the block of a rule.
    fn block(&mut self, selectors: &str, applies: bool, depth: usize) {
        let mut declared: Vec<Declared> = Vec::new();
        loop {
            let (text, sign) = self.before(b"{};");
            if sign == Some(b'{') {
                // A rule within a rule: whose it is depends on both.
                match depth < MAX_NESTED && !text.trim_start().starts_with('@') {
                    true => self.block(text.trim(), false, depth + 1),
                    false => self.skip_block(),
                }
                continue;
            }
            declaration(text, &mut |one| {
                let same = declared.iter_mut().find(|known| {
                    known.property == one.property && known.important == one.important
                });
                match same {
                    Some(known) => *known = one,
                    None => declared.push(one),
                }
            });
            if sign != Some(b';') {
                break;
            }
        }
        self.sheet.rule(selectors, declared, applies);
    }
}

/// The text without comments. Escapes stay: they belong to names. In a rule such as `@media` a comment ends a word.
fn words_outside_names(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains("/*") {
        return std::borrow::Cow::Borrowed(text);
    }
    let selectors = without_comments(text);
    match selectors.trim_start().starts_with('@') {
        true => words(text),
        false => selectors,
    }
}

/// Whether a media query holds on a screen of some width.
pub(crate) fn holds_on_screen(list: &str) -> bool {
    let list = list.to_ascii_lowercase();
    list.trim().is_empty() || list.split(',').any(query_holds)
}

fn query_holds(query: &str) -> bool {
    let query = query.trim();
    let (query, negated) = match query.strip_prefix("not ") {
        Some(query) => (query, true),
        None => (query.strip_prefix("only ").unwrap_or(query), false),
    };
    let mut parts = query.split(" and ");
    negated != parts.all(part_holds)
}

fn part_holds(part: &str) -> bool {
    let part = part.trim();
    let Some(feature) = part.strip_prefix('(') else {
        return matches!(part, "all" | "screen");
    };
    let feature = feature.trim_end_matches(')');
    let (name, value) = feature.split_once(':').unwrap_or((feature, ""));
    let pixels = length(value.trim()).map(|length| length.pixels(FONT, WIDTH));
    match name.trim() {
        "min-width" | "min-device-width" => pixels.is_some_and(|least| WIDTH >= least),
        "max-width" | "max-device-width" => pixels.is_some_and(|most| WIDTH <= most),
        "prefers-color-scheme" => value.trim() == "light",
        "orientation" => value.trim() == "landscape",
        "min-height" | "min-device-height" => pixels.is_some_and(|least| 800.0 >= least),
        "max-height" | "max-device-height" => pixels.is_some_and(|most| 800.0 <= most),
        "color" | "hover" | "-webkit-min-device-pixel-ratio" | "width" | "min-color" => {
            value.trim() != "none"
        }
        other => other.contains('>'),
    }
}

#[cfg(test)]
mod tests;
