//! The phases of a closed loop.
//!
//! Warm-up lasts until its least time, two upstream p99s and two generations have passed (a
//! generation is as many completions as there are places); the window until its least time and
//! five generations, at most four times its least time.

use std::sync::Arc;
use std::time::Duration;

use scenario::Phase;

use super::{Course, Ended, Supervisor, Watch};

const WARMUP_GENERATIONS: u64 = 2;
const WINDOW_GENERATIONS: u64 = 5;
/// Warm-up and window last at most so many times their least length.
const CAP_FACTOR: u32 = 4;

impl Supervisor<'_> {
    /// Keeps the phases of a closed loop with so many places.
    pub(super) fn closed(&mut self, concurrency: u32, watch: &mut Watch<'_>) -> Course {
        let (counters, spec) = (Arc::clone(self.counters), self.spec);
        let generation = u64::from(concurrency);
        let least = spec.warmup.max(2 * spec.upstream_p99);
        let warm = |late: bool| {
            let ended = counters.ended() >= WARMUP_GENERATIONS * generation;
            late && (ended || counters.is_full(Phase::Warmup))
        };
        let cap = (CAP_FACTOR * spec.warmup).max(least);
        if let Ended::Broken = self.wait(watch, least, cap, &warm) {
            return Course { window: None, generations_cut: false, settles: true };
        }
        counters.begin_window();
        let (window, ended) = self.window(|own, start| {
            let full_generations = start.ended + WINDOW_GENERATIONS * generation;
            // A full window takes no more records: what is there has to do.
            let measured = |late: bool| {
                counters.is_full(Phase::Window) || late && counters.ended() >= full_generations
            };
            let cap = CAP_FACTOR * spec.duration;
            let ended = own.wait(watch, spec.duration, cap, &measured);
            counters.end_window();
            ended
        });
        let generations_cut = matches!(ended, Ended::Capped);
        match ended {
            Ended::Broken => {}
            // Latency is censored already: there is no tail worth waiting long for.
            Ended::Capped => self.cool_down(watch, spec.duration.min(self.upstreams.timeout)),
            Ended::Reached => {
                let rate = (window.end.ended - window.start.ended).max(1) as f64 / window.seconds();
                let two_generations = Duration::from_secs_f64(2.0 * generation as f64 / rate);
                let longest = self.upstreams.timeout + self.upstreams.hurdles.longest();
                let cap = longest.max(two_generations);
                self.cool_down(watch, cap + Duration::from_millis(100));
            }
        }
        Course { window: Some(window), generations_cut, settles: !generations_cut }
    }

    fn cool_down(&mut self, watch: &mut Watch<'_>, cap: Duration) {
        let counters = Arc::clone(self.counters);
        let drained = |_| !counters.is_recording() || counters.window_in_flight() == 0;
        self.wait(watch, Duration::ZERO, cap, &drained);
    }
}
