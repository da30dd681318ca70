//! Counters that are resolved by their words once, at the start: counting is an atomic addition, without a
//! lock that a scrape could hold.

use super::words::Words;
use prometheus::{Histogram, HistogramVec, IntCounter, IntCounterVec};
use std::marker::PhantomData;

/// One counter for each word.
pub(super) struct Counters<W> {
    each: Vec<IntCounter>,
    words: PhantomData<fn(W)>,
}

impl<W: Words> Counters<W> {
    pub(super) fn new(all: &IntCounterVec) -> Self {
        let counter = |word: &W| all.with_label_values(&[word.word()]);
        Self {
            each: W::ALL.iter().map(counter).collect(),
            words: PhantomData,
        }
    }

    pub(super) fn inc(&self, word: W) {
        self.add(word, 1);
    }

    pub(super) fn add(&self, word: W, more: u64) {
        if let Some(counter) = self.each.get(word.position()) {
            counter.inc_by(more);
        }
    }
}

/// One counter for each pair of words that can come together.
pub(super) struct Pairs<A, B> {
    all: IntCounterVec,
    each: Vec<Option<IntCounter>>,
    words: PhantomData<fn(A, B)>,
}

impl<A: Words, B: Words + PartialEq> Pairs<A, B> {
    /// `possible` are the words that can come with a word: others would be series that stay at zero.
    pub(super) fn new(all: IntCounterVec, possible: impl Fn(A) -> &'static [B]) -> Self {
        let counter = |first: A, second: B| {
            possible(first)
                .contains(&second)
                .then(|| all.with_label_values(&[first.word(), second.word()]))
        };
        let each = A::ALL
            .iter()
            .flat_map(|first| B::ALL.iter().map(|second| counter(*first, *second)))
            .collect();
        Self {
            all,
            each,
            words: PhantomData,
        }
    }

    pub(super) fn inc(&self, first: A, second: B) {
        let position = first.position() * B::ALL.len() + second.position();
        match self.each.get(position) {
            Some(Some(counter)) => counter.inc(),
            // Taken for impossible. It is counted all the same: the words are of closed sets.
            _ => self
                .all
                .with_label_values(&[first.word(), second.word()])
                .inc(),
        }
    }
}

/// One histogram for each word.
pub(super) struct Histograms<W> {
    each: Vec<Histogram>,
    words: PhantomData<fn(W)>,
}

impl<W: Words> Histograms<W> {
    pub(super) fn new(all: &HistogramVec) -> Self {
        let histogram = |word: &W| all.with_label_values(&[word.word()]);
        Self {
            each: W::ALL.iter().map(histogram).collect(),
            words: PhantomData,
        }
    }

    pub(super) fn observe(&self, word: W, value: f64) {
        if let Some(histogram) = self.each.get(word.position()) {
            histogram.observe(value);
        }
    }
}
