//! `loadgen report`: render a run directory again, without running.

use std::path::Path;

use anyhow::{Context, Result};
use report::Verdict;

use crate::exit::Exit;
use crate::terminal::{print, table};

/// Renders `dir`, prints the verdict and says what it amounts to.
pub(crate) fn report(dir: &Path, json: bool) -> Result<Exit> {
    let rendered = ::report::render(dir)
        .with_context(|| format!("cannot render a report from {}", dir.display()))?;
    ::report::write(dir, &rendered)
        .with_context(|| format!("cannot write the report into {}", dir.display()))?;
    if json {
        print(&format!("{}\n", serde_json::to_string_pretty(&rendered.verdict)?))?;
    } else {
        print(&table::of(&rendered.verdict, dir))?;
    }
    Ok(exit(&rendered.verdict))
}

/// What a verdict means for the exit status.
pub(crate) fn exit(verdict: &Verdict) -> Exit {
    if verdict.trusted_trials() == 0 {
        Exit::Failed
    } else if verdict.slo_missed_by_all() {
        Exit::SloMissed
    } else {
        Exit::Done
    }
}
