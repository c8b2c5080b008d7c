//! The mock's ledger as others read it: counts and percentiles at one moment.

use std::fmt;

use scenario::{FaultKind, Upstream};

use crate::histogram::{Histogram, Merged};
use crate::ledger::{Count, Counters, UpstreamCounters};

/// All workers' counters together. Serialises as the document of `/-/stats`; displays as a few
/// lines for a terminal.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Stats {
    /// Requests for an upstream.
    pub received: u64,
    /// Of those, answered (faults included).
    pub answered: u64,
    /// Of those, left by their client before the answer.
    pub abandoned: u64,
    /// Of those, cut short when the mock stopped.
    pub pending: u64,
    /// The same by upstream, in the order of the scenario.
    pub upstreams: Vec<UpstreamStats>,
    /// Connections accepted.
    pub connections: u64,
    /// `accept` calls refused for want of descriptors or memory.
    pub accept_refused: u64,
    /// Connections ended by a request that is not HTTP/1, or whose head is too large.
    pub bad_requests: u64,
    /// Requests whose `x-request-id` is no number.
    pub bad_ids: u64,
    /// Requests for a path or with a method that is not served.
    pub not_found: u64,
    /// Connections closed because nothing came for too long.
    pub timed_out: u64,
    /// Held − requested of the delayed answers, less what a stall kept them back.
    pub hold_error: Percentiles,
    /// Turns of the event loop: how long a task that is ready may wait for its turn.
    pub turn: Percentiles,
}

/// The counts of one upstream.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct UpstreamStats {
    /// Its name.
    pub name: String,
    /// Requests received.
    pub received: u64,
    /// Of those, answered (faults included).
    pub answered: u64,
    /// Of those, left by their client before the answer.
    pub abandoned: u64,
    /// Of those, cut short when the mock stopped.
    pub pending: u64,
    /// Requests that drew a fault, by kind.
    pub faults: Vec<FaultStats>,
}

/// How often one kind of fault was drawn.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FaultStats {
    /// `status 500`, `hang`.
    pub kind: String,
    /// Requests that drew it.
    pub count: u64,
}

/// Percentiles in microseconds, to within 1/64 of the value; zero without samples.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Percentiles {
    /// Samples.
    pub count: u64,
    /// The median.
    pub p50_us: f64,
    /// The 99th percentile.
    pub p99_us: f64,
    /// The largest, exactly.
    pub max_us: f64,
}

impl Stats {
    /// The sum over workers, at this moment.
    pub(crate) fn of(upstreams: &[Upstream], workers: &[Counters]) -> Self {
        let upstreams: Vec<UpstreamStats> = (upstreams.iter().enumerate())
            .map(|(position, upstream)| {
                let counters: Vec<_> = workers.iter().map(|w| &w.upstreams[position]).collect();
                UpstreamStats::of(&upstream.name, &counters)
            })
            .collect();
        let total = |field: fn(&UpstreamStats) -> u64| upstreams.iter().map(field).sum();
        let sum = |field: fn(&Counters) -> &Count| workers.iter().map(|w| field(w).get()).sum();
        Self {
            received: total(|u| u.received),
            answered: total(|u| u.answered),
            abandoned: total(|u| u.abandoned),
            pending: total(|u| u.pending),
            connections: sum(|w| &w.connections),
            accept_refused: sum(|w| &w.accept_refused),
            bad_requests: sum(|w| &w.bad_requests),
            bad_ids: sum(|w| &w.bad_ids),
            not_found: sum(|w| &w.not_found),
            timed_out: sum(|w| &w.timed_out),
            hold_error: Percentiles::of(workers.iter().map(|w| &w.hold_error)),
            turn: Percentiles::of(workers.iter().map(|w| &w.turn)),
            upstreams,
        }
    }
}

impl UpstreamStats {
    fn of(name: &str, workers: &[&UpstreamCounters]) -> Self {
        let sum =
            |field: fn(&UpstreamCounters) -> &Count| workers.iter().map(|w| field(w).get()).sum();
        let kinds = workers.first().map_or(&[][..], |first| &first.faults);
        let faults = kinds.iter().enumerate().map(|(index, (kind, _))| FaultStats {
            kind: match kind {
                FaultKind::Status(status) => format!("status {status}"),
                FaultKind::Hang => "hang".to_owned(),
            },
            count: workers.iter().map(|w| w.faults[index].1.get()).sum(),
        });
        Self {
            name: name.to_owned(),
            received: sum(|w| &w.received),
            answered: sum(|w| &w.answered),
            abandoned: sum(|w| &w.abandoned),
            pending: sum(|w| &w.pending),
            faults: faults.collect(),
        }
    }
}

impl Percentiles {
    fn of<'a>(histograms: impl Iterator<Item = &'a Histogram>) -> Self {
        let merged = Merged::of(histograms);
        let us = |ns: u64| ns as f64 / 1e3;
        let quantile = |q| merged.quantile(q).map_or(0.0, us);
        Self {
            count: merged.count(),
            p50_us: quantile(0.50),
            p99_us: quantile(0.99),
            max_us: us(merged.max()),
        }
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for upstream in &self.upstreams {
            writeln!(f, "{upstream}")?;
        }
        write!(f, "connections {}", self.connections)?;
        let rare = [
            ("refused for want of descriptors", self.accept_refused),
            ("not HTTP", self.bad_requests),
            ("timed out", self.timed_out),
            ("malformed ids", self.bad_ids),
            ("not found", self.not_found),
        ];
        for (what, count) in rare.into_iter().filter(|(_, count)| *count > 0) {
            write!(f, ", {what} {count}")?;
        }
        write!(f, "\nhold error  {}\nloop turn   {}", self.hold_error, self.turn)
    }
}

impl fmt::Display for UpstreamStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, received, answered, abandoned, pending, faults } = self;
        write!(f, "{name}: received {received}, answered {answered}")?;
        for FaultStats { kind, count } in faults {
            write!(f, ", {kind} {count}")?;
        }
        write!(f, ", abandoned {abandoned}, pending {pending}")
    }
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return f.write_str("no samples");
        }
        let Self { count, p50_us, p99_us, max_us } = self;
        write!(f, "p50 {p50_us:.1} us, p99 {p99_us:.1} us, max {max_us:.1} us ({count} samples)")
    }
}
