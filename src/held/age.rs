//! How long a message is held.

use std::{fmt, str::FromStr};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A length of time as people write it: `90m`, `12h`, `7d`, `2w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    seconds: u64,
}

/// The text is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongAge;

impl fmt::Display for WrongAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no length of time such as 90m, 12h, 7d or 2w")
    }
}

impl std::error::Error for WrongAge {}

impl Age {
    pub(super) fn seconds(self) -> u64 {
        self.seconds
    }

    /// Between two moments in seconds since 1970; none where the later one comes first.
    pub(super) fn between(from: u64, to: u64) -> Self {
        Self {
            seconds: to.saturating_sub(from),
        }
    }

    /// Reads a value of main.cf (postconf(5)): a number, and a unit that is `default` where there is none.
    pub(super) fn of_postfix(text: &str, default: char) -> Option<Self> {
        match text.ends_with(|last: char| last.is_ascii_digit()) {
            true => read(&format!("{text}{default}")),
            false => read(text),
        }
    }
}

impl FromStr for Age {
    type Err = WrongAge;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).ok_or(WrongAge)
    }
}

fn read(text: &str) -> Option<Age> {
    let unit = match text.chars().next_back()? {
        's' => 1,
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let number = text.get(..text.len() - 1)?;
    // `parse` would take a sign as well.
    if !number.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    let seconds = number.parse::<u64>().ok()?.checked_mul(unit)?;
    Some(Age { seconds })
}

/// In the largest unit of which there are two at least: `50 minutes`, `3 days`.
impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self.seconds {
            ..120 => (self.seconds, "second"),
            120..7_200 => (self.seconds / MINUTE, "minute"),
            7_200..172_800 => (self.seconds / HOUR, "hour"),
            _ => (self.seconds / DAY, "day"),
        };
        let end = if count == 1 { "" } else { "s" };
        write!(f, "{count} {unit}{end}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_and_written() {
        let seconds = |text: &str| text.parse::<Age>().map(Age::seconds);
        assert_eq!(seconds("0s"), Ok(0));
        assert_eq!(seconds("90m"), Ok(5_400));
        assert_eq!(seconds("12h"), Ok(43_200));
        assert_eq!(seconds("7d"), Ok(604_800));
        assert_eq!(seconds("2w"), Ok(1_209_600));
        for wrong in [
            "",
            "d",
            "7",
            "-7d",
            "+7d",
            "7 d",
            "7y",
            "1.5d",
            "7dd",
            "٧d",
            "99999999999999999999w",
        ] {
            assert_eq!(seconds(wrong), Err(WrongAge), "{wrong:?}");
        }
        let postfix = |text| Age::of_postfix(text, 'd').map(Age::seconds);
        assert_eq!(postfix("5d"), Some(432_000));
        assert_eq!(postfix("5"), Some(432_000));
        assert_eq!(postfix("90s"), Some(90));
        assert_eq!(postfix("$x"), None);
        let shown = |seconds| Age { seconds }.to_string();
        assert_eq!(shown(1), "1 second");
        assert_eq!(shown(119), "119 seconds");
        assert_eq!(shown(3_599), "59 minutes");
        assert_eq!(shown(86_400), "24 hours");
        assert_eq!(shown(20 * DAY), "20 days");
    }
}
