//! `loadgen check`: is the scenario right, and what would a run of it do?

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use scenario::units::{duration_text, percentage_text};
use scenario::{Fault, Level, ModelSpec, Plan, Scenario, Stage, Sweep};

use crate::conductor::cpus::{Split, kinds_here};
use crate::exit::Exit;
use crate::terminal::{complain, plot, print, width};

/// Checks every scenario, and says of each right one what a run would do.
pub(crate) fn check(
    scenarios: &[PathBuf],
    overrides: &[String],
    quick: bool,
    plot: bool,
) -> Result<Exit> {
    let mut exit = Exit::Done;
    for path in scenarios {
        match read(path, overrides) {
            Ok((scenario, split)) => {
                let mut lines = upstreams(&scenario, plot);
                lines.extend(plan(&scenario, quick, &split));
                let fit = |line: &String| width::wrapped(line, width::columns(), 6);
                let lines: Vec<String> = lines.iter().map(fit).collect();
                print(&format!("{}\n", lines.join("\n")))?;
            }
            Err(error) => {
                complain(&error);
                exit = Exit::Usage;
            }
        }
    }
    Ok(exit)
}

/// The scenario, and which CPUs this machine gives its two sides.
fn read(path: &Path, overrides: &[String]) -> Result<(Scenario, Split)> {
    let scenario = Scenario::load(path, overrides, &kinds_here()?)?;
    let split = Split::of(&scenario.cpus)?;
    Ok((scenario, split))
}

fn upstreams(scenario: &Scenario, plot: bool) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", scenario.path.display(), scenario.title)];
    for upstream in &scenario.upstreams {
        let besides: Vec<String> = upstream
            .manners()
            .into_iter()
            .chain(upstream.faults.iter().map(Fault::describe))
            .map(|words| format!(", {words}"))
            .collect();
        lines.push(format!(
            "  upstream {}: {}, body of {}{}",
            upstream.name,
            upstream.latency.describe(),
            upstream.body.describe(),
            besides.concat(),
        ));
        if plot {
            lines.extend(plot::law(&upstream.latency));
        }
    }
    lines
}

fn plan(scenario: &Scenario, quick: bool, split: &Split) -> Vec<String> {
    let plan = Plan::of(scenario, quick, split.client.len());
    let labels: Vec<String> =
        scenario.models.iter().map(|model| model_at(scenario, model)).collect();
    // Only a closed loop waits for completions to come.
    let (more, warmup) = if scenario.load.shape.is_open() {
        ("", plan.timing.settle())
    } else {
        (" or more", plan.timing.warmup)
    };
    let mut lines = vec![format!("  models: {}", labels.join(", ")), load(scenario)];
    lines.extend(sweep(scenario, &plan, split));
    lines.extend([
        format!(
            "  {} trials ({} of each point), windows of {}{more} after {}{more} of warm-up",
            plan.trials.len(),
            plan.timing.repeats,
            duration_text(plan.timing.duration),
            duration_text(warmup),
        ),
        format!("  client on CPU {}, mock on CPU {}", split.client_text(), split.upstream_text()),
        duration(&plan, scenario),
    ]);
    lines
}

/// What is swept, and what a request waits and a repeat takes at each value.
fn sweep(scenario: &Scenario, plan: &Plan, split: &Split) -> Vec<String> {
    let Some(sweep) = &scenario.sweep else { return Vec::new() };
    let control = sweep.model.map_or_else(String::new, |model| {
        format!(" (an option of {}: the others are controls)", scenario.models[model].label)
    });
    let head = format!("  sweep: {}, {} values{control}", sweep.key, sweep.scenarios.len());
    let value = |(at, one): (usize, &Arc<Scenario>)| {
        let timing = plan.timing_at(scenario, Some(at));
        let trials = || plan.trials.iter().filter(|trial| trial.sweep == Some(at));
        let estimates = trials()
            .map(|trial| trial.estimate(scenario, timing, split.client.len()).total())
            .sum::<Duration>();
        format!(
            "    {}{}: {} trials, about {}; a request waits {} for its upstreams on average, p99 {}",
            one.swept.as_ref().map_or("", |value| &value.text),
            own_levels(scenario, sweep, at),
            trials().count(),
            minutes(estimates),
            duration_text(one.mean_wait(0)),
            duration_text(one.p99_upstream()),
        )
    };
    std::iter::once(head).chain(sweep.scenarios.iter().enumerate().map(value)).collect()
}

/// ` (at 9000)`, where each value of a sweep has levels of its own.
fn own_levels(scenario: &Scenario, sweep: &Sweep, value: usize) -> String {
    let own = sweep.levels.as_ref().and_then(|levels| levels.get(value));
    own.map_or_else(String::new, |own| format!(" (at {})", level_words(scenario, own)))
}

/// A model's label, with its levels where it has some of its own.
fn model_at(scenario: &Scenario, model: &ModelSpec) -> String {
    let Some(own) = &model.levels else { return model.label.clone() };
    format!("{} (at {})", model.label, level_words(scenario, own))
}

fn level_words(scenario: &Scenario, own: &[usize]) -> String {
    let levels = scenario.levels();
    let words: Vec<String> =
        own.iter().filter_map(|&at| Some(levels.get(at)?.to_string())).collect();
    words.join(", ")
}

/// Closed or open, and the levels.
fn load(scenario: &Scenario) -> String {
    let shape = &scenario.load.shape;
    let levels: Vec<String> = match shape.stages() {
        [] => shape.levels().iter().map(Level::to_string).collect(),
        stages => stages.iter().map(Stage::to_string).collect(),
    };
    let levels = levels.join(", ");
    let Some((arrivals, max_in_flight)) = shape.open() else {
        return format!("  concurrency: {levels}");
    };
    let word = if shape.stages().is_empty() { "rate" } else { "stages" };
    let arrivals = arrivals.name();
    format!("  {word}: {levels} ({arrivals} arrivals, at most {max_in_flight} in flight)")
}

/// About how long it takes; with a precision from the fewest repeats to the most.
fn duration(plan: &Plan, scenario: &Scenario) -> String {
    let least = minutes(plan.estimate);
    match (plan.timing.precision.zip(plan.estimate_most), scenario.load.precision) {
        (Some((precision, most)), _) => format!(
            "  about {least} with {} repeats, {} with {}: repeats are added until every throughput \
             is known to ±{}{}",
            plan.timing.repeats,
            minutes(most),
            precision.max_repeats,
            percentage_text(precision.half_width),
            again(plan),
        ),
        (None, Some(_)) => format!("  about {least}; a quick run does not wait for the precision"),
        (None, None) => format!("  about {least}{}", again(plan)),
    }
}

/// That it may take longer, where trials may be run again.
fn again(plan: &Plan) -> String {
    match plan.timing.reruns {
        0 => String::new(),
        1 => "; more where the machine spoils trials: those are run again once at most".to_owned(),
        n => {
            format!("; more where the machine spoils trials: those are run again {n} times at most")
        }
    }
}

fn minutes(estimate: Duration) -> String {
    let seconds = estimate.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
