//! Where the life of short-lived threads goes: running, runnable, waiting.
//!
//! One request in [`EVERY`] has its threads read their own scheduler statistics as they end; the
//! others pay nothing. Long-lived threads are read by the supervisor at the window's ends.

use std::sync::atomic::{AtomicU64, Ordering};

use measurement::account;
use measurement::clock::now_ns;
use measurement::output::ThreadTime;
use scenario::Phase;

/// One request in so many is sampled.
const EVERY: u64 = 64;

/// Sums over the sampled requests' threads.
#[derive(Debug, Default)]
pub(crate) struct ThreadTimes {
    requests: AtomicU64,
    life_ns: AtomicU64,
    running_ns: AtomicU64,
    runnable_ns: AtomicU64,
}

impl ThreadTimes {
    /// Whether the threads of this request are sampled: some of the window's are.
    pub(crate) fn samples(id: u64) -> bool {
        Phase::of(id) == Some(Phase::Window) && Phase::index(id).is_multiple_of(EVERY)
    }

    /// Adds the calling thread, which began at `began_ns` and is about to end.
    pub(crate) fn add_this_thread(&self, began_ns: u64) {
        let Some(times) = account::thread_times("/proc/thread-self/schedstat") else { return };
        self.life_ns.fetch_add(now_ns().saturating_sub(began_ns), Ordering::Relaxed);
        self.running_ns.fetch_add(times.running_ns, Ordering::Relaxed);
        self.runnable_ns.fetch_add(times.runnable_ns, Ordering::Relaxed);
    }

    /// Says that all threads of one more request have been added.
    pub(crate) fn add_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// The sums, where any request was sampled.
    pub(crate) fn get(&self) -> Option<ThreadTime> {
        let requests = self.requests.load(Ordering::Relaxed);
        (requests > 0).then(|| ThreadTime {
            requests,
            life_ns: self.life_ns.load(Ordering::Relaxed),
            running_ns: self.running_ns.load(Ordering::Relaxed),
            runnable_ns: self.runnable_ns.load(Ordering::Relaxed),
        })
    }
}

/// The scheduler statistics of this process's long-lived threads, by thread, less the caller's.
#[derive(Debug, Default)]
pub(crate) struct LongLived(Vec<(u32, account::ThreadTimes)>);

impl LongLived {
    /// Reads every thread of the process but the calling one.
    pub(crate) fn read() -> Self {
        let own = rustix::thread::gettid().as_raw_nonzero().get().cast_unsigned();
        let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Self::default() };
        let ids = tasks.flatten().filter_map(|task| task.file_name().to_str()?.parse().ok());
        let others = ids.filter(|&id: &u32| id != own);
        Self(
            others
                .filter_map(|id| {
                    let path = format!("/proc/self/task/{id}/schedstat");
                    Some((id, account::thread_times(&path)?))
                })
                .collect(),
        )
    }

    /// What the threads alive at both ends did in between, for so many requests.
    pub(crate) fn until(&self, end: &Self, window_ns: u64, requests: u64) -> Option<ThreadTime> {
        let mut sum = ThreadTime { requests, ..ThreadTime::default() };
        for (id, from) in &self.0 {
            let Some((_, to)) = end.0.iter().find(|(other, _)| other == id) else { continue };
            sum.life_ns += window_ns;
            sum.running_ns += to.running_ns.saturating_sub(from.running_ns);
            sum.runnable_ns += to.runnable_ns.saturating_sub(from.runnable_ns);
        }
        (requests > 0 && sum.life_ns > 0).then_some(sum)
    }
}
