//! What a connection held in delay costs the mock in user memory.
//!
//! `cargo bench -p upstream --bench memory [-- ROUNDS]`: a fresh mock for each level, whose every
//! connection has a request in a delay that outlasts the measurement; the slope between the levels
//! is the cost of one. It judges nothing.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "lab/child.rs"]
mod child;
#[path = "lab/client.rs"]
mod client;
#[path = "lab/machine.rs"]
mod machine;
#[path = "lab/mock.rs"]
mod mock;
#[path = "lab/table.rs"]
mod table;

use std::error::Error;
use std::fs;
use std::thread::sleep;
use std::time::Duration;

use child::Child;

const TIMERS: [&str; 3] = ["hybrid", "timerfd", "tokio"];
const LEVELS: [u32; 2] = [1_000, 9_000];
const DELAY: &str = "60s";
/// Requests start spread over this time.
const SPREAD: Duration = Duration::from_millis(500);

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(words) = child::words()? {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        return match words[..] {
            ["mock", timer] => {
                let (report, _) = mock::serve([DELAY, "1KiB", timer], false)?;
                println!("{}", report.stats.pending);
                Ok(())
            }
            ["client", address, connections, spread_ms] => {
                client::drive([address, connections, spread_ms])
            }
            _ => Err(format!("no child is called {words:?}").into()),
        };
    }
    let rounds = std::env::args().find_map(|word| word.parse::<usize>().ok()).unwrap_or(3).max(1);
    let cpus = machine::cpus()?;
    machine::introduce(cpus);
    machine::pin(cpus[0])?;
    let mut kib: [[Vec<f64>; 2]; 3] = Default::default();
    for _ in 0..rounds {
        for (timer, of_timer) in TIMERS.into_iter().zip(&mut kib) {
            for (level, of_level) in LEVELS.into_iter().zip(of_timer) {
                of_level.push(anonymous_kib(cpus, timer, level)?);
            }
        }
    }
    println!(
        "Anonymous resident memory (RssAnon) of the mock with so many connections held in delay, \
         KiB, and the slope between them; medians of {rounds} round(s).\n"
    );
    let rows = TIMERS.iter().zip(&mut kib).map(|(timer, of_timer)| {
        let mut slopes: Vec<f64> = of_timer[0]
            .iter()
            .zip(&of_timer[1])
            .map(|(low, high)| (high - low) / f64::from(LEVELS[1] - LEVELS[0]))
            .collect();
        let [low, high] = of_timer;
        vec![
            (*timer).to_owned(),
            format!("{:.0}", table::quantile(low, 0.5)),
            format!("{:.0}", table::quantile(high, 0.5)),
            format!("{:.2}", table::quantile(&mut slopes, 0.5)),
        ]
    });
    let head = LEVELS.map(|level| format!("{level} held"));
    let head = ["timer", &head[0], &head[1], "KiB a connection"];
    table::print(&head, &rows.collect::<Vec<_>>());
    Ok(())
}

/// `RssAnon` of a fresh mock that holds so many, in KiB.
fn anonymous_kib(
    [load, measured]: [usize; 2],
    timer: &str,
    level: u32,
) -> Result<f64, Box<dyn Error>> {
    let mock = Child::start(measured, &["mock", timer])?;
    let words = ["client", &mock.ready, &level.to_string(), &SPREAD.as_millis().to_string()];
    let client = Child::start(load, &words)?;
    sleep(SPREAD * 3);
    let status = fs::read_to_string(format!("/proc/{}/status", mock.pid()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|line| line.split_ascii_whitespace().next()).ok_or("no RssAnon")?;
    let kib = kib.parse()?;
    let pending = mock.end("")?;
    client.end("")?;
    if pending.trim() != level.to_string() {
        return Err(format!("only {} of {level} were held", pending.trim()).into());
    }
    Ok(kib)
}
