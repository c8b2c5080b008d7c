//! What guarding the table that all requests share costs: each guard against none, and how long
//! requests wait for it.

use measurement::hurdles::SharedFigures;

use super::cells::{Cell, Said, by_model};
use super::{Finding, Rule};
use crate::analysis::Analysis;
use crate::analysis::metric::{SHARED_WAIT_MEAN, SHARED_WAIT_P99, THROUGHPUT};
use crate::format::{self, NBSP};
use crate::sentence::Sentence;
use crate::stats::Decision;

pub(super) const RULE: Rule = Rule {
    key: "shared_state",
    doc: "throughput under each guard of shared state against none, and the wait for it",
    find,
};

/// The guard that is none.
const NONE: &str = "none";

fn find(analysis: &Analysis) -> Vec<Finding> {
    by_model(analysis).iter().filter_map(|cells| of_model(analysis, cells)).collect()
}

fn guard<'a>(cell: &Cell<'a>) -> Option<&'a SharedFigures> {
    let hurdles = cell.point.rows_used().find_map(|row| row.hurdles.as_ref())?;
    hurdles.shared.as_ref()
}

/// The guards of one model, at the highest load where it is trusted without any; where only one
/// guard is measured, how long its requests wait.
fn of_model(analysis: &Analysis, cells: &[Cell<'_>]) -> Option<Finding> {
    let guarded = || cells.iter().filter(|cell| cell.point.trusted() && guard(cell).is_some());
    let is_none = |cell: &Cell<'_>| guard(cell).is_some_and(|shared| shared.guard == NONE);
    let several = guarded().any(|cell| !is_none(cell));
    match guarded().rfind(|cell| is_none(cell)) {
        Some(none) if several => against(none, cells),
        _ => alone(analysis, guarded().next_back()?),
    }
}

fn against(none: &Cell<'_>, cells: &[Cell<'_>]) -> Option<Finding> {
    let mut parts = Vec::new();
    let mut evidence = Vec::new();
    let mut left_out = Vec::new();
    let mut worst: Option<Said> = None;
    let (mut different, mut alike) = (false, true);
    for cell in cells.iter().filter(|cell| cell.same_load(none)) {
        let Some(shared) = guard(cell).filter(|shared| shared.guard != NONE) else { continue };
        let name = &shared.guard;
        let Some(said) = Said::of(&THROUGHPUT, cell.point, none.point) else {
            left_out.push(name.clone());
            continue;
        };
        let p99 = cell.point.median(&SHARED_WAIT_P99);
        let wait = p99.map(|us| format!(", wait p99 {}", format::micros(us))).unwrap_or_default();
        parts.push(format!("{name} {}{wait}", said.figure()));
        evidence.push(format!("{name} {}", said.evidence()));
        different |= said.different();
        alike &= said.decision == Decision::Alike;
        if worst.as_ref().is_none_or(|least| said.ratio.ratio < least.ratio.ratio) {
            worst = Some(said);
        }
    }
    let worst = worst?;
    let mut sentence = Sentence::new()
        .text("Throughput with a guarded table over that with a table of each thread's own, under ")
        .model(none.series)
        .text(format!(": {}.", parts.join("; ")));
    if !left_out.is_empty() {
        sentence = sentence.text(format!(" Not to be trusted here: {}.", format::list(&left_out)));
    }
    if alike {
        sentence = sentence.text(" How it is guarded decides nothing here.");
    }
    Some(Finding {
        key: RULE.key,
        figure: format::ratio(worst.ratio.ratio),
        sentence: sentence.muted(evidence.join("; ")).done(),
        different,
    })
}

/// How long requests wait for the one guard that is measured.
fn alone(analysis: &Analysis, cell: &Cell<'_>) -> Option<Finding> {
    let shared = guard(cell)?;
    let mean = cell.point.estimate(&SHARED_WAIT_MEAN)?;
    let p99 = cell.point.median(&SHARED_WAIT_P99);
    let p99 = p99.map(|us| format!(", {} at p99", format::micros(us))).unwrap_or_default();
    let sentence = Sentence::new().model(cell.series).text(format!(
        " waits {} on average{p99} for the table that requests share, at {}, guard{NBSP}={NBSP}{}.",
        format::micros(mean.median),
        analysis.axis().at(cell.point.level),
        shared.guard
    ));
    let interval = mean.interval.map(|(low, high)| {
        format!("95{NBSP}% of the mean: {} to {}", format::micros(low), format::micros(high))
    });
    Some(Finding {
        key: RULE.key,
        figure: format::micros(mean.median),
        sentence: sentence.muted(interval.unwrap_or_default()).done(),
        different: false,
    })
}
