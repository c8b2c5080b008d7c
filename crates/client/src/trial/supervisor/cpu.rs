//! CPU time of the process as the window goes by: what was busy second by second.

use std::time::{Duration, Instant};

use measurement::account;
use measurement::clock::now_ns;

/// Readings at least as often as asked for; none until then.
#[derive(Debug, Default)]
pub(super) struct CpuReadings {
    every: Option<Duration>,
    last: Option<Instant>,
    /// Time of CLOCK_MONOTONIC, and CPU time used until then.
    readings_ns: Vec<(u64, u64)>,
}

impl CpuReadings {
    /// Reads now, and from now on so often.
    pub(super) fn every(&mut self, every: Duration) {
        self.every = Some(every);
        self.note();
    }

    /// Reads once more, and then no more.
    pub(super) fn stop(&mut self) {
        self.note();
        self.every = None;
    }

    /// Reads if it is time to.
    pub(super) fn note_if_due(&mut self) {
        if self.every.is_some() && self.next().is_zero() {
            self.note();
        }
    }

    /// How long until the next reading is due.
    pub(super) fn next(&self) -> Duration {
        let since = self.last.map_or(Duration::MAX, |last| last.elapsed());
        self.every.map_or(Duration::MAX, |every| every.saturating_sub(since))
    }

    /// All readings, ascending.
    pub(super) fn take(&mut self) -> Vec<(u64, u64)> {
        std::mem::take(&mut self.readings_ns)
    }

    fn note(&mut self) {
        self.last = Some(Instant::now());
        // As in the window's accounts, without the supervisor's own.
        let usage = account::usage().without(&account::usage_of_thread());
        self.readings_ns.push((now_ns(), usage.user_ns + usage.system_ns));
    }
}
