//! The closed loop: so many requests in flight, each completion starts the next.

use super::{Load, Next};

/// `concurrency` places, opened one after the other, each refilled when it falls free.
///
/// The places open evenly over `spread_ns`: with fixed delays, requests that start together stay
/// together for ever, and a storm of connections overflows the accept queue.
#[derive(Debug)]
pub(crate) struct Closed {
    concurrency: u64,
    spread_ns: u64,
    /// When the first place opened.
    began_ns: u64,
}

impl Closed {
    /// `concurrency` places (at least one), opened over `spread_ns`.
    pub(crate) fn new(concurrency: u32, spread_ns: u64) -> Self {
        Self { concurrency: u64::from(concurrency.max(1)), spread_ns, began_ns: 0 }
    }

    /// When the `place`-th place opens, from the beginning.
    fn opens_ns(&self, place: u64) -> u64 {
        (u128::from(self.spread_ns) * u128::from(place) / u128::from(self.concurrency)) as u64
    }
}

impl Load for Closed {
    /// How long the phases last follows from the completions; they are the supervisor's.
    fn begin(&mut self, now_ns: u64) -> Option<(u64, u64)> {
        self.began_ns = now_ns;
        None
    }

    fn next(&mut self, now_ns: u64, in_flight: u64) -> Next {
        if in_flight >= self.concurrency {
            return Next::WaitForPlace { until_ns: None };
        }
        // The place to fill is the one after those in flight, opened or not.
        let opens_ns = self.began_ns + self.opens_ns(in_flight);
        if now_ns >= opens_ns {
            Next::Start { intended_ns: now_ns }
        } else {
            Next::WaitForPlace { until_ns: Some(opens_ns) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_open_evenly_and_refill_at_once() {
        let mut load = Closed::new(4, 1_000);
        assert_eq!(load.begin(5_000), None);
        assert_eq!(load.next(5_000, 0), Next::Start { intended_ns: 5_000 });
        assert_eq!(load.next(5_000, 1), Next::WaitForPlace { until_ns: Some(5_250) });
        assert_eq!(load.next(5_250, 1), Next::Start { intended_ns: 5_250 });
        assert_eq!(load.next(5_400, 2), Next::WaitForPlace { until_ns: Some(5_500) });
        // One ends before the third place opens: its place is refilled at once.
        assert_eq!(load.next(5_400, 1), Next::Start { intended_ns: 5_400 });
        assert_eq!(load.next(9_000, 3), Next::Start { intended_ns: 9_000 });
        assert_eq!(load.next(9_000, 4), Next::WaitForPlace { until_ns: None });
    }
}
