//! What one worker writes down: counters that any thread may read, and its part of the log.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use measurement::exchange::{Exchange, Fate};
use scenario::{FaultKind, Upstream};

use crate::histogram::Histogram;

/// Entries in a chunk of the log. A list that doubled would stop the event loop for as long as
/// it takes to copy megabytes; chunks never move.
const CHUNK: usize = 4_096;

/// A count that one thread writes and any may read.
#[derive(Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    /// Adds one. Only the owning thread may call this: no locked instruction.
    pub(crate) fn add(&self) {
        self.0.store(self.0.load(Relaxed) + 1, Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// One worker's counters, on cache lines that no other worker writes.
#[repr(align(128))]
pub(crate) struct Counters {
    /// By position of the upstream.
    pub(crate) upstreams: Vec<UpstreamCounters>,
    pub(crate) connections: Count,
    pub(crate) accept_refused: Count,
    /// Connections ended for a request that is not HTTP, or too large a head.
    pub(crate) bad_requests: Count,
    /// Requests with an id that is no number.
    pub(crate) bad_ids: Count,
    /// Requests for a path that is not served, or with a method that is not.
    pub(crate) not_found: Count,
    /// Connections closed because nothing came for too long.
    pub(crate) timed_out: Count,
    /// Held − requested − stalled of every delayed answer, ns.
    pub(crate) hold_error: Histogram,
    /// Turns of the event loop, ns.
    pub(crate) turn: Histogram,
}

/// The counters of one upstream at one worker.
#[repr(align(128))]
pub(crate) struct UpstreamCounters {
    pub(crate) received: Count,
    pub(crate) answered: Count,
    pub(crate) abandoned: Count,
    pub(crate) pending: Count,
    /// By position in the upstream's list of faults.
    pub(crate) faults: Vec<(FaultKind, Count)>,
}

impl Counters {
    pub(crate) fn new(upstreams: &[Upstream]) -> Self {
        Self {
            upstreams: upstreams.iter().map(UpstreamCounters::new).collect(),
            connections: Count::default(),
            accept_refused: Count::default(),
            bad_requests: Count::default(),
            bad_ids: Count::default(),
            not_found: Count::default(),
            timed_out: Count::default(),
            hold_error: Histogram::new(),
            turn: Histogram::new(),
        }
    }

    /// Counts an exchange that has ended.
    pub(crate) fn ended(&self, entry: &Exchange) {
        let upstream = &self.upstreams[usize::from(entry.upstream)];
        match entry.fate {
            Fate::Answered => {
                upstream.answered.add();
                if entry.requested_ns > 0 {
                    self.hold_error.record(entry.late_ns());
                }
            }
            Fate::Abandoned => upstream.abandoned.add(),
            Fate::Pending => upstream.pending.add(),
        }
    }
}

impl UpstreamCounters {
    fn new(upstream: &Upstream) -> Self {
        let mut kinds: Vec<FaultKind> = Vec::new();
        for fault in &upstream.faults {
            if !kinds.contains(&fault.kind) {
                kinds.push(fault.kind);
            }
        }
        Self {
            received: Count::default(),
            answered: Count::default(),
            abandoned: Count::default(),
            pending: Count::default(),
            faults: kinds.into_iter().map(|kind| (kind, Count::default())).collect(),
        }
    }

    /// Counts a fault that was drawn.
    pub(crate) fn fault(&self, kind: FaultKind) {
        if let Some((_, count)) = self.faults.iter().find(|(known, _)| *known == kind) {
            count.add();
        }
    }
}

/// One worker's part of the log.
pub(crate) struct Log {
    keep: bool,
    chunks: Vec<Vec<Exchange>>,
}

impl Log {
    /// Keeps entries only if told to: they grow with every request.
    pub(crate) fn new(keep: bool) -> Self {
        Self { keep, chunks: Vec::new() }
    }

    pub(crate) fn push(&mut self, entry: Exchange) {
        if !self.keep {
            return;
        }
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(entry),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(entry);
                self.chunks.push(chunk);
            }
        }
    }

    pub(crate) fn into_chunks(self) -> Vec<Vec<Exchange>> {
        self.chunks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_every_entry_in_order_or_none() {
        let entry = |id| Exchange {
            id,
            received_ns: 0,
            ended_ns: 0,
            requested_ns: 0,
            queued_ns: 0,
            stalled_ns: 0,
            held_ns: 0,
            upstream: 0,
            fate: Fate::Answered,
            status: 200,
            opened: false,
        };
        let (mut kept, mut dropped) = (Log::new(true), Log::new(false));
        for id in 0..10_000 {
            kept.push(entry(id));
            dropped.push(entry(id));
        }
        let ids: Vec<u64> = kept.into_chunks().into_iter().flatten().map(|e| e.id).collect();
        assert!(ids.into_iter().eq(0..10_000));
        assert!(dropped.into_chunks().is_empty());
    }
}
