//! What the upstreams alone make a trial's requests wait: from their draws, no clock needed.

use std::ops::Range;

use scenario::{Draws, Phase, Scenario};

use super::facts::mean;
use crate::output::{TrialOutput, Window};
use crate::record::RequestRecord;

/// What the upstreams alone make the window's ids wait, nanoseconds, capped at the deadline.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// The longer of both, per id, sorted.
    pub(super) longer: Vec<u64>,
    /// Mean of the longer.
    pub(super) longer_mean: f64,
    /// Mean of the sum over the requests that completed inside the window, whenever started:
    /// blocked worker time per completion.
    pub(super) completed_sum_mean: f64,
    /// Of what the window's edges cut.
    pub(super) cut: Cut,
}

/// Requests that an edge of the window cuts in two: how long each lasted on the far side of its
/// beginning, nanoseconds, as far as its upstreams alone account for it.
///
/// A hang that began before the window is in flight all the same, and one that ends after it counts
/// whole in its latency; how long either goes on was drawn before anything ran.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// Inside the window, of those that started before it.
    in_ns: Vec<u64>,
    /// After the window, of those that started inside it.
    out_ns: Vec<u64>,
}

impl Cut {
    /// By how much the long draws among them raise ∫ in-flight dt above what completions and
    /// latencies of the window make it, nanoseconds: what each has beyond `mean_ns`, the time that
    /// any cut request may have.
    pub(super) fn beyond_ns(&self, mean_ns: f64) -> f64 {
        let beyond =
            |cut: &[u64]| cut.iter().map(|&ns| (ns as f64 - mean_ns).max(0.0)).sum::<f64>();
        beyond(&self.in_ns) - beyond(&self.out_ns)
    }
}

/// The upstreams' own time of the window's ids, and of the completions inside the window.
pub(super) fn of(scenario: &Scenario, repeat: u32, output: &TrialOutput, window: &Window) -> Waits {
    let [first, second] = scenario.upstreams.as_slice() else { return Waits::default() };
    let draws =
        [Draws::new(scenario.seed, repeat, 0, first), Draws::new(scenario.seed, repeat, 1, second)];
    let timeout = scenario.combine.timeout;
    let legs =
        |id: u64| [0, 1].map(|leg: usize| draws[leg].draw(id).wait(timeout).as_nanos() as u64);
    let started = output.window.iter().enumerate().filter(|(_, record)| record.is_started());
    let mut longer: Vec<u64> = started
        .map(|(index, _)| legs(Phase::Window.id(index as u64)).into_iter().max().unwrap_or(0))
        .collect();
    longer.sort_unstable();
    let phases = [
        (Phase::Warmup, &output.warmup),
        (Phase::Window, &output.window),
        (Phase::Cooldown, &output.cooldown),
    ];
    let completed = phases.into_iter().flat_map(|(phase, records)| {
        let inside = window.start.at_ns..window.end.at_ns;
        let ended = records.iter().enumerate();
        ended
            .filter(move |(_, record)| inside.contains(&record.ended_ns))
            .map(move |(index, _)| phase.id(index as u64))
    });
    let sums: Vec<u64> = completed.map(|id| legs(id).iter().sum()).collect();
    let (start_ns, end_ns) = (window.start.at_ns, window.end.at_ns);
    let drawn_ns =
        |phase: Phase, index: usize| legs(phase.id(index as u64)).into_iter().max().unwrap_or(0);
    Waits {
        longer_mean: mean(&longer).unwrap_or(0.0),
        completed_sum_mean: mean(&sums).unwrap_or(0.0),
        longer,
        cut: Cut {
            in_ns: drawn_beyond(&output.warmup, start_ns..end_ns, |index| {
                drawn_ns(Phase::Warmup, index)
            }),
            out_ns: drawn_beyond(&output.window, end_ns..u64::MAX, |index| {
                drawn_ns(Phase::Window, index)
            }),
        },
    }
}

/// Of the records that outlast the beginning of `span`: their time in it, as far as it was drawn.
fn drawn_beyond(
    records: &[RequestRecord],
    span: Range<u64>,
    drawn_ns: impl Fn(usize) -> u64,
) -> Vec<u64> {
    let end_ns = |record: &RequestRecord| {
        if record.is_ended() { record.ended_ns.min(span.end) } else { span.end }
    };
    let cut = records.iter().enumerate().filter(|(_, record)| record.is_started());
    cut.filter(|(_, record)| end_ns(record) > span.start)
        .map(|(index, record)| {
            let inside_ns = end_ns(record).saturating_sub(record.started_ns.max(span.start));
            inside_ns.min(drawn_ns(index))
        })
        .collect()
}
