//! What a trial process hands over when it ends: its account, then its records.

use std::io::{BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use crate::record::RequestRecord;
use crate::row::Exhausted;
use crate::stamps::{RequestStamps, Sample};
use crate::{Error, Result};

/// The account of one trial, without its records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Window's start and end; absent where the trial never came to its window.
    pub window: Option<Window>,
    /// Requests started per phase: warm-up, window, cool-down.
    pub started: [u64; 3],
    /// Arrivals per phase that were not started, because too many others were in flight.
    #[serde(default)]
    pub shed: [u64; 3],
    /// Open loop: how its schedule was run.
    #[serde(default)]
    pub open: Option<OpenAccount>,
    /// Admission stopped, or the OS refused.
    pub exhausted: Option<Exhausted>,
    /// The window's cap came before its generations.
    pub generations_cut: bool,
    /// When load began and ended, CLOCK_MONOTONIC.
    pub load_ns: (u64, u64),
    /// Peak resident memory above the baseline.
    pub rss_peak_bytes: Option<u64>,
    /// Peak kernel memory of the machine above the baseline.
    pub kernel_memory_bytes: Option<u64>,
    /// Most threads alive at once, without the supervisor that every trial has.
    pub threads_peak: u64,
    /// Connections opened over the whole trial.
    pub connects: u64,
    /// Idle connections found closed by the upstream.
    pub stale_connections: u64,
    /// Workers of the model's blocking pool, where it has one.
    pub pool_workers: Option<u64>,
    /// What its requests did besides fetching.
    #[serde(default)]
    pub besides: Besides,
    /// Highest nesting of requests on one worker's stack.
    pub join_depth_max: Option<u64>,
    /// Where the life of the threads goes.
    #[serde(default)]
    pub thread_time: Option<ThreadTime>,
    /// Requests ended per phase: warm-up, window, cool-down.
    #[serde(default)]
    pub ended: [u64; 3],
    /// When the process was stopped: noticed by its supervisor, which sleeps in short naps.
    #[serde(default)]
    pub stops: Vec<Stop>,
    /// CPUs the process may use.
    pub cpus: u32,
    /// Remarks for the row.
    pub notes: Vec<String>,
}

/// What the requests of a trial did besides fetching, as the trial's process knows it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Default)]
pub struct Besides {
    /// Iterations of CPU work per request.
    pub work_iterations: u64,
    /// How long a request kept a worker of the model's pool besides its fetches, on average over
    /// all requests and as the scenario states it, nanoseconds.
    pub pool_ns: f64,
    /// Event loops that requests share, where they are tasks that leave theirs to others while
    /// they fetch.
    pub event_loops: Option<u64>,
}

/// A time in which the process did not run although it was due, and was in no queue for a CPU:
/// stopped by a signal, frozen, or its virtual CPU not run by the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// When it ran again, CLOCK_MONOTONIC.
    pub until_ns: u64,
    /// How long it had been due.
    pub length_ns: u64,
}

/// How the schedule of an open loop was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct OpenAccount {
    /// The schedule's beginning, CLOCK_MONOTONIC.
    pub began_ns: u64,
    /// CPU time of the process (second) at times (first) over the window, ascending.
    pub cpu_ns: Vec<(u64, u64)>,
}

/// Life of threads, summed, and the requests it served. What is neither running nor runnable is
/// waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ThreadTime {
    /// Requests served by it: all of the window, or those sampled.
    pub requests: u64,
    /// Thread-time in all.
    pub life_ns: u64,
    /// Of it on a CPU.
    pub running_ns: u64,
    /// Of it ready, waiting for a CPU.
    pub runnable_ns: u64,
}

/// The measured window between two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// At its start.
    pub start: Snapshot,
    /// At its end.
    pub end: Snapshot,
}

/// Counters at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Default)]
pub struct Snapshot {
    /// CLOCK_MONOTONIC.
    pub at_ns: u64,
    /// Requests ended since the load began.
    pub ended: u64,
    /// Requests in flight.
    pub in_flight: u64,
    /// ∫ in-flight dt since the load began, nanoseconds, from the counters alone.
    pub in_flight_ns: i128,
    /// CPU time of the process in user mode; its supervisor, which is the instrument, left out
    /// here and in the three that follow.
    pub cpu_user_ns: u64,
    /// CPU time of the process in the kernel.
    pub cpu_system_ns: u64,
    /// CPU time of the supervisor's thread, which the two above leave out.
    #[serde(default)]
    pub supervisor_cpu_ns: u64,
    /// Voluntary context switches.
    pub ctx_voluntary: u64,
    /// Involuntary context switches.
    pub ctx_involuntary: u64,
    /// Threads the model has started.
    pub threads_spawned: u64,
    /// Time for which requests of a pool were held up by others on their worker's stack, summed.
    #[serde(default)]
    pub nested_ns: u64,
    /// CPU time of the mock's process.
    pub upstream_cpu_ns: Option<u64>,
    /// Processes and threads started on the machine since boot.
    pub kernel_forks: Option<u64>,
    /// CPU time stolen by the hypervisor since boot, all CPUs, in ticks of 10 ms.
    pub steal_ticks: Option<u64>,
    /// Time since boot in which some runnable task of the machine had no CPU, microseconds.
    #[serde(default)]
    pub pressure_us: Option<u64>,
}

impl Window {
    /// Its length in seconds.
    pub fn seconds(&self) -> f64 {
        self.end.at_ns.saturating_sub(self.start.at_ns) as f64 / 1e9
    }
}

/// All that a trial process hands over.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialOutput {
    /// The account.
    pub account: Account,
    /// Records of the warm-up's requests, by number.
    pub warmup: Vec<RequestRecord>,
    /// Records of the window's requests, by id. One that was shed has never started.
    pub window: Vec<RequestRecord>,
    /// Stamps of a sample of the window's requests.
    pub sample: Sample,
    /// Open loop: records of the cool-down's first requests. They are due after the window and may
    /// start, even end, before the supervisor comes to read its accounts.
    pub cooldown: Vec<RequestRecord>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    account: Account,
    counts: Counts,
}

/// How much follows the head line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Counts {
    /// Records of the warm-up.
    pub warmup: usize,
    /// Records of the window.
    pub window: usize,
    /// Records of the cool-down.
    pub cooldown: usize,
    /// Stamps of sampled requests.
    pub stamps: usize,
    /// Distance between sampled ids.
    pub every: u64,
}

/// Writes the head line: what follows is the records of each phase, then `stamps` stamps, each by
/// [`write_words`].
pub fn write_head(out: &mut impl Write, account: &Account, counts: Counts) -> std::io::Result<()> {
    let head = Head { account: account.clone(), counts };
    serde_json::to_writer(&mut *out, &head)?;
    out.write_all(b"\n")
}

/// Writes one record, or one request's stamps, as little-endian words.
pub fn write_words<const WORDS: usize>(
    out: &mut impl Write,
    words: &[u64; WORDS],
) -> std::io::Result<()> {
    words.iter().try_for_each(|word| out.write_all(&word.to_le_bytes()))
}

impl TrialOutput {
    /// Reads records after their head line.
    pub fn read(head: &str, input: &mut impl BufRead) -> Result<Self> {
        let head: Head = serde_json::from_str(head)
            .map_err(|error| stream(format!("its account does not parse: {error}")))?;
        let Counts { warmup, window, cooldown, stamps, every } = head.counts;
        Ok(Self {
            warmup: read_records(input, warmup)?,
            window: read_records(input, window)?,
            cooldown: read_records(input, cooldown)?,
            sample: Sample { every, stamps: read_stamps(input, stamps)? },
            account: head.account,
        })
    }
}

fn read_records(input: &mut impl Read, count: usize) -> Result<Vec<RequestRecord>> {
    (0..count)
        .map(|number| RequestRecord::from_words(&read_words(input, "record", number, count)?))
        .collect()
}

fn read_stamps(input: &mut impl Read, count: usize) -> Result<Vec<RequestStamps>> {
    (0..count)
        .map(|number| {
            let words = read_words(input, "the stamps of sample", number, count)?;
            Ok(RequestStamps::from_words(&words))
        })
        .collect()
}

fn read_words<const WORDS: usize>(
    input: &mut impl Read,
    what: &str,
    number: usize,
    count: usize,
) -> Result<[u64; WORDS]> {
    let mut words = [0; WORDS];
    for word in &mut words {
        let mut le = [0; 8];
        input
            .read_exact(&mut le)
            .map_err(|error| stream(format!("ended at {what} {number} of {count}: {error}")))?;
        *word = u64::from_le_bytes(le);
    }
    Ok(words)
}

fn stream(problem: String) -> Error {
    Error::Stream { from: "the trial", problem }
}
