//! `loadgen compare`: two runs of one scenario, before and after, set against each other.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use report::comparison::RunComparison;
use report::load::Run;

use super::place;
use crate::exit::Exit;
use crate::terminal::{comparison, note, print};

/// What `compare` is asked for.
#[derive(Debug, Args)]
pub(crate) struct CompareArguments {
    /// The run directory of the program before
    #[arg(value_name = "RUN_A")]
    before: PathBuf,
    /// The run directory of the program after; every ratio is B ÷ A
    #[arg(value_name = "RUN_B")]
    after: PathBuf,
    /// Write compare.md, compare.html, compare.json and charts into DIR
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the comparison as JSON on stdout
    #[arg(long)]
    json: bool,
    /// End with status 3 if a throughput is called lower or a p99 called higher by this much or more,
    /// as the better figure ÷ the worse; below 5 % nothing is called
    #[arg(long, value_name = "5%", value_parser = share)]
    fail_on_regression: Option<f64>,
}

/// `5%` as a share of 1.
fn share(text: &str) -> Result<f64, String> {
    scenario::units::parse_percentage(text).map_err(|refusal| refusal.to_string())
}

/// Compares, prints, writes, and says what it amounts to.
pub(crate) fn compare(arguments: &CompareArguments) -> Result<Exit> {
    let before = read(&arguments.before)?;
    let after = read(&arguments.after)?;
    let compared =
        RunComparison::of(before, after).context("nothing to compare between the two runs")?;
    let rendered = report::output::comparison::render(&compared)?;
    if let Some(dir) = &arguments.out {
        report::output::comparison::write(dir, &rendered)
            .with_context(|| format!("cannot write the comparison into {}", dir.display()))?;
    }
    if arguments.json {
        print(&String::from_utf8_lossy(&compared.to_json()?))?;
    } else {
        print(&comparison::of(&compared, arguments.out.as_deref()))?;
    }
    Ok(match arguments.fail_on_regression {
        Some(least) => judged(&compared, least),
        None => Exit::Done,
    })
}

fn read(dir: &Path) -> Result<(String, Run)> {
    place::of_a_run(dir)?;
    let run = Run::read(dir).with_context(|| format!("cannot read the run {}", dir.display()))?;
    Ok((dir.display().to_string(), run))
}

/// What `--fail-on-regression` makes of it, said on stderr.
fn judged(compared: &RunComparison, least: f64) -> Exit {
    let found = compared.regressions(least);
    for line in comparison::regressions(&found) {
        note(&line);
    }
    if !compared.decidable() {
        note(
            "warning: too few repeats: no regression could have been called (three are needed on each side)",
        );
    }
    let lost = comparison::lost(compared);
    if lost > 0 {
        note(&format!(
            "warning: not judged, since the run after has nothing to be trusted there: {lost} of the points before"
        ));
    }
    if found.is_empty() { Exit::Done } else { Exit::Regressed }
}
