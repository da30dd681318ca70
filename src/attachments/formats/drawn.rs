//! QR codes that are drawn in text, with block characters: half blocks two rows to a line, full blocks one,
//! each square one or two characters wide.

use super::{Sheet, code::Picture};

/// Squares along a side of the smallest and of the largest code, with a margin.
const SMALLEST: usize = 21;
const LARGEST: usize = 200;
/// Drawings of a text that are read.
const MAX_DRAWINGS: usize = 4;
/// Points to a square.
const SCALE: usize = 4;

/// Looks for codes in a text.
pub(super) fn read(text: &str, sheet: &mut Sheet<'_>) {
    let mut lines: Vec<&str> = Vec::new();
    let mut drawings = 0;
    for line in text.lines().chain([""]) {
        if is_drawn(line) {
            lines.push(line);
            continue;
        }
        // Margins of a code are blank lines as well.
        if !lines.is_empty() && drawings < MAX_DRAWINGS {
            drawings += usize::from(drawing(&lines, sheet));
            lines.clear();
        }
    }
}

/// Whether a line is drawn: blocks and blanks, hardly anything else.
fn is_drawn(line: &str) -> bool {
    let line = line.trim_end();
    let (mut blocks, mut others) = (0_usize, 0_usize);
    for c in line.chars() {
        match c {
            '\u{2580}'..='\u{259F}'
            | '\u{25A0}'
            | '\u{25A1}'
            | '\u{25FC}'
            | '\u{25FB}'
            | '\u{2B1B}'
            | '\u{2B1C}' => blocks += 1,
            ' ' | '\u{A0}' | '\u{3000}' | '\t' => {}
            _ => others += 1,
        }
    }
    blocks >= 4 && others * 8 < blocks && line.chars().count() <= 4 * LARGEST
}

fn drawing(lines: &[&str], sheet: &mut Sheet<'_>) -> bool {
    let halves = lines
        .iter()
        .any(|line| line.contains(['\u{2580}', '\u{2584}']));
    let least = if halves {
        SMALLEST.div_ceil(2) - 1
    } else {
        SMALLEST - 1
    };
    if lines.len() < least || lines.len() > LARGEST {
        return false;
    }
    let rows: Vec<Vec<bool>> = lines
        .iter()
        .flat_map(|line| squares(line, halves))
        .collect();
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    // One square is as high as it is wide; full blocks are drawn in twos for that.
    let wide = match width * 2 > rows.len() * 3 {
        true => 2,
        false => 1,
    };
    let mut points = Vec::new();
    for row in &rows {
        let mut line: Vec<u8> = Vec::new();
        for square in 0..width / wide {
            let is_dark = row.get(square * wide).copied().unwrap_or_default();
            line.extend([if is_dark { 0 } else { 255 }; SCALE]);
        }
        for _ in 0..SCALE {
            points.extend_from_slice(&line);
        }
    }
    let side = |squares: usize| u32::try_from(squares * SCALE).unwrap_or_default();
    match Picture::new(points, side(width / wide), side(rows.len())) {
        Some(picture) => {
            picture.read_codes(sheet);
            true
        }
        None => false,
    }
}

/// The rows of squares that a line draws.
fn squares(line: &str, halves: bool) -> Vec<Vec<bool>> {
    let (mut upper, mut lower) = (Vec::new(), Vec::new());
    for c in line.chars() {
        let (up, low) = match c {
            '\u{2580}' => (true, false),
            '\u{2584}' => (false, true),
            '\u{2588}' | '\u{2593}' | '\u{2592}' | '\u{25A0}' | '\u{25FC}' | '\u{2B1B}' => {
                (true, true)
            }
            _ => (false, false),
        };
        upper.push(up);
        lower.push(low);
    }
    match halves {
        true => vec![upper, lower],
        false => vec![upper],
    }
}
