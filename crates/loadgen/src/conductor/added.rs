//! What is due once everything due so far has run: trials that the machine spoilt once more, then
//! another repeat of everything for the sake of the scenario's precision.
//!
//! What "known that well" means is the report's to say: run and report judge alike.

use measurement::row::TrialRow;
use measurement::run::RunInfo;
use report::analysis::Analysis;
use report::precision::Precision;
use scenario::PlannedTrial;
use scenario::plan::block;

use super::{Settings, again};

/// What to do after a whole number of repeats.
pub(super) enum Next {
    /// Nothing, and no precision is asked for.
    Nothing,
    /// Some trials are to be run again first.
    Again(Added),
    /// Every throughput that can be is known well enough.
    Reached(String),
    /// Some are not, and that is as far as it goes.
    Cap(String),
    /// Some are not yet: one repeat of everything comes next.
    Repeat(Added),
}

/// Trials that nobody knew of when the run began.
pub(super) struct Added {
    /// In the order in which they are to run.
    pub(super) trials: Vec<PlannedTrial>,
    /// Why they are added, for people.
    pub(super) why: String,
}

/// Judges the rows of the first `repeats` repeats, of the trials that have `ran`.
pub(super) fn next(
    settings: &Settings,
    run: &RunInfo,
    (ran, rows): (&[PlannedTrial], &[TrialRow]),
    repeats: u32,
) -> Next {
    if let Some(again) = again::next(settings, ran, rows) {
        return Next::Again(again);
    }
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
    Next::Repeat(Added { trials, why })
}
