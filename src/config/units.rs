//! Durations and sizes as people write them.

use std::time::Duration;

/// A day.
const MAX_MILLIS: u64 = 86_400_000;

pub(super) fn duration(text: &str) -> Result<Duration, &'static str> {
    match millis(text)? {
        millis @ 1..=MAX_MILLIS => Ok(Duration::from_millis(millis)),
        _ => Err("it is not between 1 ms and 24 h"),
    }
}

/// The same, or none at all.
pub(super) fn duration_or_none(text: &str) -> Result<Duration, &'static str> {
    match millis(text)? {
        millis @ 0..=MAX_MILLIS => Ok(Duration::from_millis(millis)),
        _ => Err("it is more than 24 h"),
    }
}

fn millis(text: &str) -> Result<u64, &'static str> {
    let split = text
        .find(|character: char| !character.is_ascii_digit())
        .ok_or("the unit is missing")?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().map_err(|_| "the number is missing")?;
    match unit {
        "ms" => Ok(number),
        "s" => Ok(number.saturating_mul(1_000)),
        "m" => Ok(number.saturating_mul(60_000)),
        "h" => Ok(number.saturating_mul(3_600_000)),
        _ => Err("the unit is unknown"),
    }
}

pub(super) fn size(text: &str) -> Result<usize, &'static str> {
    let split = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: usize = number.parse().map_err(|_| "the number is missing")?;
    let factor = match unit {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err("the unit is unknown"),
    };
    number.checked_mul(factor).ok_or("it is too large")
}
