//! What reading the clock costs: every stamp of a request is one.

use std::hint::black_box;

use measurement::clock::now_ns;

use super::Probe;

/// Reads timed together: one alone is shorter than the clock's own steps on some machines.
const BATCH: u64 = 256;

pub(super) const PROBE: Probe = Probe {
    name: "clock-read",
    doc: "reading CLOCK_MONOTONIC once",
    unit: "ns",
    run: |ground| {
        ground.sample(|| {
            let began = now_ns();
            for _ in 1..BATCH {
                black_box(now_ns());
            }
            Ok((now_ns() - began) / BATCH)
        })
    },
};
