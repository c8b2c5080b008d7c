//! Outcomes over the levels: a panel per model, stacked from zero, so that no latency is read without
//! its errors.
//!
//! Where more than a tenth of the requests failed somewhere, bars go to 100 %; else the axis ends above
//! the largest share that was not ok, and what is missing to 100 % is ok.

mod kinds;

use std::fmt::Write as _;

use self::kinds::{Bar, KINDS, Kind, Panels, STRIPED, bars_of, kinds};
use super::drawing::axes;
use super::drawing::bars;
use super::drawing::layout::{AXIS_TITLE, FOOT, HEADING, Layout, PLOT_TOP, TICK_LABEL, X_TITLE};
use super::drawing::marks::{Fill, mark};
use super::drawing::palette::Ink;
use super::drawing::svg::{Anchor, Area, Canvas, Font, Stroke, escape, num};
use super::drawing::text::{self, Weight};
use super::prose::{notes, table, words};
use super::{Chart, Drawing, Outcome, Plot};
use crate::analysis::metric::{
    DEGRADED_SHARE, FAILED_SHARE, Metric, NOT_OK_SHARE, SHED_SHARE, UNFINISHED_SHARE,
};
use crate::analysis::{Analysis, Series};
use crate::format::{self, Unit};

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "outcomes", section: "Outcomes", short: "Outcomes", draw };

fn draw(analysis: &Analysis) -> Outcome {
    let panels: Vec<(&Series, Vec<Bar>)> = analysis
        .distinct()
        .map(|series| (series, bars_of(series)))
        .filter(|(_, bars)| !bars.is_empty())
        .collect();
    if panels.is_empty() {
        return Outcome::LeftOut("no request of any trial ended".to_owned());
    }
    let highest = panels.iter().flat_map(|(_, bars)| bars).map(Bar::lost).fold(0.0, f64::max);
    if highest <= 0.0 {
        let trials = format::count(analysis.rows.len() as f64);
        return Outcome::LeftOut(format!("every request that ended in the {trials} trials was ok"));
    }
    let top = axis_top(highest);
    let looks: Vec<String> =
        kinds(&panels).map(|kind| format!("{} {}", kind.look, kind.name)).collect();
    let looks = looks.join(", ");
    let what = if top >= 1.0 {
        format!("Share of requests by outcome: {looks}, grey ok")
    } else {
        format!("Share of requests that were not ok: {looks}; the rest up to 100 % was ok")
    };
    Outcome::Drawn(Box::new(Drawing {
        title: title(analysis),
        subtitle: format!("{what}. Medians of the repeats"),
        context: words::context(analysis),
        desc: desc(analysis),
        wide: plot(analysis, &panels, top, Layout::WIDE),
        narrow: plot(analysis, &panels, top, Layout::NARROW),
        notes: remarks(analysis, &panels),
        doubts: notes::doubts(analysis),
        source: words::source(analysis),
        table: data(analysis),
    }))
}

fn remarks(analysis: &Analysis, panels: &Panels<'_>) -> Vec<String> {
    let means = kinds(panels).map(|kind| kind.means.to_owned());
    means.chain(notes::twins(analysis)).chain(unknown(analysis)).collect()
}

/// Of a closed loop whose requests outlast the window: which points have no bar.
fn unknown(analysis: &Analysis) -> Option<String> {
    let without = |series: &Series| -> Vec<f64> {
        let points = series.trusted_points().filter(|p| p.median(&NOT_OK_SHARE).is_none());
        points.map(|point| point.level).collect()
    };
    let names: Vec<String> = analysis
        .distinct()
        .map(|series| (series, without(series)))
        .filter(|(_, levels)| !levels.is_empty() && !analysis.open())
        .map(|(series, levels)| {
            format!("{} at {}", series.model.label, analysis.axis().at_each(&levels))
        })
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "No bar: {}; no request of the window had ended when the trial did",
            names.join(", ")
        )
    })
}

fn data(analysis: &Analysis) -> super::DataTable {
    if analysis.open() {
        table::of_metrics(analysis, &[DEGRADED_SHARE, FAILED_SHARE, SHED_SHARE, UNFINISHED_SHARE])
    } else {
        table::of_metrics(analysis, &[DEGRADED_SHARE, FAILED_SHARE])
    }
}

/// 1 from a tenth on, else the next of 1, 2, 5 × 10^k.
fn axis_top(highest: f64) -> f64 {
    if highest > 0.1 {
        return 1.0;
    }
    let decade = 10_f64.powf(highest.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * decade).find(|top| *top >= highest).unwrap_or(1.0)
}

fn plot(analysis: &Analysis, panels: &Panels<'_>, top: f64, layout: Layout) -> Plot {
    let kinds: Vec<&Kind> = kinds(panels).collect();
    let columns = if layout.narrow {
        1
    } else {
        panels.len().clamp(1, if panels.len() == 4 { 2 } else { 3 })
    };
    let height = if panels.len() <= columns { 200.0 } else { 130.0 };
    let first = layout.left.max(layout.edge + 52.0);
    let label = 96.0;
    let pitch = (layout.width - first) / columns as f64;
    let levels = analysis.levels();
    let width = pitch - label - 12.0;
    let half = width / levels.len().max(1) as f64 / 2.0;
    let slant = axes::slant(analysis.axis(), &levels, width, half);
    let mut canvas = Canvas::default();
    canvas.text((layout.edge, AXIS_TITLE), "Share of requests", Font::plain(Ink::Normal));
    let mut bottom = 0.0_f64;
    for (at, (series, bars)) in panels.iter().enumerate() {
        let (row, column) = (at / columns, at % columns);
        let left = first + pitch * column as f64;
        let upper = PLOT_TOP + HEADING + (height + FOOT + slant + HEADING) * row as f64;
        let area =
            Area { left, top: upper, right: left + pitch - label - 12.0, bottom: upper + height };
        let last_row = row == (panels.len() - 1) / columns;
        panel(&mut canvas, analysis, (series, bars), (top, slant), area);
        figures(&mut canvas, analysis, (series, bars), &kinds, area);
        if column == 0 {
            scale(&mut canvas, top, area);
        }
        if column == 0 && last_row {
            across_title(
                &mut canvas,
                analysis,
                Area { bottom: area.bottom + slant, ..area },
                pitch,
            );
        }
        bottom = bottom.max(area.bottom + slant);
    }
    let (markup, texts) = canvas.finish();
    Plot { markup, width: layout.width, edge: layout.edge, height: bottom + FOOT, texts }
}

fn across_title(canvas: &mut Canvas, analysis: &Analysis, area: Area, room: f64) {
    let font = Font::plain(Ink::Normal);
    let titles = analysis.axis().titles_unscaled();
    let title = titles.iter().find(|title| font.width(title) <= room).unwrap_or(&titles[1]);
    canvas.text((area.left, area.bottom + X_TITLE), title, font);
}

fn scale(canvas: &mut Canvas, top: f64, area: Area) {
    for share in [0.0, 0.5, 1.0] {
        let at = (area.left - 8.0, area.bottom - (area.bottom - area.top) * share + 4.2);
        let words = axes::tick(Unit::Share, top * share);
        canvas.text(at, &words, Font::plain(Ink::Weak).at(Anchor::End));
    }
}

fn panel(
    canvas: &mut Canvas,
    analysis: &Analysis,
    (series, bars): (&Series, &[Bar]),
    (top, slant): (f64, f64),
    area: Area,
) {
    let model = series.look;
    let (width, height) = (area.right - area.left, area.bottom - area.top);
    mark(canvas, (area.left + 5.0, area.top - 18.4), model, Fill::Solid, "");
    let font = Font::label(Ink::Text(model));
    let label = text::cut(&series.model.label, font.size, Weight::Bold, width + 76.0);
    canvas.text((area.left + 16.0, area.top - 14.0), &label, font);
    for share in [0.5, 1.0] {
        let y = area.bottom - height * share;
        canvas.path(
            &[(area.left, y), (area.right, y)],
            Stroke { ink: Ink::Grid, width: 1.0, dash: &[] },
        );
    }
    let levels = analysis.levels();
    let step = width / levels.len().max(1) as f64;
    let thick = (step * 0.62).min(34.0);
    let mut last_label = f64::NEG_INFINITY;
    for (at, level) in levels.iter().enumerate() {
        let x = area.left + step * (at as f64 + 0.5);
        if let Some(bar) = bars.iter().find(|bar| bar.level.to_bits() == level.to_bits()) {
            stack(canvas, analysis, series, bar, (x, thick), top, area);
        }
        if slant > 0.0 {
            axes::slanted(canvas, area.bottom, &[(x, analysis.axis().word(*level))]);
            continue;
        }
        let words = axes::short_level(analysis.axis(), *level);
        let small = Font::plain(Ink::Normal).at(Anchor::Middle);
        let half = small.width(&words) / 2.0;
        if x - half >= last_label + 4.0 {
            canvas.text((x, area.bottom + TICK_LABEL), &words, small);
            last_label = x + half;
        }
    }
    canvas.path(&[(area.left, area.bottom), (area.right, area.bottom)], Stroke::AXIS);
}

/// One bar: failed at the bottom, degraded on it, then shed and unfinished, ok above where the axis
/// reaches 100 %.
fn stack(
    canvas: &mut Canvas,
    analysis: &Analysis,
    series: &Series,
    bar: &Bar,
    (x, thick): (f64, f64),
    top: f64,
    area: Area,
) {
    let &Bar { level, degraded, failed, shed, trusted, .. } = bar;
    let height = area.bottom - area.top;
    let place = |share: f64| area.bottom - height * (share / top).min(1.0);
    let line = Ink::Line(series.look).hex();
    let shares = KINDS.iter().filter(|kind| (kind.of)(bar) > 0.0);
    let shares: Vec<String> =
        shares.map(|kind| format!("{} {}", format::percent((kind.of)(bar)), kind.name)).collect();
    let title = escape(&format!(
        "{}, {}: {}{}",
        series.model.label,
        analysis.axis().label(level),
        if shares.is_empty() { "all ok".to_owned() } else { shares.join(", ") },
        if trusted { "" } else { " (not to be trusted)" }
    ));
    let mut rect = |from: f64, to: f64, look: &str| {
        let (upper, lower) = (place(to), place(from));
        if lower - upper > 0.0 {
            canvas.raw(&format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{:.2}\" {look}><title>{title}</title></rect>",
                num(x - thick / 2.0),
                num(upper),
                num(thick),
                lower - upper
            ));
        }
    };
    let hollow =
        format!("fill=\"{}\" stroke=\"{line}\" stroke-width=\"1.5\"", Ink::Background.hex());
    if top >= 1.0 {
        rect(bar.lost(), 1.0, &format!("fill=\"{}\"", Ink::Grid.hex()));
    }
    let faint = format!("fill=\"{line}\" opacity=\"0.45\"");
    rect(failed, failed + degraded, if trusted { &faint } else { &hollow });
    let solid = format!("fill=\"{line}\"");
    rect(0.0, failed, if trusted { &solid } else { &hollow });
    let ended = failed + degraded;
    let parts = [(ended, ended + shed, bars::HATCHED), (ended + shed, bar.lost(), STRIPED)];
    for (from, to, texture) in parts {
        let (left, right) = (x - thick / 2.0, x + thick / 2.0);
        let part = Area { left, top: place(to), right, bottom: place(from) };
        if part.bottom - part.top > 0.0 {
            bars::texture(canvas, part, series.look, texture, &title);
        }
    }
}

/// The last level's shares beside the panel.
fn figures(
    canvas: &mut Canvas,
    analysis: &Analysis,
    (series, bars): (&Series, &[Bar]),
    kinds: &[&Kind],
    area: Area,
) {
    let Some(bar) = bars.iter().rev().find(|bar| bar.trusted).or(bars.last()) else { return };
    let x = area.right + 8.0;
    let own = Ink::Text(series.look);
    let place = analysis.axis().label(bar.level);
    let of = |kind: &&Kind| (format!("{} {}", format::percent((kind.of)(bar)), kind.name), own);
    let mut lines: Vec<(String, Ink)> = kinds.iter().map(of).collect();
    lines.push((format!("at {place}"), Ink::Normal));
    for (at, (words, ink)) in lines.iter().rev().enumerate() {
        canvas.text((x, area.bottom - 4.0 - 16.0 * at as f64), words, Font::plain(*ink));
    }
}

/// Where the most went wrong, over models and levels to be trusted.
fn worst(analysis: &Analysis) -> Option<(&Series, f64, f64)> {
    let all = analysis.series.iter().flat_map(|series| {
        series
            .trusted_points()
            .filter_map(move |point| Some((series, point.level, point.median(&NOT_OK_SHARE)?)))
    });
    all.max_by(|a, b| a.2.total_cmp(&b.2))
}

fn title(analysis: &Analysis) -> String {
    let of_due = |(metric, what): (Metric, &'static str)| {
        let all = analysis.series.iter().flat_map(|series| {
            let points = series.points.iter();
            points.filter_map(move |point| Some((series, point.level, point.median(&metric)?)))
        });
        let (series, level, share) = all.max_by(|a, b| a.2.total_cmp(&b.2))?;
        let place = format!("{} {}", series.model.label, analysis.axis().amid(level));
        (share > 0.0).then_some((share, what, place))
    };
    let most = [(SHED_SHARE, "shed"), (UNFINISHED_SHARE, "left unfinished")];
    let mut most: Vec<_> = most.into_iter().filter_map(of_due).collect();
    most.sort_by(|a, b| b.0.total_cmp(&a.0));
    if let Some((share, what, place)) = most.first() {
        let share = format::percent(*share);
        let head = format!("At most {share} of the requests due were {what}: {place}");
        return match most.get(1) {
            Some((share, what, place)) => {
                format!("{head}; {} {what}: {place}", format::percent(*share))
            }
            None => head,
        };
    }
    match worst(analysis) {
        Some((series, level, share)) => format!(
            "At most {} of requests were not ok: {} {}",
            format::percent(share),
            series.model.label,
            analysis.axis().amid(level)
        ),
        None => "What became of the requests".to_owned(),
    }
}

fn desc(analysis: &Analysis) -> String {
    let mut text = "Stacked bars from zero, a panel per model.".to_owned();
    for series in &analysis.series {
        let shares: Vec<f64> =
            series.trusted_points().filter_map(|p| p.median(&NOT_OK_SHARE)).collect();
        if let Some((low, high)) = crate::stats::range(&shares) {
            let _ = write!(
                text,
                " {}: {} to {} not ok.",
                series.model.label,
                format::percent(low),
                format::percent(high)
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn a_point_without_outcomes_is_named() {
        let mut fixture = Fixture::flaky();
        let label = fixture.rows[0].model.clone();
        for row in fixture.rows.iter_mut().filter(|row| row.model == label) {
            row.censored += row.ok + row.degraded + row.failed;
            (row.ok, row.degraded, row.failed) = (0, 0, 0);
        }
        let Outcome::Drawn(drawing) = draw(&fixture.analysis()) else { panic!("left out") };
        let note = drawing.notes.iter().find(|note| note.starts_with("No bar: "));
        assert!(note.is_some_and(|note| note.contains(&label)), "{:?}", drawing.notes);
    }

    #[test]
    fn what_was_due_and_never_ended_is_not_ok() {
        let mut fixture = Fixture::open();
        let label = fixture.rows[0].model.clone();
        for row in fixture.rows.iter_mut().filter(|row| row.model == label) {
            let Some(open) = &mut row.open else { continue };
            (open.due, open.shed) = (1000, 0);
            (row.ok, row.censored) = (200, 800);
        }
        let Outcome::Drawn(drawing) = draw(&fixture.analysis()) else { panic!("left out") };
        assert!(
            drawing.title.contains("80\u{a0}% of the requests due were left unfinished"),
            "{}",
            drawing.title
        );
        assert!(drawing.subtitle.contains("striped unfinished"), "{}", drawing.subtitle);
        assert!(drawing.wide.texts.iter().any(|text| text.text == "80\u{a0}% unfinished"));
    }
}
