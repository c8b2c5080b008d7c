//! How late a sleep ends on an idle CPU of the client.

use anyhow::Result;
use measurement::clock::now_ns;
use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, Timespec};

use super::{Ground, Probe};

/// Sleeps begin this far apart, the next one a little later each time, so that no tick of the
/// machine stays in step with them.
const SLEEP_NS: u64 = 200_000;
const DRIFT_NS: u64 = 1_237;

pub(super) const PROBE: Probe = Probe {
    name: "timer-lateness",
    doc: "how late a sleep to an absolute time (clock_nanosleep) ends on an idle CPU of the client",
    unit: "us",
    run,
};

fn run(ground: &Ground) -> Result<Vec<u64>> {
    // As the client's own waits: without it Linux adds 50 us.
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1));
    let mut round = 0;
    ground.sample(|| {
        round = (round + 1) % 64;
        let due = now_ns() + SLEEP_NS + round * DRIFT_NS;
        let at = Timespec {
            tv_sec: (due / 1_000_000_000).cast_signed(),
            tv_nsec: (due % 1_000_000_000).cast_signed(),
        };
        while now_ns() < due {
            // Woken early by a signal: sleep again.
            let _ = clock_nanosleep_absolute(ClockId::Monotonic, &at);
        }
        Ok(now_ns() - due)
    })
}
