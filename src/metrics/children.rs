//! What processes that this one started have used, as the kernel counts it when they end.

use std::fs;

/// Their processor time in seconds; 0 where the kernel doesn't say.
pub(super) fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    ticks(&stat).map_or(0.0, |ticks| ticks / ticks_a_second())
}

#[allow(clippy::cast_precision_loss)]
fn ticks_a_second() -> f64 {
    rustix::param::clock_ticks_per_second().max(1) as f64
}

/// The fields `cutime` and `cstime` (proc_pid_stat(5)). The name before them can hold anything.
fn ticks(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(13);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some(next()? + next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_children_is_found_behind_any_name() {
        let stat = "4711 (a) b (c) S 1 2 3 0 -1 4194560 10 20 0 0 100 50 7 5 20 0 4 0 999 1000 50";
        assert_eq!(ticks(stat), Some(12.0));
        assert_eq!(ticks(""), None);
    }
}
