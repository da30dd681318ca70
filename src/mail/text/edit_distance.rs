//! How far a label is from a word, in the slips of fingers and the tricks of impostors.
//!
//! Damerau-Levenshtein distance with weights, counted in halves of an edit: what a reader overlooks
//! (a doubled letter, a lost or changed vowel, two letters swapped, a letter of the same shape)
//! costs one half, another edit two, and a letter put in another's place without any likeness
//! three.

/// One whole edit.
pub(crate) const EDIT: u8 = 2;
/// One letter in the place of one that it does not resemble.
pub(crate) const UNLIKE: u8 = 3;
/// Readers notice a wrong first letter, and typists rarely miss it.
const FIRST: u8 = 8;
const FAR: u8 = 100;

/// A stretch of the text that reads like the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) cost: u8,
}

#[derive(Clone, Copy)]
struct Cell {
    cost: u8,
    start: usize,
}

impl Cell {
    fn plus(self, cost: u8) -> Self {
        Self {
            cost: self.cost.saturating_add(cost).min(FAR),
            start: self.start,
        }
    }

    fn min(self, other: Self) -> Self {
        if other.cost < self.cost { other } else { self }
    }
}

/// The cost of reading all of `text` as `word`.
pub(crate) fn cost(word: &[char], text: &[char]) -> u8 {
    // The difference in length alone costs more than any threshold.
    if text.len() > word.len() + 4 || word.len() > text.len() + 4 {
        return FAR;
    }
    let mut last = FAR;
    walk(word, text, false, |_, cell| last = cell.cost);
    last
}

/// Whether all of `text` reads as `word` with one thing that is overlooked, for half an edit.
pub(crate) fn is_half(word: &[char], text: &[char]) -> bool {
    // All but one letter, or two swapped ones, stand as they should before and behind that place.
    let longer = word.len().max(text.len());
    let same = |(one, other): &(&char, &char)| one == other;
    let before = word.iter().zip(text).take_while(same).count();
    let behind = word.iter().rev().zip(text.iter().rev());
    // The word itself needs no closer look.
    before < longer
        && before + 2 + behind.take_while(same).count() >= longer
        && cost(word, text) == 1
}

/// Every end in `text` at which some stretch reads like `word` for at most `limit`.
pub(crate) fn find(word: &[char], text: &[char], limit: u8) -> Vec<Hit> {
    let mut hits = Vec::new();
    walk(word, text, true, |end, cell| {
        if cell.cost <= limit && end > cell.start {
            hits.push(Hit {
                start: cell.start,
                end,
                cost: cell.cost,
            });
        }
    });
    hits
}

/// Letters of the longest word, which is a label of a host.
const LONGEST: usize = 63;

type Column = [Cell; LONGEST + 1];

/// Fills the table column by column: linear in the text, three columns in memory.
fn walk(word: &[char], text: &[char], anywhere: bool, mut at_end: impl FnMut(usize, Cell)) {
    let rows = word.len() + 1;
    let far = Cell {
        cost: FAR,
        start: 0,
    };
    let mut columns: [Column; 3] = [[far; LONGEST + 1]; 3];
    let [before, last, here] = &mut columns;
    let (mut before, mut last, mut here) = (before, last, here);
    let set = |column: &mut Column, row: usize, cell| {
        if let Some(place) = column.get_mut(row) {
            *place = cell;
        }
    };
    let get = |column: &Column, row: usize| column.get(row).copied().unwrap_or(far);
    set(last, 0, Cell { cost: 0, start: 0 });
    for row in 1..rows {
        let above = get(last, row - 1);
        set(last, row, above.plus(lost(word, row)));
    }
    for (at, &c) in text.iter().enumerate() {
        let begins = Cell {
            cost: 0,
            start: at + 1,
        };
        set(here, 0, if anywhere { begins } else { far });
        for row in 1..rows {
            let mut cell = get(last, row - 1).plus(instead(word, row, c));
            cell = cell.min(get(last, row).plus(added(word, row, text, at)));
            cell = cell.min(get(here, row - 1).plus(lost(word, row)));
            if row > 1
                && at > 0
                && word.get(row - 2) == Some(&c)
                && word.get(row - 1) == text.get(at - 1)
            {
                let swap = if row == 2 { EDIT } else { 1 };
                cell = cell.min(get(before, row - 2).plus(swap));
            }
            set(here, row, cell);
        }
        at_end(at + 1, get(here, rows - 1));
        (before, last, here) = (last, here, before);
    }
}

/// Folded letters: l stands for i as well.
fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'l' | 'o' | 'u' | 'y')
}

/// The word's letter of this row is missing.
fn lost(word: &[char], row: usize) -> u8 {
    match word.get(row - 1) {
        _ if row == 1 => FIRST,
        Some(&c) if is_vowel(c) => 1,
        _ => EDIT,
    }
}

/// Whether the letter of `word` at this place can be lost for half an edit.
pub(crate) fn can_be_lost(word: &[char], at: usize) -> bool {
    lost(word, at + 1) == 1
}

/// Whether `c` is overlooked in the place of `wanted`, for half an edit.
pub(crate) fn passes(wanted: char, c: char, first: bool) -> bool {
    // Before the first letter of a word of two stands nothing.
    let word = [wanted, wanted];
    instead(&word, if first { 1 } else { 2 }, c) == 1
}

/// The text has a letter more.
fn added(word: &[char], row: usize, text: &[char], at: usize) -> u8 {
    let c = text.get(at);
    let doubled = (at > 0 && text.get(at - 1) == c) || word.get(row - 1) == c;
    if doubled { 1 } else { EDIT }
}

/// The text has `c` where the word has another letter.
fn instead(word: &[char], row: usize, c: char) -> u8 {
    let Some(&wanted) = word.get(row - 1) else {
        return FAR;
    };
    if wanted == c {
        return 0;
    }
    // A letter of another script that no table folds was chosen for its looks.
    if !c.is_ascii() {
        return 1;
    }
    if row == 1 {
        return FIRST;
    }
    if alike(wanted, c) || alike(c, wanted) {
        1
    } else if neighbours(wanted, c) {
        EDIT
    } else {
        UNLIKE
    }
}

fn alike(a: char, b: char) -> bool {
    (is_vowel(a) && is_vowel(b))
        || matches!(
            (a, b),
            ('m', 'n')
                | ('n', 'r')
                | ('n', 'h')
                | ('n', 'u')
                | ('u', 'v')
                | ('v', 'y')
                | ('v', 'w')
                | ('c', 'o')
                | ('c', 'e')
                | ('o', 'q')
                | ('g', 'q')
                | ('h', 'b')
        )
}

/// Whether two keys touch on a QWERTY keyboard.
fn neighbours(a: char, b: char) -> bool {
    let place = |c: char| {
        ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
            .iter()
            .enumerate()
            .find_map(|(row, keys)| Some((row, keys.chars().position(|key| key == c)?)))
    };
    match (place(a), place(b)) {
        (Some((row, column)), Some((other_row, other_column))) => {
            match row.cmp(&other_row) {
                std::cmp::Ordering::Equal => column.abs_diff(other_column) == 1,
                // Each lower row stands half a key to the right.
                std::cmp::Ordering::Less => {
                    other_row - row == 1 && (other_column == column || other_column + 1 == column)
                }
                std::cmp::Ordering::Greater => {
                    row - other_row == 1 && (column == other_column || column + 1 == other_column)
                }
            }
        }
        _ => false,
    }
}

/// Whether one insertion, loss, change or swap of neighbours makes one of the other, wherever it
/// stands.
pub(crate) fn one_edit_apart(a: &[char], b: &[char]) -> bool {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (
        a.get(start..).unwrap_or_default(),
        b.get(start..).unwrap_or_default(),
    );
    let end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let a = a.get(..a.len() - end).unwrap_or_default();
    let b = b.get(..b.len() - end).unwrap_or_default();
    match (a, b) {
        ([], [_]) | ([_], []) | ([_], [_]) => true,
        ([p, q], [r, s]) => p == s && q == r,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
