//! `loadgen check`: is the scenario right, and what would a run of it do?

use std::path::PathBuf;

use anyhow::Result;
use scenario::units::duration_text;
use scenario::{Plan, Scenario};

use crate::conductor::cpus::Split;
use crate::exit::Exit;
use crate::terminal::{complain, print};

/// Checks every scenario, and says of each right one what a run would do.
pub(crate) fn check(scenarios: &[PathBuf], overrides: &[String], quick: bool) -> Result<Exit> {
    let mut exit = Exit::Done;
    for path in scenarios {
        match Scenario::load(path, overrides, &client::models::kinds()) {
            Ok(scenario) => {
                let split = Split::of(&scenario.cpus)?;
                print(&plan(&scenario, quick, &split))?;
            }
            Err(error) => {
                complain(&error.into());
                exit = Exit::Usage;
            }
        }
    }
    Ok(exit)
}

fn plan(scenario: &Scenario, quick: bool, split: &Split) -> String {
    let plan = Plan::of(scenario, quick, split.client.len());
    let labels: Vec<&str> = scenario.models.iter().map(|model| model.label.as_str()).collect();
    let levels: Vec<String> = scenario.levels().iter().map(u32::to_string).collect();
    let mut text = format!("{}: {}\n", scenario.path.display(), scenario.title);
    for upstream in &scenario.upstreams {
        text += &format!(
            "  upstream {}: {}, {} body bytes\n",
            upstream.name,
            upstream.latency.describe(),
            upstream.body_bytes
        );
    }
    text += &format!("  models: {}\n  concurrency: {}\n", labels.join(", "), levels.join(", "));
    text += &format!(
        "  {} trials ({} repeats), windows of {} or more after {} or more of warm-up\n",
        plan.trials.len(),
        plan.timing.repeats,
        duration_text(plan.timing.duration),
        duration_text(plan.timing.warmup),
    );
    text += &format!(
        "  client on CPU {}, mock on CPU {}\n",
        split.client_text(),
        split.upstream_text()
    );
    text += &format!("  about {}\n", minutes(plan.estimate));
    text
}

fn minutes(estimate: std::time::Duration) -> String {
    let seconds = estimate.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
