//! What only whole trials tell: how exactly the mock holds, and how much each side can do.
//!
//! Both ceilings come from one trial per model: exchanges per CPU-second of the mock, requests per
//! CPU-second of the client, each times its CPUs. Whichever side the trial was bound by, the other
//! has done its work at a known price too.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use measurement::calibration::CalibrationFigure;
use measurement::row::TrialRow;
use scenario::{ModelKind, OptionKind, Plan, Scenario};

use super::blank;
use crate::conductor::lab::Lab;
use crate::terminal::in_words;

/// How the mock holds an answer, at one request in flight.
const HOLD: &str = r#"title = "Calibration: holding"
[upstream.api1]
latency = "2ms"
[upstream.api2]
latency = "2ms"
[load]
concurrency = [1]
warmup = "100ms"
duration = "1200ms"
repeats = 1
[[model]]
kind = "tokio"
"#;

/// No delay at all, enough in flight for both sides to be busy.
const CEILINGS: &str = r#"title = "Calibration: ceilings"
[upstream.api1]
latency = "0ms"
[upstream.api2]
latency = "0ms"
[load]
concurrency = [64]
warmup = "100ms"
duration = "400ms"
repeats = 1
"#;

/// Workers of a pool that states its own number: as many as requests in flight.
const POOL: u64 = 64;

/// The model that the mock's ceiling is measured with.
const DRIVER: &str = "tokio";

/// Every figure that takes a trial; `None` after Ctrl-C.
pub(super) fn measure(
    lab: &Lab,
    overrides: &[String],
    tell: &mut dyn FnMut(&str),
) -> Result<Option<Vec<CalibrationFigure>>> {
    let kinds = client::models::kinds();
    let parse = |text: &str| {
        Scenario::parse(Path::new("calibrate.toml"), text, overrides, &client::kinds())
    };
    let hold = parse(HOLD)?;
    tell("hold-error");
    let rows = rows(lab, &hold, tell)?;
    let mut figures: Vec<CalibrationFigure> = rows.iter().flat_map(held).collect();
    let ceilings = parse(&with_models(&kinds))?;
    let rows = self::rows(lab, &ceilings, tell)?;
    if lab.interrupted() {
        return Ok(None);
    }
    let (client, mock) = (lab.split().client.len(), lab.split().upstream.len());
    let driver = rows.iter().find(|(label, _)| label == DRIVER);
    figures.extend(driver.map(|(_, row)| mock_ceiling(row, mock)));
    figures.extend(rows.iter().map(|(label, row)| client_ceiling(label, row, client)));
    Ok(Some(figures))
}

/// The ceilings' scenario with every kind of model; pools as large as the load, threads of both
/// kinds.
fn with_models(kinds: &[ModelKind]) -> String {
    let mut text = CEILINGS.to_owned();
    let mut add = |kind: &str, options: &str| {
        let _ = writeln!(text, "[[model]]\nkind = \"{kind}\"\n{options}");
    };
    for kind in kinds {
        let threads = kind.options.iter().find(|option| option.key == "threads");
        match threads.map(|option| option.kind) {
            Some(OptionKind::Count { .. } | OptionKind::Pool { .. }) => {
                add(kind.kind, &format!("threads = {POOL}"));
            }
            Some(OptionKind::Word(words)) if words.contains(&"lean") => {
                add(kind.kind, "");
                let label = format!("label = \"{}-lean\"", kind.kind);
                add(kind.kind, &format!("threads = \"lean\"\n{label}"));
            }
            _ => add(kind.kind, ""),
        }
    }
    text
}

type Outcome = Result<TrialRow>;

/// One trial per model, in the order of the file.
fn rows(
    lab: &Lab,
    scenario: &Scenario,
    tell: &mut dyn FnMut(&str),
) -> Result<Vec<(String, Outcome)>> {
    let plan = Plan::of(scenario, false, lab.split().client.len());
    let mut rows = Vec::new();
    for (index, model) in scenario.models.iter().enumerate() {
        if lab.interrupted() {
            break;
        }
        tell(&format!("{} at {}", model.label, scenario.levels().first().context("a level")?));
        let planned = plan.trials.iter().find(|trial| trial.model_index == index);
        let planned = planned.context("every model is planned")?;
        rows.push((model.label.clone(), lab.trial(scenario, &plan, planned)));
    }
    Ok(rows)
}

/// What one trial says of a figure, or why it says nothing.
fn filled(
    mut figure: CalibrationFigure,
    row: &Outcome,
    of: impl Fn(&TrialRow) -> Option<(f64, Option<f64>, u64)>,
) -> CalibrationFigure {
    match row.as_ref().map(of) {
        Ok(Some((p50, p99, samples))) => {
            (figure.p50, figure.p99, figure.samples) = (p50, p99, samples);
        }
        Ok(None) => figure.failed = Some("the trial has no such figure".to_owned()),
        Err(error) => figure.failed = Some(in_words(error)),
    }
    figure
}

fn held((_, row): &(String, Outcome)) -> [CalibrationFigure; 2] {
    let hold = blank(
        "hold-error",
        "how much longer than asked the idle mock holds an answer, with the timer it has in a run",
        "us",
    );
    let added = blank(
        "added/tokio",
        "latency that tokio adds to the delays at 1 request in flight, all of it",
        "us",
    );
    [
        filled(hold, row, |row| {
            Some((row.hold_error_p50_us?, row.hold_error_p99_us, row.upstream_answered?))
        }),
        filled(added, row, |row| {
            let p99 = row.added_p99_ms.map(|ms| ms * 1e3);
            Some((row.added_p50_ms? * 1e3, p99, row.requests))
        }),
    ]
}

fn mock_ceiling(row: &Outcome, cpus: usize) -> CalibrationFigure {
    let figure = blank(
        "mock-ceiling",
        "exchanges the mock can answer at most, by what one costs it; a request is two",
        "/s",
    );
    filled(figure, row, |row| {
        let exchanges = 2.0 * row.throughput_rps? * row.duration_s?;
        let ceiling = exchanges / row.upstream_cpu_s.filter(|cpu_s| *cpu_s > 0.0)? * cpus as f64;
        Some((ceiling, None, exchanges as u64))
    })
}

fn client_ceiling(label: &str, row: &Outcome, cpus: usize) -> CalibrationFigure {
    let figure = blank(
        &format!("client-ceiling/{label}"),
        "requests this model can make at most, by what one costs it at 64 in flight without delay",
        "/s",
    );
    filled(figure, row, |row| {
        let cpu_us = row.cpu_us_per_request.filter(|cpu_us| *cpu_us > 0.0)?;
        Some((1e6 / cpu_us * cpus as f64, None, (row.throughput_rps? * row.duration_s?) as u64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_scenarios_are_valid_and_name_every_model() {
        let kinds = client::models::kinds();
        let parse = |text: &str| Scenario::parse(Path::new("c.toml"), text, &[], &client::kinds());
        assert!(parse(HOLD).is_ok());
        let scenario = parse(&with_models(&kinds)).expect("is valid");
        for kind in &kinds {
            assert!(scenario.models.iter().any(|model| model.kind == kind.kind), "{}", kind.kind);
        }
        assert!(scenario.models.iter().any(|model| model.label == DRIVER));
        assert!(scenario.models.iter().any(|model| model.label == "thread-per-request-lean"));
        // With what else it does, it stays under half a minute.
        let plan = Plan::of(&scenario, false, 1);
        assert!(plan.estimate.as_secs_f64() < 20.0, "{:?}", plan.estimate);
    }

    #[test]
    fn ceilings_are_what_a_cpu_second_buys() {
        let row = || TrialRow {
            throughput_rps: Some(10_000.0),
            duration_s: Some(0.5),
            upstream_cpu_s: Some(0.25),
            cpu_us_per_request: Some(50.0),
            ..TrialRow::default()
        };
        let mock = mock_ceiling(&Ok(row()), 2);
        assert!((mock.p50 - 80_000.0).abs() < 1e-6, "{mock:?}");
        let client = client_ceiling("tokio", &Ok(row()), 3);
        assert!((client.p50 - 60_000.0).abs() < 1e-6, "{client:?}");
        let idle = TrialRow { upstream_cpu_s: Some(0.0), ..row() };
        assert!(mock_ceiling(&Ok(idle), 1).failed.is_some());
        let failed = client_ceiling("tokio", &Err(anyhow::anyhow!("no threads left")), 1);
        assert_eq!(failed.failed.as_deref(), Some("no threads left"));
    }
}
