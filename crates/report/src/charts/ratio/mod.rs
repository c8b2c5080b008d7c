//! Ratios to the baseline: a forest plot of throughput, paired by repeat, a row per level.

mod data;

use std::fmt::Write as _;

use super::drawing::forest::{self, Forest};
use super::drawing::layout::Layout;
use super::prose::{notes, table, takeaway, words};
use super::{Chart, Drawing, Outcome, Plot};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Comparison, Place, Series};
use crate::format;
use crate::stats::Decision;

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "ratio", section: "Ratio to baseline", short: "Ratio to baseline", draw };

/// More models than this are left to the table.
const MOST: usize = 4;

/// One row of the forest.
struct Row {
    level: f64,
    comparison: Comparison,
    trusted: bool,
}

fn draw(analysis: &Analysis) -> Outcome {
    let Some(base) = analysis.baseline() else {
        return Outcome::LeftOut("no model has a throughput to be trusted".to_owned());
    };
    let rivals: Vec<(&Series, Vec<Row>)> = analysis
        .rivals()
        .into_iter()
        .map(|rival| (rival, rows(analysis, base, rival)))
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    if rivals.is_empty() {
        return Outcome::LeftOut("there is no second model to compare with".to_owned());
    }
    // What no difference looks like stands below the differences.
    let twins: Vec<(&Series, Vec<Row>)> = analysis
        .series
        .iter()
        .filter(|series| series.again.is_some())
        .map(|series| (series, with_itself(analysis, series)))
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    let count = rivals.len();
    let drawn = count.min(MOST) + twins.len();
    let mut rivals = rivals;
    let rest = rivals.split_off(count.min(MOST));
    rivals.extend(twins);
    rivals.extend(rest);
    let shown = &rivals[..drawn];
    let (Some(wide), Some(narrow)) =
        (plot(analysis, shown, Layout::WIDE), plot(analysis, shown, Layout::NARROW))
    else {
        return Outcome::LeftOut("no ratio can be drawn".to_owned());
    };
    let n = rivals
        .iter()
        .flat_map(|(_, rows)| rows)
        .map(|row| row.comparison.ratio.pairs.len())
        .max()
        .unwrap_or(0);
    let interval = if n >= 3 {
        "bar: 95\u{a0}% interval (t, on logs)"
    } else {
        "too few repeats for an interval: bar is their range"
    };
    let mut remarks = vec![
        "Grey: no difference to call (the interval contains 1, or the effect is under 5\u{a0}%)"
            .to_owned(),
    ];
    if shown.iter().any(|(series, _)| series.again.is_some()) {
        remarks.push("A/A: a model against itself under another label: what no difference looks like on this machine".to_owned());
    } else {
        remarks.push("No A/A row: no model runs twice".to_owned());
    }
    if count > MOST {
        remarks.push(format!("Drawn: the {MOST} closest rivals of {count}; all are in the table"));
    }
    Outcome::Drawn(Box::new(Drawing {
        title: title(analysis, base, &rivals[0]),
        subtitle: format!(
            "Throughput of {} ÷ that of each other model at the same load, paired by repeat; dots: n\u{a0}=\u{a0}{n} repeats; {interval}",
            base.model.label
        ),
        context: words::context(analysis),
        desc: desc(analysis, base, shown),
        wide,
        narrow,
        notes: remarks,
        doubts: notes::doubts(analysis),
        source: words::source(analysis),
        table: data::table(analysis, base, &rivals),
    }))
}

/// Trusted levels with the corrected decision, the others hollow.
fn rows(analysis: &Analysis, base: &Series, rival: &Series) -> Vec<Row> {
    let row = |level: f64| {
        let corrected = analysis.comparison(&THROUGHPUT, rival.index, Place::Level(level)).cloned();
        let trusted = corrected.is_some();
        let comparison =
            corrected.or_else(|| analysis.compare(&THROUGHPUT, base.index, rival.index, level))?;
        Some(Row { level, comparison, trusted })
    };
    analysis.levels().into_iter().filter_map(row).collect()
}

/// A model ÷ itself again.
fn with_itself(analysis: &Analysis, again: &Series) -> Vec<Row> {
    let own = analysis.a_a().iter().filter(|comparison| {
        comparison.over == again.index && comparison.metric.key == THROUGHPUT.key
    });
    own.filter_map(|comparison| match comparison.place {
        Place::Level(level) => Some(Row { level, comparison: comparison.clone(), trusted: true }),
        Place::Peaks => None,
    })
    .collect()
}

fn plot(analysis: &Analysis, rivals: &[(&Series, Vec<Row>)], layout: Layout) -> Option<Plot> {
    let groups = rivals.iter().map(|(series, rows)| forest::Group {
        model: series.look,
        heading: match series.again {
            Some(of) => {
                format!("A/A: {} ÷ {}", analysis.series[of].model.label, series.model.label)
            }
            None => format!("÷ {}", series.model.label),
        },
        rows: rows.iter().map(|row| forest_row(analysis, row)).collect(),
    });
    let forest = Forest {
        groups: groups.collect(),
        column: table::level_heading(analysis),
        title: "Throughput ratio (log)".to_owned(),
    };
    forest.plot(layout)
}

fn forest_row(analysis: &Analysis, row: &Row) -> forest::Row {
    let ratio = &row.comparison.ratio;
    forest::Row {
        name: analysis.axis().word(row.level),
        ratio: ratio.ratio,
        interval: ratio.interval,
        reach: ratio.interval.unwrap_or(ratio.range),
        repeats: ratio.pairs.clone(),
        called: row.comparison.decision == Decision::Different,
        trusted: row.trusted,
    }
}

/// The likeness, then the ratio where it is first called and at the highest trusted level.
fn title(analysis: &Analysis, base: &Series, (rival, rows): &(&Series, Vec<Row>)) -> String {
    let called: Vec<&Row> = rows
        .iter()
        .filter(|row| row.trusted && row.comparison.decision == Decision::Different)
        .collect();
    let mut parts = Vec::new();
    if let Some(likeness) = takeaway::likeness(analysis) {
        let how = likeness.how.trim_start_matches("are ");
        let first = analysis
            .levels()
            .first()
            .is_some_and(|first| first.to_bits() == likeness.level.to_bits());
        let reach = if first { "at" } else { "up to" };
        parts.push(if analysis.axis().is_load() {
            format!("{how} {reach} {}", analysis.axis().title(likeness.level))
        } else {
            format!("{how} at every value")
        });
    }
    let figure = |row: &Row| {
        let at = if analysis.axis().is_load() {
            format!("at {}", analysis.axis().word(row.level))
        } else {
            analysis.axis().amid(row.level)
        };
        format!("{} {at}", format::ratio(row.comparison.ratio.ratio))
    };
    match called.as_slice() {
        [] => {}
        [one] => parts.push(figure(one)),
        [first, .., last] => parts.push(format!("{}, {}", figure(first), figure(last))),
    }
    let (a, b) = (&base.model.label, &rival.model.label);
    if parts.is_empty() {
        return format!("{a} over {b}: no difference to call");
    }
    format!("{a} over {b}: {}", parts.join("; "))
}

fn desc(analysis: &Analysis, base: &Series, rivals: &[(&Series, Vec<Row>)]) -> String {
    let mut text = format!(
        "Forest plot of throughput ratios of {} to the others, log axis, line at 1.",
        base.model.label
    );
    for (series, rows) in rivals {
        let figures: Vec<String> = rows
            .iter()
            .map(|row| {
                let interval = row
                    .comparison
                    .ratio
                    .interval
                    .map(|i| format!(" ({})", format::interval(i)))
                    .unwrap_or_default();
                format!(
                    "{} {}{interval}",
                    analysis.axis().word(row.level),
                    format::ratio(row.comparison.ratio.ratio)
                )
            })
            .collect();
        let _ = write!(text, " Over {}: {}.", series.model.label, figures.join("; "));
    }
    text
}
