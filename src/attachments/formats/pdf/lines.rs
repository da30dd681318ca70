//! Characters with their places, put into lines as a reader reads them.

use hayro_interpret::kurbo::{Point, Rect, Vec2};
use std::cmp::Ordering;

/// A character, or several that are drawn as one.
pub(super) struct Mark {
    pub(super) text: String,
    pub(super) at: Point,
    /// The direction in which the text runs, and how long a unit of the font is there.
    pub(super) along: Vec2,
    pub(super) width: Option<f64>,
    pub(super) size: f64,
    /// Hardly anybody sees it.
    pub(super) is_faint: bool,
}

/// The characters of a page.
#[derive(Default)]
pub(super) struct Lines(Vec<Mark>);

impl Lines {
    pub(super) fn add(&mut self, mark: Mark) {
        let is_placed = mark.at.is_finite() && mark.along.is_finite() && mark.size.is_finite();
        if is_placed && mark.width.is_none_or(f64::is_finite) {
            self.0.push(mark);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is seen, and all of it where that is more.
    pub(super) fn texts(&self) -> Vec<String> {
        let seen: Vec<&Mark> = self.0.iter().filter(|mark| !mark.is_faint).collect();
        let has_faint = seen.len() < self.0.len();
        let mut texts = vec![text(seen)];
        if has_faint {
            texts.push(text(self.0.iter().collect()));
        }
        texts
    }

    /// What stands in a place.
    pub(super) fn label(&self, area: Rect) -> String {
        // A character begins at its left end, on its line.
        let area = area.inflate(1.0, 2.0);
        let within = self.0.iter().filter(|mark| area.contains(mark.at));
        text(within.collect())
    }
}

/// A mark in the order of reading: its direction, its line, its place in the line.
struct Placed<'m> {
    mark: &'m Mark,
    turn: i32,
    down: f64,
    across: f64,
}

fn text(marks: Vec<&Mark>) -> String {
    let mut placed: Vec<Placed<'_>> = marks.into_iter().map(place).collect();
    placed.sort_by(|a, b| a.turn.cmp(&b.turn).then(compare(a.down, b.down)));
    let mut text = String::new();
    let mut rest = &mut placed[..];
    while let Some(first) = rest.first() {
        let (turn, down) = (first.turn, first.down);
        // Letters of a line stand within a third of their height.
        let reach = first.mark.size.max(2.0) / 3.0;
        let end = rest
            .partition_point(|one| one.turn < turn || one.turn == turn && one.down - down <= reach);
        let (line, more) = rest.split_at_mut(end.max(1));
        line.sort_by(|a, b| compare(a.across, b.across));
        push_line(&mut text, line);
        let gap = more.first().map_or(0.0, |next| next.down - down);
        let is_far = gap > 2.2 * reach * 3.0 || gap < 0.0;
        text.push_str(if is_far { "\n\n" } else { "\n" });
        rest = more;
    }
    text
}

fn compare(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// Down is from the top of the page, for text that runs to the right.
fn place(mark: &Mark) -> Placed<'_> {
    let length = mark.along.hypot();
    let along = match length > 0.0 {
        true => mark.along / length,
        false => Vec2::new(1.0, 0.0),
    };
    let at = mark.at.to_vec2();
    #[allow(clippy::cast_possible_truncation)]
    let turn = (along.atan2().to_degrees() / 5.0).round() as i32;
    Placed {
        mark,
        turn,
        down: -along.cross(at),
        across: along.dot(at),
    }
}

fn push_line(text: &mut String, line: &[Placed<'_>]) {
    let mut before: Option<&Placed<'_>> = None;
    for one in line {
        if let Some(before) = before {
            let size = before.mark.size.max(one.mark.size).max(0.1);
            let step = one.across - before.across;
            // The same character in the same place is drawn bold so.
            if step.abs() < size * 0.08 && before.mark.text == one.mark.text {
                continue;
            }
            let gap = step - before.mark.width.unwrap_or(size * 0.5);
            let is_blank = gap > size * 0.18;
            if is_blank && !text.ends_with(char::is_whitespace) {
                text.push(' ');
            }
        }
        text.push_str(&one.mark.text);
        before = Some(one);
    }
}
