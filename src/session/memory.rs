//! What all messages under way hold together, and its bound.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What the messages under way on all connections may hold together.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    max: usize,
    held: AtomicUsize,
}

impl Memory {
    /// Room for `max` octets.
    pub fn new(max: usize) -> Self {
        Self(Arc::new(Pool {
            max,
            held: AtomicUsize::new(0),
        }))
    }

    /// What a message holds of it that holds nothing yet.
    pub(super) fn begin(&self) -> Held {
        Held {
            pool: Arc::clone(&self.0),
            octets: 0,
        }
    }

    /// Octets that are held now.
    pub fn held(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }
}

/// What one message holds of it; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    pool: Arc<Pool>,
    octets: usize,
}

impl Held {
    /// Whether there is room for so many more octets, which are then held.
    pub(super) fn take(&mut self, octets: usize) -> bool {
        let before = self.pool.held.fetch_add(octets, Ordering::Relaxed);
        let fits = before.saturating_add(octets) <= self.pool.max;
        match fits {
            true => self.octets += octets,
            false => {
                self.pool.held.fetch_sub(octets, Ordering::Relaxed);
            }
        }
        fits
    }

    /// Gives back some of it, or all where it is less.
    pub(super) fn give_back(&mut self, octets: usize) {
        let octets = octets.min(self.octets);
        self.pool.held.fetch_sub(octets, Ordering::Relaxed);
        self.octets -= octets;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.give_back(self.octets);
    }
}
