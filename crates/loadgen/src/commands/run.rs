//! `loadgen SCENARIO.toml`: the main job, from the scenario to the report.

use ::report::Choices;
use anyhow::{Context, Result};
use measurement::run::RunStatus;
use scenario::{Plan, Scenario};

use super::report;
use crate::cli::{self, RunArguments};
use crate::conductor::cpus::{Split, kinds_here};
use crate::conductor::{self, Settings, place};
use crate::exit::{Exit, UsageError};
use crate::terminal::{note, progress::Bar};

/// Runs all trials, then renders what they yielded.
pub(crate) fn run(arguments: &RunArguments) -> Result<Exit> {
    let path = arguments.scenario.as_deref().context("a scenario is required")?;
    if path.extension().is_none() && !path.exists() {
        return Err(UsageError(cli::no_such_command(&path.display().to_string())).into());
    }
    let RunArguments { overrides, models: only, .. } = arguments;
    let scenario = Scenario::load_only(path, overrides, only, &kinds_here()?)?;
    let models = chosen(&scenario, only)?;
    let split = Split::of(&scenario.cpus)?;
    let mut plan = Plan::of(&scenario, arguments.quick, split.client.len());
    plan.trials.retain(|trial| models.contains(&trial.model_index));
    let settings = Settings {
        scenario: &scenario,
        plan: &plan,
        split: &split,
        models: &models,
        records: arguments.records.as_deref(),
        work_rate: None,
    };
    let place = place::run_directory(&scenario.name, arguments.out.as_deref())?;
    let mut bar = Bar::new(&scenario, &plan, split.client.len(), arguments.no_progress);
    let ended = conductor::conduct(&settings, &place, &mut bar)?;
    bar.finish();
    if let Some(why) = &ended.failure {
        note(&format!("the run could not go on: {why}"));
    }
    if let Some(words) = &ended.precision {
        note(&format!("precision: {words}"));
    }
    let choices = Choices { png: arguments.png, ..Choices::default() };
    let exit = report::report(&ended.directory, &choices, arguments.json).with_context(|| {
        format!("the results are kept in {}, without a report", ended.directory.display())
    })?;
    Ok(match ended.status {
        RunStatus::Complete => exit,
        RunStatus::Interrupted => Exit::Interrupted,
        RunStatus::Running | RunStatus::Failed => Exit::Failed,
    })
}

/// Positions of the models to run: all, or those whose labels were given.
fn chosen(scenario: &Scenario, labels: &[String]) -> Result<Vec<usize>> {
    if labels.is_empty() {
        return Ok((0..scenario.models.len()).collect());
    }
    let mut chosen = Vec::new();
    for label in labels {
        let known = scenario.models.iter().position(|model| &model.label == label);
        chosen.push(known.ok_or_else(|| {
            let known: Vec<&str> = scenario.models.iter().map(|m| m.label.as_str()).collect();
            UsageError(format!(
                "--model {label}: the scenario has no model of this label, only {}",
                known.join(", ")
            ))
        })?);
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}
