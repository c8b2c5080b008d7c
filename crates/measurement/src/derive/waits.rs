//! What the upstreams alone make a trial's requests wait: from their draws, no clock needed.

use scenario::{Draws, Phase, Scenario};

use super::facts::mean;
use crate::output::{TrialOutput, Window};

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
    Waits {
        longer_mean: mean(&longer).unwrap_or(0.0),
        completed_sum_mean: mean(&sums).unwrap_or(0.0),
        longer,
    }
}
