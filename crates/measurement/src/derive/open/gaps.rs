//! Did arrivals come as planned? Gaps between them, in units of what the plan says they are on
//! average, against the exponential law.
//!
//! Where the rate changes, times are first mapped through its integral Λ: arrivals of a Poisson
//! process of that rate become arrivals of a process of rate 1 (E. N. Brown et al., Neural
//! Computation 14, 2002). Constant arrivals have no law to test: all gaps are alike, and what
//! there is to say of them is how far each arrival is from its own time.

use std::ops::Range;

use scenario::{Arrivals, Schedule};

use super::anderson_darling::exponential;
use crate::open::OpenFigures;

/// A request of the window: whether it was dispatched, and when the mock received its first fetch, if
/// it did.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Passage {
    pub(super) started: bool,
    pub(super) received_ns: Option<u64>,
}

/// Fills the test. `passages` are the window's requests in the order of their ids, their times
/// from the schedule's beginning.
pub(super) fn fill(open: &mut OpenFigures, schedule: &Schedule, passages: &[Passage]) {
    if schedule.arrivals() == Arrivals::Constant {
        "nothing: constant arrivals have no law to test; the lag says how far they are from their times"
            .clone_into(&mut open.gaps_tested);
        return;
    }
    let law = "gaps between neighbours among the window's requests, over their mean by the plan, against the exponential law";
    open.gaps_tested = match passages.iter().filter(|p| !p.started).count() {
        0 => law.to_owned(),
        missing => format!(
            "{law}; a gap next to one of the {missing} requests that did not start is left out, which bends what is left"
        ),
    };
    open.gaps = exponential(gaps(schedule, passages));
}

/// Gaps of Λ between neighbours; a request without a time ends a row of neighbours. Inside a row
/// arrivals count in the order they came: two may have overtaken each other.
fn gaps(schedule: &Schedule, passages: &[Passage]) -> Vec<f64> {
    let mut gaps = Vec::with_capacity(passages.len());
    for row in passages.split(|passage| passage.received_ns.is_none()) {
        let mut times: Vec<u64> = row.iter().filter_map(|passage| passage.received_ns).collect();
        times.sort_unstable();
        gaps.extend(times.windows(2).map(|pair| expected(schedule, pair[0]..pair[1])));
    }
    gaps
}

fn expected(schedule: &Schedule, between_ns: Range<u64>) -> f64 {
    schedule.expected(between_ns.start, between_ns.end)
}
