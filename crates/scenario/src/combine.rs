//! `[combine]`: what one request does with its two fetches, and what else it has to do.

use std::time::Duration;

/// `[combine]`: what one request does.
#[derive(Debug, Clone, PartialEq)]
pub struct Combine {
    /// Deadline of each fetch over connect, response and body.
    pub timeout: Duration,
    /// Whether a fetch may reuse a connection.
    pub connections: Connections,
    /// CPU time that combining two answers takes besides parsing them, on an idle CPU; zero: none.
    pub work: Duration,
    /// A blocking call inside some requests.
    pub blocking: Option<Blocking>,
    /// A table that all requests share.
    pub shared_state: Option<SharedState>,
}

/// Whether connections are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// Idle connections are kept for reuse, last used first.
    KeepAlive,
    /// Every fetch opens a connection and closes it.
    PerRequest,
}

/// `blocking = { every, duration, via }`: some requests block the thread that they run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocking {
    /// The requests whose id is a multiple of this block; 1: all.
    pub every: u64,
    /// For how long.
    pub duration: Duration,
    /// On which thread.
    pub via: Via,
}

/// Where a blocking call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// On the thread that runs the request; in async models that is a runtime worker.
    Inline,
    /// On a thread of the runtime's blocking pool. Models without a runtime block their own
    /// thread: nobody else waits for it.
    SpawnBlocking,
}

/// `shared_state = { guard, hold, write_ratio, keys }`: every request reads or writes one entry of
/// a table of last answers.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedState {
    /// What guards the table: a name in the registry the scenario was parsed with.
    pub guard: String,
    /// CPU time spent with the entry in hand.
    pub hold: Duration,
    /// Share of requests that write, 0 to 1.
    pub write_ratio: f64,
    /// Entries of the table.
    pub keys: u32,
}

impl Combine {
    /// Whether a request does CPU work of a stated length: one that has to be calibrated.
    pub fn spins(&self) -> bool {
        let hold = self.shared_state.as_ref().map_or(Duration::ZERO, |state| state.hold);
        !(self.work.is_zero() && hold.is_zero())
    }

    /// How long a request blocks, on average over all of them.
    pub fn blocking_mean(&self) -> Duration {
        self.blocking.map_or(Duration::ZERO, |blocking| {
            blocking.duration.div_f64(blocking.every.max(1) as f64)
        })
    }
}

impl Via {
    /// The word in a scenario file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::SpawnBlocking => "spawn-blocking",
        }
    }
}

impl Default for Combine {
    /// What a scenario without `[combine]` has.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            connections: Connections::KeepAlive,
            work: Duration::ZERO,
            blocking: None,
            shared_state: None,
        }
    }
}
