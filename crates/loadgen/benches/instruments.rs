//! What the instruments cost the `tokio` model: records, counters, sums, stamps of the time budget,
//! the supervisor's samples and naps. With them and without, side by side.
//!
//! `cargo bench -p loadgen --bench instruments [-- ROUNDS]`: client on the first CPU, mock on the
//! second, no delay, so that nothing but the requests themselves hides the cost. Instructions come
//! from valgrind's callgrind, where it is installed; they repeat to a fraction of a percent. CPU
//! time comes from interleaved pairs of runs. It judges nothing.
//!
//! Without instruments a trial counts requests as they start and end, which is what drives the
//! load, and reads its accounts at the window's two ends; nothing else.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "instruments/callgrind.rs"]
mod callgrind;
#[expect(dead_code, reason = "other benchmarks look a child up by its id")]
#[path = "../../upstream/benches/lab/child.rs"]
mod child;
#[path = "../../upstream/benches/lab/machine.rs"]
mod machine;
#[path = "../../upstream/benches/lab/table.rs"]
mod table;
#[path = "instruments/trial.rs"]
mod trial;

use std::error::Error;

use child::Child;
use report::stats::paired_ratio;
use trial::{Ask, Told};

/// Pairs of runs by default; an interval wants seven or more.
const ROUNDS: u32 = 11;
/// Window of a run whose CPU time is taken.
const WINDOW_MS: u64 = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(words) = child::words()? {
        return trial::be(&words);
    }
    let rounds = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(ROUNDS).max(1);
    let cpus = machine::cpus()?;
    machine::introduce(cpus);
    let mock = Child::start(cpus[1], &["mock"])?;
    let mut rows = Vec::new();
    let counted = callgrind::is_there();
    if counted {
        rows.push(callgrind::row(cpus[0], &mock.ready)?);
    }
    rows.push(cpu_row(cpus[0], &mock.ready, rounds)?);
    mock.end("")?;
    println!(
        "`tokio`, no delay, bodies of 128 bytes, {} requests in flight; {rounds} pair(s) of runs of \
         {} s, each kind first in every other pair.\n",
        trial::CONCURRENCY,
        WINDOW_MS / 1_000
    );
    table::print(&["per request", "with", "without", "with ÷ without", "95 % interval"], &rows);
    let note = if counted {
        callgrind::note()
    } else {
        "No instructions: valgrind is not on the path.".to_owned()
    };
    println!("{note} CPU time: the whole process's, in user mode and in the kernel.\n");
    println!("Target: at most 1.03.");
    Ok(())
}

/// CPU time per request of the whole process, supervisor included, in pairs of runs.
fn cpu_row(cpu: usize, mock: &str, rounds: u32) -> Result<Vec<String>, Box<dyn Error>> {
    let run = |recording| -> Result<f64, Box<dyn Error>> {
        Ok(Ask { recording, window_ms: WINDOW_MS }.run(cpu, mock)?.cpu_us())
    };
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        // Each goes first as often as the other.
        if round % 2 == 0 {
            with.push((round, run(true)?));
            without.push((round, run(false)?));
        } else {
            without.push((round, run(false)?));
            with.push((round, run(true)?));
        }
    }
    let middle = |all: &[(u32, f64)]| {
        table::quantile(&mut all.iter().map(|&(_, us)| us).collect::<Vec<_>>(), 0.5)
    };
    let (of_with, of_without) = (middle(&with), middle(&without));
    let interval = paired_ratio(&with, &without).and_then(|ratio| ratio.interval);
    Ok(vec![
        "CPU time, us (medians)".to_owned(),
        format!("{of_with:.2}"),
        format!("{of_without:.2}"),
        format!("{:.3}", of_with / of_without),
        interval.map_or_else(
            || "fewer than three pairs".to_owned(),
            |(low, high)| format!("{low:.3} to {high:.3}"),
        ),
    ])
}

impl Told {
    fn cpu_us(&self) -> f64 {
        self.window_cpu_ns as f64 / 1e3 / self.window_requests.max(1) as f64
    }
}
