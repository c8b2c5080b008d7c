//! Stalls that are scheduled: between two times an upstream sends nothing, and what would have
//! been released then is released at the stall's end.
//!
//! The schedule counts from the first request of the measured window that the mock receives on
//! any upstream (ids carry their phase), so that it falls into the window whatever the warm-up.
//! Requests without an id count as the window's: a mock on its own stalls after its first one.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use scenario::{Phase, Upstream};

/// The window has not begun.
const NOT_YET: u64 = u64::MAX;

/// The stalls of all upstreams.
pub(crate) struct Stalls {
    /// By upstream: from when to when, ns since the window's first request.
    planned: Vec<Option<Range<u64>>>,
    /// When that request came. It is set once, and whoever reads it too early reads it again when
    /// a deadline has passed: no order with other memory is needed.
    began_ns: AtomicU64,
}

impl Stalls {
    pub(crate) fn new(upstreams: &[Upstream]) -> Self {
        let planned = |upstream: &Upstream| {
            let stall = upstream.stall?;
            let from_ns = stall.at.as_nanos() as u64;
            Some(from_ns..from_ns + stall.length.as_nanos() as u64)
        };
        Self { planned: upstreams.iter().map(planned).collect(), began_ns: AtomicU64::new(NOT_YET) }
    }

    /// A request has come: if it is the window's first, the schedule counts from it.
    pub(crate) fn received(&self, id: u64, received_ns: u64) {
        if self.planned.iter().all(Option::is_none) || self.began_ns.load(Relaxed) != NOT_YET {
            return;
        }
        if let Some(Phase::Window | Phase::Uncounted) = Phase::of(id) {
            // Whoever comes second leaves it as it is.
            let _ = self.began_ns.compare_exchange(NOT_YET, received_ns, Relaxed, Relaxed);
        }
    }

    /// When an answer due at `due_ns` may go: then, or at the end of the stall that it falls into.
    pub(crate) fn release_ns(&self, position: usize, due_ns: u64) -> u64 {
        let Some(planned) = &self.planned[position] else { return due_ns };
        let began_ns = self.began_ns.load(Relaxed);
        // Before the window has begun, nothing is at NOT_YET plus anything.
        match due_ns.checked_sub(began_ns) {
            Some(since) if planned.contains(&since) => began_ns + planned.end,
            _ => due_ns,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use scenario::Stall;
    use scenario::law::{Distribution, Law};

    use super::*;

    #[derive(Debug)]
    struct Nothing;

    impl Distribution for Nothing {
        fn quantile_ns(&self, _: f64) -> f64 {
            0.0
        }

        fn cdf(&self, _: f64) -> f64 {
            1.0
        }

        fn describe(&self) -> String {
            "nothing".to_owned()
        }
    }

    fn stalls() -> Stalls {
        let stall = Stall { at: Duration::from_nanos(100), length: Duration::from_nanos(50) };
        let steady = Upstream::new("a", Law::new(Nothing));
        let stalled = Upstream { stall: Some(stall), ..steady.clone() };
        Stalls::new(&[stalled, steady])
    }

    #[test]
    fn what_falls_into_a_stall_goes_at_its_end_and_all_else_when_due() {
        let stalls = stalls();
        stalls.received(Phase::Window.id(0), 1_000);
        for (due_ns, release_ns) in
            [(999, 999), (1_099, 1_099), (1_100, 1_150), (1_149, 1_150), (1_150, 1_150), (0, 0)]
        {
            assert_eq!(stalls.release_ns(0, due_ns), release_ns);
            assert_eq!(stalls.release_ns(1, due_ns), due_ns, "the other upstream has none");
        }
    }

    #[test]
    fn only_the_window_s_first_request_sets_the_clock() {
        let stalls = stalls();
        stalls.received(Phase::Warmup.id(7), 10);
        assert_eq!(stalls.release_ns(0, 110), 110);
        stalls.received(Phase::Window.id(3), 1_000);
        stalls.received(Phase::Window.id(0), 2_000);
        stalls.received(Phase::Uncounted.id(0), 3_000);
        assert_eq!(stalls.release_ns(0, 1_100), 1_150);
        let alone = self::stalls();
        alone.received(Phase::Uncounted.id(0), 20);
        assert_eq!(alone.release_ns(0, 120), 170);
    }
}
