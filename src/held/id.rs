//! How a message on hold is named.

use std::{fmt, str::FromStr};

/// The name of a message on hold: its queue id, and the second in which it arrived, as `4F2A9E1B07C-1795645029`.
///
/// A queue id alone names no message: Postfix gives it to another one after this one is gone. And it is never
/// one of the words and signs that mean many to `postsuper`: `ALL`, `-`, an option.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HeldId {
    queue_id: QueueId,
    arrived: u64,
}

/// A queue id by its grammar: letters and digits, at least six of them. Postfix makes short ones of five
/// hexadecimal digits and a file number, and long ones of six signs of time, four of microseconds, a `z` and
/// the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct QueueId(String);

/// The bounds of a queue id, in signs; and of the seconds since 1970, in digits.
const QUEUE_ID: std::ops::RangeInclusive<usize> = 6..=40;
const SECONDS: std::ops::RangeInclusive<usize> = 1..=12;

/// The text names no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongId;

impl fmt::Display for WrongId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no ID as `held list` prints it: a queue id, a dash, and the seconds of its arrival")
    }
}

impl std::error::Error for WrongId {}

impl QueueId {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_one = QUEUE_ID.contains(&text.len())
            && text.bytes().all(|octet| octet.is_ascii_alphanumeric());
        is_one.then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl HeldId {
    pub(super) fn new(queue_id: QueueId, arrived: u64) -> Self {
        Self { queue_id, arrived }
    }

    pub(super) fn queue_id(&self) -> &QueueId {
        &self.queue_id
    }

    /// In seconds since 1970.
    pub(super) fn arrived(&self) -> u64 {
        self.arrived
    }
}

impl FromStr for HeldId {
    type Err = WrongId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (queue_id, seconds) = text.split_once('-').ok_or(WrongId)?;
        let is_number = SECONDS.contains(&seconds.len())
            && seconds.bytes().all(|octet| octet.is_ascii_digit())
            && !(seconds.len() > 1 && seconds.starts_with('0'));
        if !is_number {
            return Err(WrongId);
        }
        Ok(Self {
            queue_id: QueueId::parse(queue_id).ok_or(WrongId)?,
            arrived: seconds.parse().map_err(|_| WrongId)?,
        })
    }
}

impl fmt::Display for HeldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.queue_id.0, self.arrived)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_queue_id_with_the_time_of_arrival_and_nothing_else() {
        for text in ["4F2A9E1B07C-1795645029", "4PkwXy0mT3z9rQ-1", "000001-0"] {
            assert_eq!(
                text.parse::<HeldId>().map(|id| id.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "-",
            "ALL",
            "ALL-1795645029",
            "hold-1795645029",
            "4F2A9E1B07C",
            "4F2A9E1B07C-",
            "4F2A9E1B07C-x",
            "4F2A9E1B07C--1",
            "4F2A9E1B07C-01",
            "4F2A9E1B07C-1795645029-1",
            "4F2A9E1B07C-1234567890123",
            "-d4F2A9-1",
            "../4F2A-1",
            "4F2A9E 1B07C-1",
            "4F2A9E\n1B07C-1",
            "４F2A9E1B07C-1",
            "4F2A9E1B07C-1\n",
            " 4F2A9E1B07C-1",
        ] {
            assert_eq!(text.parse::<HeldId>(), Err(WrongId), "{text:?}");
        }
        assert_eq!(
            format!("{}-1", "A".repeat(41)).parse::<HeldId>(),
            Err(WrongId)
        );
    }
}
