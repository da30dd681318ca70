//! Stretches of a long text that are walked through side by side, before the walk comes to them.
//!
//! In a walk each look into the table waits for the one before it. The looks of several stretches wait
//! for none of each other.
//!
//! A stretch begins behind a blank, as if nothing were spelled there. All else that the walk itself
//! knows there is what is spelled across the blank, and all that it finds besides comes from that. So
//! from where nothing is spelled in the walk, nothing is in the stretch, and both go on equally.

use crate::brand::prefilter::table::{Stop, Table, Walked};

/// Stretches that are walked through at once.
const LANES: usize = 4;
/// Octets of one.
const STRETCH: usize = 128;
const BLOCK: usize = LANES * STRETCH;
/// Octets after which each is looked at: whether it has come to something that ends a walk.
const STEP: usize = 16;

/// One stretch.
#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    start: usize,
    /// Up to here it met nothing that ends a walk, and is in the state of this row.
    end: usize,
    row: u32,
}

/// The stretches ahead of a walk through one text.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    lanes: [Lane; LANES],
    /// Behind the last of them.
    end: usize,
}

impl Ahead {
    /// Reads `bytes` from `from` on, in the state of this row, always the same ones and ever further on.
    pub(crate) fn walk(&mut self, table: &Table, bytes: &[u8], from: usize, row: u32) -> Stop {
        let (mut at, mut row) = (from, row);
        loop {
            if at >= self.end && !self.look(table, bytes, at) {
                return match table.walk(bytes, at..bytes.len(), row) {
                    Walked::On(row) => Stop::At(bytes.len(), table.state(row)),
                    Walked::Stopped(stop) => stop,
                };
            }
            let lane = self.lanes.iter().find(|lane| at < lane.end).copied();
            let end = match lane {
                Some(lane) if at < lane.start => lane.start,
                Some(lane) => {
                    if table.is_settled(row) {
                        (at, row) = (lane.end, lane.row);
                        continue;
                    }
                    at + 1
                }
                None => self.end,
            };
            match table.walk(bytes, at..end, row) {
                Walked::On(reached) => (at, row) = (end, reached),
                Walked::Stopped(stop) => return stop,
            }
        }
    }

    /// A walk begins here, as if nothing stood before: what was seen in this stretch is of no use to it.
    pub(super) fn begin_at(&mut self, at: usize) {
        let within = |lane: &&mut Lane| lane.start < at && at < lane.end;
        if let Some(lane) = self.lanes.iter_mut().find(within) {
            lane.end = lane.start;
        }
    }

    /// Walks through the next stretches, where there is text for them.
    fn look(&mut self, table: &Table, bytes: &[u8], from: usize) -> bool {
        let Some(block) = bytes.get(from..from + BLOCK) else {
            return false;
        };
        self.end = from + BLOCK;
        self.lanes = [Lane::default(); LANES];
        // Behind a blank, or not at all.
        let blanks = block.chunks_exact(STRETCH).zip((0..).step_by(STRETCH));
        let mut starts = blanks.map_while(|(stretch, start)| {
            let blank = memchr::memchr2(b' ', b'\n', stretch)?;
            Some(start + blank + 1)
        });
        let [Some(one), Some(two), Some(three), Some(four)] = [(); LANES].map(|()| starts.next())
        else {
            return true;
        };
        let starts = [one, two, three, four];
        let ends = [two, three, four, BLOCK];
        let lengths = starts.iter().zip(ends).map(|(start, end)| end - start);
        let length = lengths.min().unwrap_or_default();
        let parts = starts.map(|start| block.get(start..start + length).unwrap_or_default());
        self.lanes = starts.map(|start| Lane {
            start: from + start,
            end: from + start,
            row: 0,
        });
        self.run(table, parts);
        true
    }

    /// Walks side by side, until each has come to something that ends a walk.
    fn run(&mut self, table: &Table, parts: [&[u8]; LANES]) {
        let mut rows = self.lanes.map(|lane| lane.row);
        // What is shorter than a step is left to the walk.
        let [one, two, three, four] = parts.map(|part| part.as_chunks::<STEP>().0);
        for (((one, two), three), four) in one.iter().zip(two).zip(three).zip(four) {
            for (((a, b), c), d) in one.iter().zip(two).zip(three).zip(four) {
                let [first, second, third, fourth] = rows;
                rows = [
                    table.after(first, *a),
                    table.after(second, *b),
                    table.after(third, *c),
                    table.after(fourth, *d),
                ];
            }
            let mut goes_on = false;
            for (lane, row) in self.lanes.iter_mut().zip(rows) {
                if !Table::is_beyond(row) {
                    lane.row = row;
                    lane.end += STEP;
                    goes_on = true;
                }
            }
            if !goes_on {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::sample::contoso;

    #[test]
    fn stretches_begin_behind_blanks_and_are_walked_through_in_steps() {
        let brand = contoso();
        let table = brand.prefilter().table();
        let text = "a word or two of a friend ".repeat(40);
        let look = |from: usize, text: &str| {
            let mut ahead = Ahead::default();
            let looked = ahead.look(table, text.as_bytes(), from);
            (looked, ahead.lanes.map(|lane| (lane.start, lane.end)))
        };
        let walked = [(2, 114), (130, 242), (260, 372), (390, 502)];
        assert_eq!(look(0, &text), (true, walked));
        assert_eq!(
            look(26, &text),
            (true, walked.map(|(start, end)| (start + 26, end + 26)))
        );
        // Too little of it, and none to begin behind.
        assert_eq!(look(529, &text), (false, [(0, 0); LANES]));
        assert_eq!(look(0, &"x".repeat(BLOCK)), (true, [(0, 0); LANES]));
    }
}
