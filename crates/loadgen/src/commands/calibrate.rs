//! `loadgen calibrate`: what this machine can do, and what results on it mean nothing.

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use measurement::calibration::Calibration;
use scenario::Scenario;

use crate::calibrate::{self, cache};
use crate::conductor::cpus::{Split, kinds_here};
use crate::conductor::lab::Lab;
use crate::environment;
use crate::exit::{Exit, UsageError};
use crate::terminal::{calibration, in_words, note, print};

/// Measures, keeps and prints; whatever cannot be measured says so in its place.
pub(crate) fn calibrate(overrides: &[String], json: bool) -> Result<Exit> {
    let split = split(overrides)?;
    let machine = cache::machine(&environment::read(&split));
    let lab = Lab::open(&split)?;
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("calibrating: {msg}") {
        bar.set_style(style);
    }
    let measured = calibrate::measure(&lab, overrides, machine, &mut |what| {
        bar.set_message(what.to_owned());
        bar.tick();
    });
    bar.finish_and_clear();
    let Some(calibration) = measured? else {
        note("interrupted: nothing was kept");
        return Ok(Exit::Interrupted);
    };
    if json {
        print(&format!("{}\n", serde_json::to_string_pretty(&calibration)?))?;
    } else {
        print(&calibration::of(&calibration))?;
    }
    match cache::keep(&calibration) {
        Ok(path) => note(&format!("kept in {}: runs on this machine pick it up", path.display())),
        Err(error) => note(&format!("not kept for later runs: {}", in_words(&error))),
    }
    Ok(ended(&calibration))
}

/// Without a single figure there is no calibration.
fn ended(calibration: &Calibration) -> Exit {
    let none = calibration.figures.iter().all(|figure| figure.failed.is_some());
    if none { Exit::Failed } else { Exit::Done }
}

/// The CPU split that `--set cpus.…` states, by the ordinary parser, or the default.
fn split(overrides: &[String]) -> Result<Split> {
    if let Some(other) = overrides.iter().find(|text| !text.trim_start().starts_with("cpus.")) {
        let text = format!("--set {other}: only cpus.client and cpus.upstream can be set here");
        return Err(UsageError(text).into());
    }
    let text = "[upstream.a]\nlatency = '0ms'\n[upstream.b]\nlatency = '0ms'\n\
                [load]\nconcurrency = [1]\n[[model]]\nkind = 'tokio'\n";
    let path = std::path::Path::new("calibrate.toml");
    let scenario = Scenario::parse(path, text, overrides, &kinds_here()?)?;
    Split::of(&scenario.cpus)
}
