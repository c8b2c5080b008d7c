//! From what two processes handed over to one row. Pure: values in, values out.
//!
//! The client's records say what each request saw, the mock's log what it really did to it, the
//! account what it cost. They are paired by id here, after the trial, so that nothing of this is
//! paid for while it runs.

#[cfg(test)]
mod accounts;
mod blocking;
#[cfg(test)]
mod bounds;
mod budget;
mod checks;
mod cpu;
mod dispatch;
#[cfg(test)]
mod edges;
mod facts;
mod held;
mod ids;
mod noise;
mod open;
mod pairing;
mod percentile;
mod shared;
#[cfg(test)]
mod tests;
mod upstream;
#[cfg(test)]
mod upstreams;
mod waits;
mod warmup;
mod work;

use scenario::plan::Timing;
use scenario::{Level, Scenario};

use crate::exchange::MockLog;
use crate::histograms::TrialHistograms;
use crate::output::{Account, TrialOutput, Window};
use crate::row::{CheckOutcome, LoadKind, Swept, TrialRow, Verdict};

pub use checks::spoilt_by_machine;
pub use facts::Facts;
pub(crate) use percentile::rank;
pub use percentile::{percentile, supports};

/// Which trial of which run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Identity {
    /// Position of the model in the scenario.
    pub model_index: usize,
    /// Position of the level in the scenario.
    pub level_index: usize,
    /// The level.
    pub level: Level,
    /// The lengths in force.
    pub timing: Timing,
    /// Repeat, from 0.
    pub repeat: u32,
    /// Attempt at it, from 1.
    pub attempt: u32,
    /// Position in the run.
    pub order: u32,
}

/// The mock's CPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MockCpus {
    /// How many it may use.
    pub count: usize,
    /// Of them those that the client may use, too.
    pub shared: usize,
    /// Whether it goes before whatever else would run there.
    pub first: bool,
}

/// A row that says which trial it is and nothing else yet: `failed` until more is known. The
/// scenario is the trial's own: of a sweep, the one at its value.
pub fn blank(scenario: &Scenario, identity: &Identity) -> TrialRow {
    let model = &scenario.models[identity.model_index];
    TrialRow {
        scenario: scenario.name.clone(),
        model: model.label.clone(),
        kind: model.kind.clone(),
        load: if scenario.load.shape.is_open() { LoadKind::Open } else { LoadKind::Closed },
        concurrency: identity.level.concurrency(),
        offered_rps: scenario.offered_rps(identity.level),
        repeat: identity.repeat,
        attempt: identity.attempt,
        order: identity.order,
        model_index: identity.model_index as u32,
        level_index: identity.level_index as u32,
        swept: scenario.swept.as_ref().map(swept),
        verdict: Verdict::Failed,
        ..TrialRow::default()
    }
}

fn swept(value: &scenario::Swept) -> Swept {
    Swept {
        key: value.key.clone(),
        index: value.index as u32,
        value: value.text.clone(),
        position: value.position,
    }
}

/// The row of a trial that ran, and its histograms where it came through its window.
pub fn row(
    scenario: &Scenario,
    identity: &Identity,
    output: &TrialOutput,
    log: &MockLog,
    upstream_cpus: MockCpus,
) -> (TrialRow, Option<TrialHistograms>) {
    let mut row = blank(scenario, identity);
    let mut histograms = None;
    row.started = output.account.started;
    row.connects = output.account.connects;
    row.stale_connections = output.account.stale_connections;
    row.client_cpus = output.account.cpus;
    row.rss_peak_bytes = output.account.rss_peak_bytes;
    row.kernel_memory_bytes = output.account.kernel_memory_bytes;
    row.threads_peak = Some(output.account.threads_peak);
    row.join_depth_max = output.account.join_depth_max;
    row.pool_workers = output.account.pool_workers;
    row.join_nested_ms =
        output.account.window.as_ref().and_then(|window| nested_ms(&output.account, window));
    row.exhausted.clone_from(&output.account.exhausted);
    row.notes.clone_from(&output.account.notes);
    row.total_s = Some((output.account.load_ns.1 - output.account.load_ns.0) as f64 / 1e9);
    if let Some(facts) = Facts::of(scenario, identity, output, log, upstream_cpus) {
        facts.fill(&mut row);
        histograms = facts.histograms().ok();
        checks::apply(&facts, &scenario.checks, &mut row);
        row.notes.extend(noise::notes(&row, &scenario.checks));
    } else {
        checks::exhausted_only(&mut row);
    }
    if output.account.generations_cut {
        row.notes.push(
            "the window's cap came before five generations: throughput stands, latency is censored"
                .to_owned(),
        );
    }
    debug_assert!(row.verdict == Verdict::Valid || !row.reason.is_empty(), "a reason is due");
    debug_assert!(
        !row.verdict.trusted() || row.checks.iter().all(|c| c.outcome != CheckOutcome::Failed),
        "a failed check names a verdict"
    );
    (row, histograms)
}

/// Time per completion for which others on the same worker's stack held it up, where a model has
/// such stacks.
fn nested_ms(account: &Account, window: &Window) -> Option<f64> {
    let (start, end) = (&window.start, &window.end);
    let ended = end.ended.saturating_sub(start.ended);
    let known = account.join_depth_max.is_some() && ended > 0;
    known.then(|| end.nested_ns.saturating_sub(start.nested_ns) as f64 / 1e6 / ended as f64)
}
