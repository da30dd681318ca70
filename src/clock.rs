//! The date and the time of day.
//!
//! The machine's clock can be set while the program runs, and then it jumps. So only what a date decides asks
//! it, and asks it here; how long something takes is measured with Tokio's clock, which never jumps.

use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Who says what time it is. Clones say the same.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// A clock that shows what `read` says.
    pub fn new(read: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// What it shows now.
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }

    /// The same in seconds since 1970, 0 before.
    pub fn seconds(&self) -> u64 {
        let since = self.now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs())
    }
}

/// The machine's.
impl Default for Clock {
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn seconds_are_since_1970_and_never_before() {
        let at = |time: SystemTime| Clock::new(move || time).seconds();
        assert_eq!(at(UNIX_EPOCH + Duration::from_millis(86_400_999)), 86_400);
        assert_eq!(at(UNIX_EPOCH - Duration::from_secs(5)), 0);
    }
}
