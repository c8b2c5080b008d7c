//! The progress bar over a run. Quiet where stderr is no terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use scenario::{Plan, PlannedTrial, Scenario};

/// A bar over the estimated time of all trials.
pub(crate) struct Bar {
    line: ProgressBar,
    /// Estimated milliseconds of each trial, in order.
    estimates_ms: Vec<u64>,
    labels: Vec<String>,
    /// The values of a sweep, as they follow a level.
    values: Vec<String>,
    client_cpus: usize,
}

/// The bar is drawn from the mock's CPU: seldom.
const REDRAWS_PER_SECOND: u8 = 4;

impl Bar {
    /// A bar for this plan.
    pub(crate) fn new(scenario: &Scenario, plan: &Plan, client_cpus: usize, hidden: bool) -> Self {
        let target = if hidden {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND)
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:16} {prefix}  {wide_msg}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        let labels = scenario.models.iter().map(|model| model.label.clone()).collect();
        let scenarios = scenario.sweep.iter().flat_map(|sweep| &sweep.scenarios);
        let values = scenarios.filter_map(|one| Some(format!(", {}", one.swept.as_ref()?.text)));
        let mut bar = Self {
            line: bar,
            estimates_ms: Vec::new(),
            labels,
            values: values.collect(),
            client_cpus,
        };
        bar.add(scenario, plan, &plan.trials);
        bar
    }

    /// More trials are to run.
    pub(crate) fn add(&mut self, scenario: &Scenario, plan: &Plan, trials: &[PlannedTrial]) {
        let estimate = |trial: &PlannedTrial| {
            let timing = plan.timing_at(scenario, trial.sweep);
            trial.estimate(scenario, timing, self.client_cpus).total().as_millis() as u64
        };
        self.estimates_ms.extend(trials.iter().map(estimate));
        self.line.set_length(self.estimates_ms.iter().sum());
    }

    /// Shows how the `position`-th trial of the run is getting on.
    pub(crate) fn show(&self, position: usize, trial: &PlannedTrial, live: &Live) {
        let before: u64 = self.estimates_ms[..position].iter().sum();
        let own = (live.elapsed.as_millis() as u64).min(self.estimates_ms[position]);
        let left: u64 = self.estimates_ms.iter().sum::<u64>() - before - own;
        self.line.set_position(before + own);
        // What a narrow terminal cuts off stands last.
        self.line.set_prefix(format!(
            "trial {}/{}  {} left",
            position + 1,
            self.estimates_ms.len(),
            clock(Duration::from_millis(left)),
        ));
        self.line.set_message(format!(
            "{} at {}{}  {:.0}/s  {}",
            self.labels[trial.model_index],
            trial.level,
            trial.sweep.and_then(|at| self.values.get(at)).map_or("", String::as_str),
            live.rate_rps,
            live.phase,
        ));
    }

    /// Says a line above the bar, or nothing where there is no bar.
    pub(crate) fn say(&self, text: &str) {
        self.line.println(text);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.line.finish_and_clear();
    }
}

/// How the running trial is getting on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Live {
    /// Since its load began.
    pub(crate) elapsed: Duration,
    /// Completions per second, lately.
    pub(crate) rate_rps: f64,
    /// Its phase.
    pub(crate) phase: String,
}

fn clock(left: Duration) -> String {
    format!("{}:{:02}", left.as_secs() / 60, left.as_secs() % 60)
}
