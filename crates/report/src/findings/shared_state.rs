//! What guarding the table that all requests share costs: each guard against none, and how long
//! requests wait for it.

use measurement::hurdles::SharedFigures;

use super::cells::{Cell, Said, by_model};
use super::{Finding, Rule, brief};
use crate::analysis::Analysis;
use crate::analysis::metric::{SHARED_WAIT_MEAN, SHARED_WAIT_P99, THROUGHPUT};
use crate::format::{self, NBSP};
use crate::sentence::Sentence;
use crate::stats::Decision;

pub(super) const RULE: Rule = Rule {
    key: "shared_state",
    doc: "throughput under each guard of shared state against none, and the wait for it",
    find,
    answer: Some(answer),
};

/// The guard that is none.
const NONE: &str = "none";

fn find(analysis: &Analysis) -> Vec<Finding> {
    by_model(analysis).iter().filter_map(|cells| of_model(analysis, cells)).collect()
}

/// Asked where several guards are measured: what the dearest costs each model.
fn answer(analysis: &Analysis) -> Option<Sentence> {
    let models = by_model(analysis);
    let all: Vec<Against> =
        models.iter().filter_map(|cells| Against::of(reference(cells)?, cells)).collect();
    let (dear, none): (Vec<&Against>, Vec<&Against>) =
        all.iter().partition(|own| own.dearest().is_some());
    let none: Vec<usize> = none.iter().map(|own| own.series).collect();
    let mut sentence = Sentence::new().text("Guarding the table that requests share costs ");
    for (at, own) in dear.iter().enumerate() {
        let Some((guard, said)) = own.dearest() else { continue };
        let joint = if at == 0 { "up to " } else { ", up to " };
        let of = if at == 0 { " of throughput" } else { "" };
        let than = if at == 0 { " that with a table for each thread" } else { "" };
        sentence = sentence
            .text(format!("{joint}{}{of} under ", format::percent(1.0 - said.ratio.ratio)))
            .model(own.series)
            .text(format!(" ({guard}: {}{than};", said.figure()))
            .muted(brief(&said.ratio, said.decision))
            .text(")");
    }
    if dear.is_empty() {
        sentence = Sentence::new()
            .text("However the table that requests share is guarded, throughput does not tell");
    }
    let (joint, end) =
        if dear.is_empty() { (" under ", ".") } else { ("; under ", " no loss may be called.") };
    match (all.is_empty(), none.is_empty()) {
        (true, _) => None,
        (_, true) => Some(sentence.text(".")),
        _ => Some(sentence.text(joint).models(&none).text(end)),
    }
}

fn guard<'a>(cell: &Cell<'a>) -> Option<&'a SharedFigures> {
    let hurdles = cell.point.rows_used().find_map(|row| row.hurdles.as_ref())?;
    hurdles.shared.as_ref()
}

/// The cell without any guard, at the highest load where it is trusted, if there are others.
fn reference<'c, 'a>(cells: &'c [Cell<'a>]) -> Option<&'c Cell<'a>> {
    let guarded = || cells.iter().filter(|cell| cell.point.trusted() && guard(cell).is_some());
    let is_none = |cell: &Cell<'_>| guard(cell).is_some_and(|shared| shared.guard == NONE);
    let several = guarded().any(|cell| !is_none(cell));
    guarded().rfind(|cell| is_none(cell)).filter(|_| several)
}

/// The guards of one model against none; where only one guard is measured, how long its requests
/// wait.
fn of_model(analysis: &Analysis, cells: &[Cell<'_>]) -> Option<Finding> {
    if let Some(none) = reference(cells) {
        return Against::of(none, cells)?.say();
    }
    let guarded = |cell: &&Cell<'_>| cell.point.trusted() && guard(cell).is_some();
    alone(analysis, cells.iter().rfind(guarded)?)
}

/// The guards of one model, each against none.
struct Against {
    series: usize,
    /// Name, throughput over that without a guard, p99 of the wait in µs.
    guards: Vec<(String, Said, Option<f64>)>,
    left_out: Vec<String>,
}

impl Against {
    fn of(none: &Cell<'_>, cells: &[Cell<'_>]) -> Option<Self> {
        let mut own = Self { series: none.series, guards: Vec::new(), left_out: Vec::new() };
        for cell in cells.iter().filter(|cell| cell.same_load(none)) {
            let Some(shared) = guard(cell).filter(|shared| shared.guard != NONE) else { continue };
            match Said::of(&THROUGHPUT, cell.point, none.point) {
                Some(said) => {
                    let p99 = cell.point.median(&SHARED_WAIT_P99);
                    own.guards.push((shared.guard.clone(), said, p99));
                }
                None => own.left_out.push(shared.guard.clone()),
            }
        }
        (!own.guards.is_empty()).then_some(own)
    }

    /// The guard that costs most, of those where a difference may be called.
    fn dearest(&self) -> Option<(&str, &Said)> {
        let called = self.guards.iter().filter(|(_, said, _)| said.different());
        let dearest = called.min_by(|a, b| a.1.ratio.ratio.total_cmp(&b.1.ratio.ratio))?;
        Some((dearest.0.as_str(), &dearest.1)).filter(|(_, said)| said.ratio.ratio < 1.0)
    }

    fn say(&self) -> Option<Finding> {
        let least = self.guards.iter().map(|(_, said, _)| said.ratio.ratio).reduce(f64::min)?;
        let mut sentence = Sentence::new()
            .text("Throughput of ")
            .model(self.series)
            .text(" with a shared table over that with a table for each thread");
        for (at, (name, said, p99_us)) in self.guards.iter().enumerate() {
            let joint = if at == 0 { ": " } else { "; " };
            let wait = p99_us.map(|us| format!(", p99 of the wait {}", format::micros(us)));
            sentence = sentence
                .text(format!(
                    "{joint}{name} {}{}",
                    format::ratio(said.ratio.ratio),
                    wait.unwrap_or_default()
                ))
                .muted(format!("({})", brief(&said.ratio, said.decision)));
        }
        sentence = sentence.text(".");
        if !self.left_out.is_empty() {
            let names = format::list(&self.left_out);
            sentence = sentence.text(format!(" Not to be trusted here: {names}."));
        }
        if self.guards.iter().all(|(_, said, _)| said.decision == Decision::Alike) {
            sentence = sentence.text(" How it is guarded decides nothing here.");
        }
        Some(Finding {
            key: RULE.key,
            figure: format::ratio(least),
            sentence: sentence.done(),
            different: self.guards.iter().any(|(_, said, _)| said.different()),
        })
    }
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
