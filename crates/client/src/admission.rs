//! Stops before the OS would refuse: threads, descriptors, ports.
//!
//! Rust aborts the process when a started thread cannot map its signal stack, so a model asks here
//! before it starts threads. The first refusal is noted and ends the trial as `exhausted`.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use measurement::limits::{self, Limit};
use measurement::row::Exhausted;
use rustix::io::Errno;

use crate::thread_time::ThreadTimes;

/// What ran out first, if anything did.
#[derive(Debug)]
pub(crate) struct Exhaustion {
    first: OnceLock<Exhausted>,
    sockets: Limit,
    /// Wakes the trial's supervisor.
    supervisor: std::thread::Thread,
}

impl Exhaustion {
    /// Nothing ran out yet. Made on the supervisor's own thread, which a refusal wakes.
    pub(crate) fn new(sockets: Limit) -> Self {
        Self { first: OnceLock::new(), sockets, supervisor: std::thread::current() }
    }

    /// What ran out first.
    pub(crate) fn get(&self) -> Option<&Exhausted> {
        self.first.get()
    }

    /// Notes that the socket limit was reached with `open` sockets.
    pub(crate) fn descriptors(&self, open: u64) {
        self.note("descriptors", open, &self.sockets);
    }

    /// Notes it if the OS refused a socket for want of descriptors or ports.
    pub(crate) fn refused(&self, error: &io::Error) {
        let refused = || Limit { limit: 0, because: format!("the OS refused: {error}") };
        match Errno::from_io_error(error) {
            Some(Errno::MFILE | Errno::NFILE) => self.note("descriptors", 0, &refused()),
            // The kernel has looked at every port and found none to lend.
            Some(Errno::ADDRNOTAVAIL) => {
                let ports = limits::ports().unwrap_or_else(refused);
                self.note("ports", ports.limit, &ports);
            }
            _ => {}
        }
    }

    fn note(&self, resource: &str, reached: u64, limit: &Limit) {
        let noted = self.first.set(Exhausted {
            resource: resource.to_owned(),
            reached,
            limit: limit.limit,
            because: limit.because.clone(),
            // The supervisor, who knows, fills it in.
            in_flight: 0,
        });
        if noted.is_ok() {
            self.supervisor.unpark();
        }
    }
}

/// Threads of the model: how many are alive, how many may be.
#[derive(Debug)]
pub(crate) struct Threads {
    alive: AtomicU64,
    peak: AtomicU64,
    spawned: AtomicU64,
    limit: Limit,
    exhaustion: std::sync::Arc<Exhaustion>,
    times: ThreadTimes,
}

impl Threads {
    /// No thread alive yet.
    pub(crate) fn new(limit: Limit, exhaustion: std::sync::Arc<Exhaustion>) -> Self {
        Self {
            alive: AtomicU64::new(0),
            peak: AtomicU64::new(0),
            spawned: AtomicU64::new(0),
            limit,
            exhaustion,
            times: ThreadTimes::default(),
        }
    }

    /// Admits `count` threads that are about to be started; `false`: do not start them.
    pub(crate) fn admit(&self, count: u64) -> bool {
        let alive = self.alive.fetch_add(count, Ordering::Relaxed) + count;
        if alive > self.limit.limit {
            self.alive.fetch_sub(count, Ordering::Relaxed);
            self.exhaustion.note("threads", alive - count, &self.limit);
            return false;
        }
        self.peak.fetch_max(alive, Ordering::Relaxed);
        self.spawned.fetch_add(count, Ordering::Relaxed);
        true
    }

    /// Says that `count` admitted threads have ended.
    pub(crate) fn ended(&self, count: u64) {
        self.alive.fetch_sub(count, Ordering::Relaxed);
    }

    /// Notes that the OS refused a thread although admission had allowed it.
    pub(crate) fn refused(&self, error: &io::Error) {
        let because = format!("the OS refused: {error}");
        let alive = self.alive.load(Ordering::Relaxed);
        self.exhaustion.note("threads", alive, &Limit { limit: self.limit.limit, because });
    }

    /// Where the life of a request's own threads goes.
    pub(crate) fn times(&self) -> &ThreadTimes {
        &self.times
    }

    /// Most admitted threads alive at once.
    pub(crate) fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }

    /// Threads admitted so far.
    pub(crate) fn spawned(&self) -> u64 {
        self.spawned.load(Ordering::Relaxed)
    }
}
