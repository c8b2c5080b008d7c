//! `loadgen report`: render a run directory again, without running.

use std::path::Path;

use ::report::Choices;
use anyhow::{Context, Result};

use super::place;
use crate::cli::ReportArguments;
use crate::exit::Exit;
use crate::terminal::{note, print, table};

/// The command: as chosen by its flags.
pub(crate) fn again(arguments: &ReportArguments) -> Result<Exit> {
    let ReportArguments { dir, baseline, level, charts, png, json } = arguments;
    let choices = Choices {
        baseline: baseline.clone(),
        level: level.clone(),
        charts: charts.clone(),
        png: *png,
    };
    place::of_a_run(dir)?;
    report(dir, &choices, *json)
}

/// Renders `dir`, prints what it concludes, and says what that amounts to.
pub(crate) fn report(dir: &Path, choices: &Choices, json: bool) -> Result<Exit> {
    let rendered = ::report::render_chosen(dir, choices)
        .with_context(|| format!("cannot render a report from {}", dir.display()))?;
    ::report::write(dir, &rendered)
        .with_context(|| format!("cannot write the report into {}", dir.display()))?;
    for remark in &rendered.remarks {
        note(remark);
    }
    let verdict = &rendered.verdict;
    if json {
        print(&String::from_utf8_lossy(&verdict.to_json()?))?;
    } else {
        print(&table::of(verdict, dir))?;
    }
    Ok(match verdict.exit_status() {
        0 => Exit::Done,
        3 => Exit::SloMissed,
        _ => Exit::Failed,
    })
}
