//! What was made of a record, kept for the next message that needs it.
//!
//! It depends on nothing but the record's octets, so that it holds whenever DNS gives the same ones again, and no time
//! ends it. Bounds: [`MAX_RECORDS`] of at most [`MAX_OCTETS`]; beyond them it is begun anew.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Records of one kind; the brand's own are some dozens.
const MAX_RECORDS: usize = 512;

/// Octets of a record that is kept.
const MAX_OCTETS: usize = 2 << 10;

/// Records, and what was made of them.
pub(super) struct Memo<T>(Mutex<HashMap<Box<[u8]>, Arc<T>>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Memo<T> {
    /// What `make` makes of a record, or made of it earlier.
    pub(super) fn of(&self, record: &[u8], make: impl FnOnce(&[u8]) -> T) -> Arc<T> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = known().get(record) {
            return Arc::clone(made);
        }
        let made = Arc::new(make(record));
        if record.len() <= MAX_OCTETS {
            let mut known = known();
            if known.len() >= MAX_RECORDS {
                known.clear();
            }
            known.insert(record.into(), Arc::clone(&made));
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn each_record_is_read_once_and_their_number_is_bounded() {
        let (memo, made) = (Memo::default(), Cell::new(0));
        let length = |record: &[u8]| {
            let of = |record: &[u8]| {
                made.set(made.get() + 1);
                record.len()
            };
            *memo.of(record, of)
        };
        for record in [&b"a"[..], b"bb", b"a", b"bb"] {
            assert_eq!(length(record), record.len());
        }
        assert_eq!(made.get(), 2);
        for number in 0..2 * MAX_RECORDS {
            length(number.to_string().as_bytes());
            assert!(memo.0.lock().is_ok_and(|known| known.len() <= MAX_RECORDS));
        }
        // Too long to be kept.
        made.set(0);
        for _ in 0..2 {
            assert_eq!(length(&[b'x'; MAX_OCTETS + 1]), MAX_OCTETS + 1);
        }
        assert_eq!(made.get(), 2);
    }
}
