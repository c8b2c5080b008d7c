//! Run health: which points are not to be trusted and why, the checks with their thresholds, what the
//! mock and the machine did meanwhile, remarks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use measurement::log2::Log2;
use measurement::row::TrialRow;

use super::parts::{self, Column, Kind, Table};
use crate::analysis::Analysis;
use crate::charts::drawing::svg::escape;
use crate::format;
use crate::stats::median;
use crate::trust::{self, place};

pub(super) fn render(analysis: &Analysis) -> String {
    let (trusted, all) = (analysis.trusted_rows(), analysis.ended());
    let planned = analysis.run.trials_planned as usize;
    let mut intro = format!("{trusted} of {all} trials are to be trusted.");
    if all < planned {
        let _ = write!(intro, " {} of {planned} planned never ended.", planned - all);
    }
    if let Some(again) = trust::again(analysis) {
        let _ = write!(intro, " {again}");
    }
    intro.push_str(below(analysis));
    let mut body = format!("<p class=\"sub\">{}</p>\n", escape(&intro));
    body.push_str(&doubts(analysis));
    body.push_str(&checks(analysis));
    body.push_str(&ids(analysis));
    body.push_str(&instrument(analysis));
    body.push_str(&sizes(analysis));
    body.push_str(&super::calibration::render(analysis));
    body.push_str(&remarks(analysis));
    parts::section("health", "Run health", &body)
}

/// One of several reasons, on lines of its own.
fn each(reason: &str) -> String {
    format!("<span class=\"each\">{}</span>", parts::prose(reason))
}

/// What is left out of the points in the table below.
fn below(analysis: &Analysis) -> &'static str {
    let points = || analysis.series.iter().flat_map(|series| &series.points);
    let whole = points().any(|point| !point.trusted());
    let part = points().any(|point| point.trusted() && point.untrusted_rows() > 0);
    match (whole, part) {
        (true, false) => {
            " The points below are hollow or crossed in the charts and left out of verdict and findings."
        }
        (true, true) => {
            " The points below are hollow or crossed in the charts and left out of verdict and findings; \
             those marked “run again” or “a repeat left out” stand, only the attempts told of are left out."
        }
        (false, true) => {
            " The points below stand; only the attempts told of are left out of verdict and findings."
        }
        (false, false) => "",
    }
}

/// The points that are not to be trusted, and those with a repeat left out.
fn doubts(analysis: &Analysis) -> String {
    let mut table = Table::new(vec![
        Column { heading: "model", kind: Kind::Word },
        Column { heading: level_heading(analysis), kind: Kind::Figure },
        Column { heading: "verdict", kind: Kind::Word },
        Column { heading: "trials", kind: Kind::Figure },
        Column { heading: "reason", kind: Kind::Sentence },
    ]);
    let mut any = false;
    for series in &analysis.series {
        for point in series.points.iter().filter(|point| point.untrusted_rows() > 0) {
            any = true;
            let bad = point.rows.iter().filter(|row| !row.verdict.trusted());
            let mut reasons: Vec<String> = Vec::new();
            for row in bad {
                let reason = if row.reason.is_empty() {
                    row.verdict.name().to_owned()
                } else {
                    row.reason.clone()
                };
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
            let verdict = match (point.trusted(), point.lost_repeats()) {
                (false, _) => point.verdict.name(),
                (true, 0) => "run again",
                (true, _) => "a repeat left out",
            };
            let cells = [
                parts::named(series.look, &series.model.label),
                escape(&analysis.axis().word(point.level)),
                format!("<span class=\"pill doubt\">{verdict}</span>"),
                format!("{} of {}", point.untrusted_rows(), point.rows.len()),
                reasons.iter().map(|reason| each(reason)).collect(),
            ];
            table.row(&cells, true);
        }
    }
    if any { table.done("Points not to be trusted", "") } else { String::new() }
}

fn level_heading(analysis: &Analysis) -> &str {
    analysis.axis().heading()
}

fn checks(analysis: &Analysis) -> String {
    let checks = trust::checks(analysis);
    if checks.is_empty() {
        return String::new();
    }
    let mut table = Table::new(vec![
        Column { heading: "check", kind: Kind::Word },
        Column { heading: "must hold", kind: Kind::Sentence },
        Column { heading: "passed", kind: Kind::Figure },
        Column { heading: "failed", kind: Kind::Figure },
        Column { heading: "not checked", kind: Kind::Figure },
        Column { heading: "worst trial", kind: Kind::Sentence },
    ]);
    for check in checks {
        let cells = [
            escape(&check.name),
            parts::prose(&check.threshold),
            check.passed.to_string(),
            check.failed.to_string(),
            check.not_checked.to_string(),
            parts::prose(&check.worst),
        ];
        table.row(&cells, true);
    }
    format!("<h3>Checks</h3>\n{}", table.done("Checks made of every trial", ""))
}

/// What was sent, received, answered and recorded in all trials, and the trials that disagree.
fn ids(analysis: &Analysis) -> String {
    let accounts = trust::ids(analysis);
    let Some(first) = accounts.first() else { return String::new() };
    let mut columns = vec![
        Column { heading: "upstream", kind: Kind::Word },
        Column { heading: "phase", kind: Kind::Word },
    ];
    let headings = trust::id_columns(first).map(|(heading, _)| heading);
    columns.extend(headings.map(|heading| Column { heading, kind: Kind::Figure }));
    let mut table = Table::new(columns);
    for account in &accounts {
        let counts = trust::id_columns(account).map(|(_, count)| format::count(count as f64));
        let mut cells = vec![escape(&account.upstream), escape(&account.phase)];
        cells.extend(counts);
        table.row(&cells, true);
    }
    let caption = "Fetches by id, all trials together: the client’s records against the mock’s log";
    let lines: String =
        trust::id_mismatches(analysis).iter().map(|line| parts::note(line)).collect();
    let told = escape(caption);
    format!("<h3>Ids</h3>\n<p class=\"sub\">{told}</p>\n{}{lines}", table.done(caption, ""))
}

/// A figure of the instrument itself: its name, how to read it off a row, how to word it.
type Gauge = (&'static str, fn(&TrialRow) -> Option<f64>, fn(f64) -> String);

/// How late the mock's answers were and how long its event loop's turns took, over all trials.
fn sizes(analysis: &Analysis) -> String {
    let (mut errors, mut turns) = (Log2::default(), Log2::default());
    for row in &analysis.rows {
        errors.merge(&row.hold_errors);
        turns.merge(&row.loop_turns);
    }
    if errors.total() == 0 {
        return String::new();
    }
    let mut table = Table::new(vec![
        Column { heading: "below", kind: Kind::Figure },
        Column { heading: "answers this late", kind: Kind::Figure },
        Column { heading: "turns this long", kind: Kind::Figure },
    ]);
    let (late, long): (BTreeMap<u64, u64>, BTreeMap<u64, u64>) =
        (by_bound(&errors), by_bound(&turns));
    let bounds: BTreeSet<u64> = late.keys().chain(long.keys()).copied().collect();
    let count = |of: &BTreeMap<u64, u64>, bound| {
        of.get(bound).map_or(format::MISSING.to_owned(), |&count| format::count(count as f64))
    };
    for bound in &bounds {
        let name =
            if *bound == u64::MAX { "more".to_owned() } else { format::micros(*bound as f64) };
        table.row(&[name, count(&late, bound), count(&long, bound)], true);
    }
    let caption =
        "How late the mock answered (held − requested), and the turns of its event loop, by size";
    format!(
        "<details><summary>{}</summary>\n{}</details>\n",
        escape(caption),
        table.done(caption, "")
    )
}

fn by_bound(histogram: &Log2) -> BTreeMap<u64, u64> {
    histogram.buckets().map(|(bound, count)| (bound.unwrap_or(u64::MAX), count)).collect()
}

/// What the mock and the machine did: median over the trials, and the worst.
fn instrument(analysis: &Analysis) -> String {
    let gauges: [Gauge; 7] = [
        ("hold error of the mock, p50", |row| row.hold_error_p50_us, format::micros),
        ("hold error of the mock, p99", |row| row.hold_error_p99_us, format::micros),
        (
            "mock’s CPU per second",
            |row| Some(row.upstream_cpu_s? / row.duration_s?),
            format::percent,
        ),
        ("CPU stolen by the hypervisor", |row| row.steal, format::percent),
        (
            "CPU pressure: some task had no CPU, the model’s own threads included",
            |row| row.pressure,
            format::percent,
        ),
        (
            "off Little’s law, N̄ ÷ (X·R̄) − 1",
            |row| row.little_residual.map(f64::abs),
            format::percent,
        ),
        ("stale connections", |row| Some(row.stale_connections as f64), format::count),
    ];
    let mut table = Table::new(vec![
        Column { heading: "measure", kind: Kind::Sentence },
        Column { heading: "median trial", kind: Kind::Figure },
        Column { heading: "worst trial", kind: Kind::Figure },
        Column { heading: "which", kind: Kind::Sentence },
    ]);
    let mut any = false;
    for (name, of, show) in gauges {
        let seen: Vec<(f64, &TrialRow)> = analysis
            .rows
            .iter()
            .filter_map(|row| Some((of(row).filter(|v| v.is_finite())?, row)))
            .collect();
        let values: Vec<f64> = seen.iter().map(|(value, _)| *value).collect();
        let worst = seen.iter().max_by(|a, b| a.0.total_cmp(&b.0));
        let (Some(middle), Some((worst, row))) = (median(&values), worst) else { continue };
        any = true;
        let which = if *worst > 0.0 { place(analysis, row) } else { String::new() };
        table.row(
            &[escape(name), escape(&show(middle)), escape(&show(*worst)), escape(&which)],
            true,
        );
    }
    if !any {
        return String::new();
    }
    format!("<h3>Mock and machine</h3>\n{}", table.done("What the mock and the machine did", ""))
}

/// Remarks on the run, then those on trials with how many bear them.
fn remarks(analysis: &Analysis) -> String {
    let mut out: String = analysis.notes.iter().map(|text| parts::note(text)).collect();
    for remark in crate::remarks::remarks(analysis) {
        out.push_str(&parts::note(&format!(
            "{} ({})",
            format::capital(&remark.words),
            remark.trials
        )));
    }
    if out.is_empty() { out } else { format!("<h3>Remarks</h3>\n{out}") }
}
