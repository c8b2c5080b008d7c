//! Ratios to the baseline: a forest plot of throughput, paired by repeat, a row per level.

mod data;

use std::fmt::Write as _;

use super::axes;
use super::layout::{Layout, TICK_LABEL, X_TITLE};
use super::marks::{Fill, mark};
use super::palette::Ink;
use super::scale::Scale;
use super::svg::{Anchor, Area, Canvas, Font, Stroke, escape, num, path_data};
use super::text::{self, Weight};
use super::{Chart, Drawing, Outcome, Plot, notes, table, takeaway, words};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Comparison, Place, Series};
use crate::format;
use crate::stats::{Decision, LEAST_EFFECT};

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "ratio", section: "Ratio to baseline", short: "Ratio to baseline", draw };

/// Height of a row.
const ROW: f64 = 32.0;
/// Height of a model's heading.
const HEAD: f64 = 30.0;
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

/// The interval, or the range of the repeats where there is none.
fn reach(comparison: &Comparison) -> (f64, f64) {
    comparison.ratio.interval.unwrap_or(comparison.ratio.range)
}

/// Where things go across: plot, and the right ends of the two columns of figures.
struct Across {
    plot: (f64, f64),
    ratio: f64,
    interval: Option<f64>,
}

fn plot(analysis: &Analysis, rivals: &[(&Series, Vec<Row>)], layout: Layout) -> Option<Plot> {
    let across = if layout.narrow {
        Across { plot: (62.0, 312.0), ratio: 368.0, interval: None }
    } else {
        Across { plot: (112.0, 780.0), ratio: 838.0, interval: Some(936.0) }
    };
    let all = || rivals.iter().flat_map(|(_, rows)| rows);
    let ends = all().flat_map(|row| {
        let (low, high) = reach(&row.comparison);
        [
            low,
            high,
            row.comparison.ratio.ratio,
            row.comparison.ratio.range.0,
            row.comparison.ratio.range.1,
        ]
    });
    let x = Scale::log(ends.chain([1.0 / 1.2, 1.2]), across.plot.1 - across.plot.0, 44.0)?;
    let top = 36.0;
    let height: f64 = rivals.iter().map(|(_, rows)| HEAD + ROW * rows.len() as f64).sum();
    let area = Area { left: across.plot.0, top, right: across.plot.1, bottom: top + height + 4.0 };
    let mut canvas = Canvas::default();
    axis(&mut canvas, &x, area);
    header(&mut canvas, analysis, &x, area, &across, layout);
    let mut y = top;
    for (series, rows) in rivals {
        let room = area.right - layout.edge;
        let heading = match series.again {
            Some(of) => {
                format!("A/A: {} ÷ {}", analysis.series[of].model.label, series.model.label)
            }
            None => format!("÷ {}", series.model.label),
        };
        let label = text::cut(&heading, 13.0, Weight::Bold, room - 20.0);
        mark(&mut canvas, (layout.edge + 5.0, y + 17.6), series.index, Fill::Solid, "");
        canvas.text((layout.edge + 16.0, y + 22.0), &label, Font::label(Ink::Text(series.index)));
        y += HEAD;
        ground(&mut canvas, &x, Area { top: y, bottom: y + ROW * rows.len() as f64, ..area });
        for row in rows {
            forest_row(&mut canvas, analysis, (&x, area, &across), row, y, layout.edge);
            y += ROW;
            let line = Stroke { ink: Ink::Grid, width: 1.0, dash: &[] };
            canvas.path(&[(layout.edge, y), (across.interval.unwrap_or(across.ratio), y)], line);
        }
    }
    let (markup, texts) = canvas.finish();
    Some(Plot {
        markup,
        width: layout.width,
        edge: layout.edge,
        height: area.bottom + X_TITLE + 14.0,
        texts,
    })
}

fn at(x: &Scale, area: Area, value: f64) -> f64 {
    area.left + (area.right - area.left) * x.share(value)
}

/// The band of likeness, the line at 1 and the grid, behind the rows of one model.
fn ground(canvas: &mut Canvas, x: &Scale, area: Area) {
    let (low, high) = (at(x, area, LEAST_EFFECT.recip()), at(x, area, LEAST_EFFECT));
    canvas.fill(
        &[(low, area.top), (high, area.top), (high, area.bottom), (low, area.bottom)],
        Ink::Void,
    );
    for tick in &x.ticks {
        let place = at(x, area, tick.value);
        let one = (tick.value - 1.0).abs() < 1e-9;
        let grid = Stroke { ink: Ink::Decade, width: 1.0, dash: &[] };
        canvas.path(
            &[(place, area.top), (place, area.bottom)],
            if one { Stroke::IDEAL } else { grid },
        );
    }
}

fn axis(canvas: &mut Canvas, x: &Scale, area: Area) {
    let font = Font::plain(Ink::Normal).at(Anchor::Middle);
    for tick in &x.ticks {
        let place = at(x, area, tick.value);
        canvas.path(&[(place, area.bottom), (place, area.bottom + 5.0)], Stroke::AXIS);
        canvas.text(
            (place, area.bottom + TICK_LABEL),
            &format!("{}×", axes::kilo(tick.value)),
            font,
        );
    }
    canvas.path(&[(area.left, area.bottom), (area.right, area.bottom)], Stroke::AXIS);
    canvas.text(
        (area.left, area.bottom + X_TITLE),
        "Throughput ratio (log)",
        Font::plain(Ink::Normal),
    );
}

fn header(
    canvas: &mut Canvas,
    analysis: &Analysis,
    x: &Scale,
    area: Area,
    across: &Across,
    layout: Layout,
) {
    let weak = Font::plain(Ink::Weak);
    let y = area.top - 12.0;
    let first = canvas.text((layout.edge, y), &table::level_heading(analysis), weak);
    let last = match across.interval {
        Some(right) => canvas.text((right, y), "ratio  [95 % interval]", weak.at(Anchor::End)),
        None => canvas.text((across.ratio, y), "ratio", weak.at(Anchor::End)),
    };
    let words = "alike: within 5 %";
    let half = weak.width(words) / 2.0;
    let centre = at(x, area, 1.0)
        .clamp(first.right + half + 8.0, (last.left - half - 8.0).max(first.right + half + 8.0));
    canvas.text((centre, y), words, weak.at(Anchor::Middle));
}

fn forest_row(
    canvas: &mut Canvas,
    analysis: &Analysis,
    (x, area, across): (&Scale, Area, &Across),
    row: &Row,
    top: f64,
    edge: f64,
) {
    let middle = top + 14.0;
    let called = row.comparison.decision == Decision::Different && row.trusted;
    let ink = if called { Ink::Strong } else { Ink::Ideal };
    let ratio = &row.comparison.ratio;
    let (low, high) = reach(&row.comparison);
    let dash: &[f64] = if row.trusted { &[] } else { &[3.0, 3.0] };
    canvas.path(
        &[(at(x, area, low), middle), (at(x, area, high), middle)],
        Stroke { ink, width: 2.0, dash },
    );
    let level = analysis.axis().word(row.level);
    for (repeat, value) in &ratio.pairs {
        let look = if row.trusted {
            format!("fill=\"{}\" opacity=\"0.5\"", ink.hex())
        } else {
            format!("fill=\"none\" stroke=\"{}\" opacity=\"0.6\"", ink.hex())
        };
        canvas.raw(&format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"2.4\" {look}><title>{}</title></circle>",
            num(at(x, area, *value)),
            num(middle + 9.5),
            escape(&format!("{level}, repeat {}: {}", repeat + 1, format::ratio(*value)))
        ));
    }
    diamond(
        canvas,
        (at(x, area, ratio.ratio), middle),
        ink,
        row.trusted,
        &format!("{level}: {}", format::ratio(ratio.ratio)),
    );
    let name =
        Font { size: 13.0, ..Font::plain(if row.trusted { Ink::Strong } else { Ink::Weak }) };
    canvas.text((edge, middle + 4.2), &level, name);
    let figure = Font {
        size: 13.0,
        weight: if called { Weight::Bold } else { Weight::Regular },
        ink: if called { Ink::Strong } else { Ink::Weak },
        anchor: Anchor::End,
    };
    canvas.text((across.ratio, middle + 4.2), &format::ratio(ratio.ratio).replace('×', ""), figure);
    if let Some(right) = across.interval {
        let words = match ratio.interval {
            Some((low, high)) => format!("[{}, {}]", format::digits(low), format::digits(high)),
            None => format::MISSING.to_owned(),
        };
        canvas.text((right, middle + 4.2), &words, Font::plain(Ink::Normal).at(Anchor::End));
    }
}

fn diamond(canvas: &mut Canvas, (x, y): (f64, f64), ink: Ink, trusted: bool, title: &str) {
    let points = [(x, y - 5.6), (x + 5.6, y), (x, y + 5.6), (x - 5.6, y)];
    let ground = Ink::Background.hex();
    let look = if trusted {
        format!("fill=\"{}\" stroke=\"{ground}\" stroke-width=\"1\"", ink.hex())
    } else {
        format!("fill=\"{ground}\" stroke=\"{}\" stroke-width=\"2\"", ink.hex())
    };
    canvas.raw(&format!(
        "<path d=\"{}Z\" {look}><title>{}</title></path>",
        path_data(&points),
        escape(title)
    ));
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
        parts.push(format!("{how} {reach} {}", analysis.axis().title(likeness.level)));
    }
    let figure = |row: &Row| {
        format!(
            "{} at {}",
            format::ratio(row.comparison.ratio.ratio),
            analysis.axis().word(row.level)
        )
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
