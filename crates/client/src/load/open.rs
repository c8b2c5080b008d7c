//! The open loop: requests start on a schedule, whatever becomes of earlier ones.

use super::{Load, Next};

/// Arrivals at planned times. Only the next one is looked at: whatever the rate, the dispatcher's
/// state is one time.
///
/// A late start never moves the schedule: arrivals that are overdue start back to back, each with
/// its own intended time. One that finds `max_in_flight` requests under way is shed.
pub(crate) struct Open<S> {
    /// When requests are due, ascending, nanoseconds from the load's beginning.
    schedule: S,
    /// The window's ends, from the load's beginning.
    window_ns: (u64, u64),
    max_in_flight: u64,
    began_ns: u64,
    /// The next arrival, taken from the schedule and not yet handed out.
    due_ns: Option<u64>,
}

impl<S: Iterator<Item = u64> + Send> Open<S> {
    /// The arrivals of `schedule`; those due in `window_ns` are measured.
    pub(crate) fn new(schedule: S, window_ns: (u64, u64), max_in_flight: u32) -> Self {
        debug_assert!(window_ns.0 <= window_ns.1, "a window ends after it begins");
        let max_in_flight = u64::from(max_in_flight.max(1));
        Self { schedule, window_ns, max_in_flight, began_ns: 0, due_ns: None }
    }
}

impl<S: Iterator<Item = u64> + Send> Load for Open<S> {
    fn begin(&mut self, now_ns: u64) -> Option<(u64, u64)> {
        self.began_ns = now_ns;
        self.due_ns = self.schedule.next();
        Some((now_ns + self.window_ns.0, now_ns + self.window_ns.1))
    }

    fn next(&mut self, now_ns: u64, in_flight: u64) -> Next {
        let Some(due_ns) = self.due_ns else {
            return Next::WaitForPlace { until_ns: None };
        };
        let intended_ns = self.began_ns + due_ns;
        if now_ns < intended_ns {
            return Next::WaitUntil { at_ns: intended_ns };
        }
        self.due_ns = self.schedule.next();
        if in_flight < self.max_in_flight {
            Next::Start { intended_ns }
        } else {
            Next::Shed { intended_ns }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Begun at 1,000, with `max` in flight at most.
    fn open(schedule: Vec<u64>, max: u32) -> Open<std::vec::IntoIter<u64>> {
        let mut load = Open::new(schedule.into_iter(), (100, 200), max);
        assert_eq!(load.begin(1_000), Some((1_100, 1_200)));
        load
    }

    #[test]
    fn arrivals_start_when_due_and_overdue_ones_back_to_back() {
        let mut load = open(vec![0, 10, 20, 20, 500], 10);
        assert_eq!(load.next(1_000, 0), Next::Start { intended_ns: 1_000 });
        assert_eq!(load.next(1_001, 1), Next::WaitUntil { at_ns: 1_010 });
        // The dispatcher comes back much too late: each start keeps its own time.
        assert_eq!(load.next(1_300, 1), Next::Start { intended_ns: 1_010 });
        assert_eq!(load.next(1_301, 2), Next::Start { intended_ns: 1_020 });
        assert_eq!(load.next(1_302, 3), Next::Start { intended_ns: 1_020 });
        assert_eq!(load.next(1_303, 4), Next::WaitUntil { at_ns: 1_500 });
        assert_eq!(load.next(1_500, 0), Next::Start { intended_ns: 1_500 });
        assert_eq!(load.next(9_000, 0), Next::WaitForPlace { until_ns: None });
    }

    #[test]
    fn what_finds_no_place_is_shed_with_its_own_time() {
        let mut load = open(vec![1, 2, 3], 2);
        assert_eq!(load.next(1_001, 1), Next::Start { intended_ns: 1_001 });
        assert_eq!(load.next(1_002, 2), Next::Shed { intended_ns: 1_002 });
        assert_eq!(load.next(1_003, 1), Next::Start { intended_ns: 1_003 });
    }

    proptest! {
        /// However late and irregular the dispatcher, and however slow the target: every arrival
        /// is handed out once, in order, at its own time and never before it.
        #[test]
        fn nothing_is_skipped_moved_or_early(
            gaps in proptest::collection::vec(0_u64..50, 1..200),
            delays in proptest::collection::vec(0_u64..400, 1..50),
            service in 1_u64..500,
            max in 1_u32..20,
        ) {
            let planned: Vec<u64> = gaps
                .iter()
                .scan(0, |at, gap| { *at += gap; Some(*at) })
                .collect();
            let mut load = open(planned.clone(), max);
            let mut now_ns = 1_000;
            let mut ends: Vec<u64> = Vec::new();
            let mut seen = Vec::new();
            let mut shed = 0;
            for delay in delays.iter().cycle() {
                ends.retain(|&end| end > now_ns);
                match load.next(now_ns, ends.len() as u64) {
                    Next::Start { intended_ns } => {
                        prop_assert!(intended_ns <= now_ns);
                        prop_assert!(ends.len() < max as usize);
                        ends.push(now_ns + service);
                        seen.push(intended_ns - 1_000);
                    }
                    Next::Shed { intended_ns } => {
                        prop_assert_eq!(ends.len(), max as usize);
                        shed += 1;
                        seen.push(intended_ns - 1_000);
                    }
                    Next::WaitUntil { at_ns } => now_ns = at_ns + delay,
                    Next::WaitForPlace { until_ns } => {
                        prop_assert_eq!(until_ns, None);
                        break;
                    }
                }
            }
            prop_assert_eq!(seen, planned);
            prop_assert!(shed == 0 || gaps.len() > max as usize);
        }
    }
}
