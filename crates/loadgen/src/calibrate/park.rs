//! How long a parked thread on another CPU takes to run again once it is woken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::Result;
use measurement::clock::now_ns;

use super::{Ground, Probe};
use crate::conductor::cpus;

pub(super) const PROBE: Probe = Probe {
    name: "wake-up/park",
    doc: "waking a parked thread (a futex) on the mock's CPU from the client's, one way",
    unit: "us",
    run,
};

/// The last round of all.
const END: u64 = u64::MAX;

fn run(ground: &Ground) -> Result<Vec<u64>> {
    let (asked, answered) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let waiting = thread::current();
    let upstream = ground.upstream.clone();
    let (theirs, ours) = (Arc::clone(&asked), Arc::clone(&answered));
    let other = thread::spawn(move || {
        // Where it may not move, both share a CPU: the figure is then a switch, not a wake-up.
        let _ = cpus::pin(&upstream);
        let mut seen = 0;
        while seen != END {
            let round = theirs.load(Ordering::Acquire);
            if round == seen {
                thread::park();
                continue;
            }
            seen = round;
            ours.store(round, Ordering::Release);
            waiting.unpark();
        }
    });
    let mut round = 0;
    let samples = ground.sample(|| {
        round += 1;
        let began = now_ns();
        asked.store(round, Ordering::Release);
        other.thread().unpark();
        while answered.load(Ordering::Acquire) != round {
            thread::park();
        }
        Ok((now_ns() - began) / 2)
    });
    asked.store(END, Ordering::Release);
    other.thread().unpark();
    let _ = other.join();
    samples
}
