//! When requests start. Pure: a load is asked what to do next and told the time; it neither waits
//! nor knows what a request is or which model runs it.

mod closed;
mod open;

use std::time::Duration;

use scenario::TrialLoad;

use self::closed::Closed;
use self::open::Open;

/// What a load wants next. Times are nanoseconds of CLOCK_MONOTONIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// A request starts now.
    Start {
        /// When it was due.
        intended_ns: u64,
    },
    /// A request was due and does not start: too many others are under way.
    Shed {
        /// When it was due.
        intended_ns: u64,
    },
    /// Nothing until a request completes, or until this time if one is given.
    WaitForPlace {
        /// When to ask again at the latest.
        until_ns: Option<u64>,
    },
    /// Nothing until this time, whatever completes.
    WaitUntil {
        /// When to ask again.
        at_ns: u64,
    },
}

/// A pattern of starts.
pub(crate) trait Load: Send {
    /// The load begins at `now_ns`. Returns when the measured window begins and ends, where the
    /// load knows that beforehand.
    fn begin(&mut self, now_ns: u64) -> Option<(u64, u64)>;

    /// What to do at `now_ns` with `in_flight` requests under way.
    fn next(&mut self, now_ns: u64, in_flight: u64) -> Next;
}

/// First starts of a closed loop in a second, at most. Each opens two connections, and an accept
/// queue that overflows makes the client wait a second before it knocks again.
const MOST_STARTS_PER_S: u32 = 20_000;

/// The load of a trial; the first starts of a closed loop are spread over `spread`, or longer where
/// that would be too many at once.
pub(crate) fn of(load: &TrialLoad, spread: Duration) -> Box<dyn Load> {
    match load {
        TrialLoad::Closed { concurrency } => {
            let spread = spread.max(Duration::from_secs(1) * *concurrency / MOST_STARTS_PER_S);
            Box::new(Closed::new(*concurrency, spread.as_nanos() as u64))
        }
        TrialLoad::Open(schedule) => {
            let window = schedule.window_ns();
            let due_ns = schedule.dues().map(|due| due.at_ns);
            Box::new(Open::new(due_ns, (window.start, window.end), schedule.max_in_flight()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thousands of first starts are no storm, however short the upstreams' time.
    #[test]
    fn many_places_open_over_a_longer_time() {
        let opens_ns = |concurrency, spread_ms| {
            let closed = TrialLoad::Closed { concurrency };
            let mut load = of(&closed, Duration::from_millis(spread_ms));
            load.begin(0);
            match load.next(0, u64::from(concurrency) - 1) {
                Next::WaitForPlace { until_ns } => until_ns,
                _ => None,
            }
        };
        assert_eq!(opens_ns(10_000, 11), Some(499_950_000), "half a second");
        assert_eq!(opens_ns(100, 11), Some(10_890_000), "as the upstreams have it");
    }
}
