//! `loadgen report`: render a run directory again, without running.

use std::path::Path;

use anyhow::{Context, Result};

use crate::exit::Exit;
use crate::terminal::{print, table};

/// Renders `dir`, prints what it concludes, and says what that amounts to.
pub(crate) fn report(dir: &Path, json: bool) -> Result<Exit> {
    let rendered = ::report::render(dir)
        .with_context(|| format!("cannot render a report from {}", dir.display()))?;
    ::report::write(dir, &rendered)
        .with_context(|| format!("cannot write the report into {}", dir.display()))?;
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
