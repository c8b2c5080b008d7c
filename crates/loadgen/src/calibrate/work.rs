//! How much CPU work a microsecond is: measured once per run where it asks for some, so that a
//! time in a scenario becomes a count of iterations, the same work for every request.
//!
//! Not one of the probes of `loadgen calibrate`: what counts is the best of many short
//! measurements, since whatever disturbs one only makes it longer.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use measurement::clock::now_ns;
use measurement::hurdles::WorkRate;

use crate::conductor::cpus::Split;
use crate::conductor::post::{self, Post};
use crate::exit::Exit;

/// For so long it is measured, after as long a time in which a CPU may reach its speed.
const TIME: Duration = Duration::from_millis(100);
/// Iterations of a single measurement: about a tenth of a millisecond. Short enough that some
/// are disturbed by nothing, long enough for the clock.
const BATCH: u64 = 100_000;

/// The post of the child that measures: a trial's.
pub(crate) fn post(split: &Split) -> Post {
    Post::new(&split.client, split.client_standing())
}

/// Reads what the child printed.
pub(crate) fn read(text: &str) -> Result<WorkRate> {
    serde_json::from_str(text).with_context(|| format!("the CPU work’s child printed {text:?}"))
}

/// The child's process.
pub(crate) fn child() -> Result<Exit> {
    let _: Post = post::receive()?;
    let mut text = serde_json::to_vec(&measure())?;
    text.push(b'\n');
    std::io::stdout().lock().write_all(&text)?;
    Ok(Exit::Done)
}

/// Iterations per microsecond, by the shortest of all measurements.
fn measure() -> WorkRate {
    let began = Instant::now();
    while began.elapsed() < TIME {
        client::spin(BATCH);
    }
    let (mut best_ns, mut measurements) = (u64::MAX, 0);
    while began.elapsed() < 2 * TIME || measurements == 0 {
        let from_ns = now_ns();
        client::spin(BATCH);
        best_ns = best_ns.min(now_ns() - from_ns);
        measurements += 1;
    }
    WorkRate { iterations_per_us: BATCH as f64 * 1e3 / best_ns.max(1) as f64, measurements }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_measured_and_survives_its_way() {
        let rate = measure();
        // An iteration is three shifts and three exclusive ors, each waiting for the one before.
        assert!((1.0..10_000.0).contains(&rate.iterations_per_us), "{rate:?}");
        assert!(rate.measurements > 0);
        let text = serde_json::to_string(&rate).expect("is JSON");
        assert_eq!(read(&text).expect("reads back"), rate);
        assert!(read("").is_err());
    }
}
