//! Whether another repeat of everything is due, for the sake of the scenario's precision.
//!
//! What "known that well" means is the report's to say: run and report judge alike.

use measurement::row::TrialRow;
use measurement::run::RunInfo;
use report::analysis::Analysis;
use report::precision::Precision;
use scenario::PlannedTrial;
use scenario::plan::block;

use super::Settings;

/// What to do after a whole number of repeats.
pub(super) enum Next {
    /// No precision is asked for.
    Nothing,
    /// Every throughput that can be is known well enough.
    Reached(String),
    /// Some are not, and that is as far as it goes.
    Cap(String),
    /// Some are not yet: these trials come next.
    Block {
        /// One repeat of everything, in the order of the run.
        trials: Vec<PlannedTrial>,
        /// Why they are added, for people.
        why: String,
    },
}

/// Judges the rows of the first `repeats` repeats.
pub(super) fn next(settings: &Settings, run: &RunInfo, rows: &[TrialRow], repeats: u32) -> Next {
    let Some(asked) = settings.plan.timing.precision else { return Next::Nothing };
    let analysis = Analysis::of(run.clone(), rows.to_vec());
    let Some(precision) = Precision::of(&analysis) else { return Next::Nothing };
    let words = precision.sentence(&analysis);
    if precision.reached() {
        return Next::Reached(words);
    }
    if repeats >= asked.max_repeats {
        return Next::Cap(words);
    }
    let mut trials = block(settings.scenario, repeats);
    trials.retain(|trial| settings.models.contains(&trial.model_index));
    let why = format!("repeat {} added ({} at most): {words}", repeats + 1, asked.max_repeats);
    Next::Block { trials, why }
}
