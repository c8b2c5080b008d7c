//! The phases of an open loop: times of its schedule, which begins when the model first asks for
//! a request.

use std::sync::Arc;
use std::time::Duration;

use measurement::clock::now_ns;
use measurement::output::OpenAccount;
use scenario::{Phase, Schedule};

use super::{Course, Ended, Supervisor, Watch};

/// A model that takes longer to be ready for its first request never will be.
const MOST_START: Duration = Duration::from_secs(60);
/// How often it is looked whether it is.
const LOOK_START: Duration = Duration::from_millis(1);
/// How often CPU time is read in the window, to tell bursts of the model's own work: as often as
/// the supervisor wakes anyhow. But no more readings than this, however long the window.
const CPU_READING: Duration = Duration::from_millis(20);
const MOST_READINGS: u64 = 5_000;
/// On top of the fetch deadline: for requests to be combined and counted.
const MARGIN: Duration = Duration::from_millis(100);

impl Supervisor<'_> {
    /// Keeps the phases of a schedule.
    pub(super) fn scheduled(&mut self, schedule: &Schedule, watch: &mut Watch<'_>) -> Course {
        let nothing = Course { window: None, generations_cut: false, settles: true };
        let Some(began_ns) = self.load_began(watch) else { return nothing };
        let span = schedule.window_ns();
        if let Ended::Broken = self.until(began_ns + span.start, watch) {
            return nothing;
        }
        self.cpu
            .every(CPU_READING.max(Duration::from_nanos((span.end - span.start) / MOST_READINGS)));
        let (window, ended) = self.window(|own, _| own.until(began_ns + span.end, watch));
        self.cpu.stop();
        let counters = Arc::clone(self.counters);
        // Those due in the window may be dispatched after it, and are waited for all the same.
        let drained = |_| {
            let all = counters.is_full(Phase::Window) && counters.window_in_flight() == 0;
            !counters.is_recording() || all
        };
        let settles = match ended {
            Ended::Broken => true,
            Ended::Reached | Ended::Capped => {
                let cap = self.upstreams.timeout + self.upstreams.hurdles.longest() + MARGIN;
                !matches!(self.wait(watch, Duration::ZERO, cap, &drained), Ended::Capped)
            }
        };
        Course { window: Some(window), generations_cut: false, settles }
    }

    /// How the schedule was run, where there was one and it began.
    pub(super) fn open_account(&mut self) -> Option<OpenAccount> {
        let scheduled = matches!(self.spec.load, scenario::TrialLoad::Open(_));
        let began_ns = self.counters.load_began_ns().filter(|_| scheduled)?;
        Some(OpenAccount { began_ns, cpu_ns: self.cpu.take() })
    }

    /// When the load began, once it has.
    fn load_began(&mut self, watch: &mut Watch<'_>) -> Option<u64> {
        let counters = Arc::clone(self.counters);
        let begun = |_| counters.load_began_ns().is_some();
        let mut ended = Ended::Capped;
        for _ in 0..MOST_START.as_millis() / LOOK_START.as_millis() {
            ended = self.wait(watch, LOOK_START, LOOK_START, &begun);
            if !matches!(ended, Ended::Capped) {
                break;
            }
        }
        matches!(ended, Ended::Reached).then(|| self.counters.load_began_ns()).flatten()
    }

    /// Sleeps until a time of CLOCK_MONOTONIC.
    fn until(&mut self, at_ns: u64, watch: &mut Watch<'_>) -> Ended {
        let left = Duration::from_nanos(at_ns.saturating_sub(now_ns()));
        self.wait(watch, left, left, &|late| late)
    }
}
