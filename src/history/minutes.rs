//! What happened minute by minute, in as much memory after a year as after a day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A ring of minutes. What lies longer ago than its length is forgotten.
#[derive(Debug)]
pub struct Minutes<T> {
    slots: Vec<(u64, T)>,
}

impl<T: Default + Clone> Minutes<T> {
    /// A ring that remembers this many minutes.
    pub fn new(length: usize) -> Self {
        Self {
            slots: vec![(0, T::default()); length],
        }
    }

    /// What is counted in the minute of `at`. A slot with another minute in it, be it because the clock was set
    /// back, begins anew.
    pub fn at(&mut self, at: SystemTime) -> Option<&mut T> {
        let minute = minute(at);
        let place = self.place(minute)?;
        let slot = self.slots.get_mut(place)?;
        if slot.0 != minute {
            *slot = (minute, T::default());
        }
        Some(&mut slot.1)
    }

    /// The last `length` minutes up to that of `now`, the oldest first; quiet ones are there, too.
    pub fn last(&self, now: SystemTime, length: u64) -> Vec<T> {
        let now = minute(now);
        (0..length)
            .rev()
            .map(|ago| self.get(now.saturating_sub(ago)))
            .collect()
    }

    fn get(&self, minute: u64) -> T {
        self.place(minute)
            .and_then(|place| self.slots.get(place))
            .filter(|(known, _)| *known == minute)
            .map(|(_, counted)| counted.clone())
            .unwrap_or_default()
    }

    fn place(&self, minute: u64) -> Option<usize> {
        let length = u64::try_from(self.slots.len()).ok()?;
        usize::try_from(minute.checked_rem(length)?).ok()
    }
}

fn minute(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() / 60)
}

/// Steps of [`Durations`], two an octave, from [`SHORTEST`] to about a minute.
const STEPS: usize = 42;

/// Up to here all durations are alike, in seconds.
const SHORTEST: f64 = 0.000_05;

/// How long things took: exact enough for a quantile, small enough to be kept for each minute.
#[derive(Clone, Debug, Default)]
pub struct Durations(Vec<u32>);

impl Durations {
    /// Counts one.
    pub fn record(&mut self, duration: Duration) {
        let octaves = (duration.as_secs_f64() / SHORTEST).log2().max(0.0);
        // A float that is too large becomes the largest number, and that the last step.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let step = ((octaves * 2.0).ceil() as usize).min(STEPS - 1);
        if self.0.is_empty() {
            self.0 = vec![0; STEPS];
        }
        if let Some(count) = self.0.get_mut(step) {
            *count = count.saturating_add(1);
        }
    }

    /// Adds others to these.
    pub fn add(&mut self, other: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&other.0);
            return;
        }
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            *count = count.saturating_add(*more);
        }
    }

    /// The time within which the given share ended, at most 1.42 times too long; `None` where nothing
    /// was counted.
    pub fn within(&self, share: f64) -> Option<Duration> {
        let all: u64 = self.0.iter().map(|count| u64::from(*count)).sum();
        if all == 0 {
            return None;
        }
        let mut seen = 0;
        for (count, octaves) in self
            .0
            .iter()
            .zip((0_u32..).map(|step| f64::from(step) / 2.0))
        {
            seen += u64::from(*count);
            #[allow(clippy::cast_precision_loss)]
            if seen as f64 >= all as f64 * share {
                return Some(Duration::from_secs_f64(SHORTEST * octaves.exp2()));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(minute * 60 + 7)
    }

    fn count(ring: &mut Minutes<u32>, minute: u64) {
        if let Some(count) = ring.at(at(minute)) {
            *count += 1;
        }
    }

    #[test]
    fn a_ring_forgets_what_is_older_than_it_is_long() {
        let mut ring = Minutes::new(3);
        for minute in [10, 11, 11, 13] {
            count(&mut ring, minute);
        }
        assert_eq!(ring.last(at(13), 3), [2, 0, 1]);
        assert_eq!(ring.last(at(11), 2), [0, 2], "10 gave way to 13");
        assert_eq!(ring.last(at(99), 3), [0, 0, 0]);
        assert_eq!(ring.slots.len(), 3);
    }

    #[test]
    fn a_clock_that_is_set_back_counts_on() {
        let mut ring = Minutes::new(3);
        count(&mut ring, 13);
        count(&mut ring, 10);
        assert_eq!(ring.last(at(10), 1), [1]);
    }

    #[test]
    fn a_clock_that_jumps_ahead_and_back_loses_minutes_and_counts_none_twice() {
        let mut ring = Minutes::new(3);
        count(&mut ring, 10);
        // Days ahead, and back by the network's time.
        count(&mut ring, 100_000);
        assert_eq!(ring.last(at(100_000), 3), [0, 0, 1]);
        count(&mut ring, 11);
        count(&mut ring, 12);
        // 10 and 100,000 share a place, which neither has any more once 10 comes again.
        assert_eq!(ring.last(at(12), 3), [0, 1, 1]);
        count(&mut ring, 10);
        assert_eq!(ring.last(at(12), 3), [1, 1, 1]);
        assert_eq!(ring.last(at(100_000), 1), [0]);
        // Before 1970, as a machine without a battery may begin.
        assert_eq!(ring.last(UNIX_EPOCH - Duration::from_secs(1), 2), [0, 0]);
    }

    #[test]
    fn quantiles_are_near_the_truth() {
        let mut durations = Durations::default();
        assert_eq!(durations.within(0.5), None);
        for millis in 1..=100 {
            durations.record(Duration::from_millis(millis));
        }
        for (share, truth) in [(0.5, 50), (0.95, 95)] {
            let found = durations.within(share).unwrap_or_default();
            let truth = Duration::from_millis(truth);
            assert!(found >= truth && found < truth * 3 / 2, "{found:?}");
        }
        let mut long = Durations::default();
        long.record(Duration::from_secs(100_000));
        long.add(&durations);
        assert!(long.within(1.0).unwrap_or_default() > Duration::from_secs(60));
    }
}
