//! Axes in words: tick labels, base line, titles.

use super::frame::Frame;
use super::layout::{TICK_LABEL, X_TITLE};
use super::palette::Ink;
use super::svg::{Anchor, Canvas, Font, Stroke};
use super::text::{self, Weight};
use crate::analysis::Axis;
use crate::format::{self, Unit};

/// The wording of a tick on the upward axis: round values, so without idle decimals.
pub(crate) fn tick(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Rate | Unit::Count => kilo(value),
        Unit::PerRequest => format::number(value),
        Unit::Microseconds => time(value / 1e3),
        Unit::Milliseconds => time(value),
        Unit::Share => format!("{}\u{a0}%", trimmed(value * 100.0)),
        Unit::Bytes => sized(value),
    }
}

/// `500`, `1k`, `1.5k`, `20k`, `1M`.
pub(crate) fn kilo(value: f64) -> String {
    match value {
        v if v >= 999_999.5 => format!("{}M", trimmed(v / 1e6)),
        v if v >= 999.5 => format!("{}k", trimmed(v / 1e3)),
        v => trimmed(v),
    }
}

fn time(ms: f64) -> String {
    match ms {
        v if v >= 999.5 => format!("{}\u{a0}s", kilo(v / 1e3)),
        v if v >= 0.9995 => format!("{}\u{a0}ms", trimmed(v)),
        v if v >= 0.000_999_5 => format!("{}\u{a0}µs", trimmed(v * 1e3)),
        v => format!("{}\u{a0}ns", trimmed(v * 1e6)),
    }
}

fn sized(bytes: f64) -> String {
    match bytes {
        v if v >= 999.5e6 => format!("{}\u{a0}GB", trimmed(v / 1e9)),
        v if v >= 999.5e3 => format!("{}\u{a0}MB", trimmed(v / 1e6)),
        v if v >= 999.5 => format!("{}\u{a0}kB", trimmed(v / 1e3)),
        v => format!("{}\u{a0}B", trimmed(v)),
    }
}

/// Up to three decimals, none idle.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Width that the tick labels of a scale take.
pub(crate) fn tick_width(frame_y: &super::scale::Scale, unit: Unit) -> f64 {
    let font = Font::plain(Ink::Weak);
    frame_y.ticks.iter().map(|t| font.width(&tick(unit, t.value))).fold(0.0, f64::max)
}

/// Tick labels left of the plot, decades darker.
pub(crate) fn upward(canvas: &mut Canvas, frame: &Frame, unit: Unit) {
    canvas.group("ticks", |canvas| {
        for t in &frame.y.ticks {
            let ink = if t.major { Ink::Normal } else { Ink::Weak };
            let at = (frame.plot.left - 8.0, frame.y_at(t.value) + 4.2);
            canvas.text(at, &tick(unit, t.value), Font::plain(ink).at(Anchor::End));
        }
    });
}

/// Base line, ticks and tick labels at the levels; labels that do not fit are left out by rank.
pub(crate) fn across(
    canvas: &mut Canvas,
    frame: &Frame,
    cited: &[f64],
    axis: Option<&Axis>,
    slant: f64,
) {
    let bottom = frame.plot.bottom;
    canvas.group("ticks", |canvas| {
        canvas.path(&[(frame.plot.left, bottom), (frame.plot.right, bottom)], Stroke::AXIS);
        for t in &frame.x.ticks {
            let x = frame.x_at(t.value);
            canvas.path(&[(x, bottom), (x, bottom + 5.0)], Stroke::AXIS);
        }
        if let Some(axis) = axis.filter(|_| slant > 0.0) {
            let ticks: Vec<(f64, String)> =
                frame.x.ticks.iter().map(|t| (frame.x_at(t.value), axis.word(t.value))).collect();
            slanted(canvas, bottom, &ticks);
            return;
        }
        for (x, label) in level_labels(frame, cited, axis) {
            canvas.text(
                (x, bottom + TICK_LABEL),
                &label,
                Font::plain(Ink::Normal).at(Anchor::Middle),
            );
        }
    });
}

/// Whether the first label below the axis reaches left into the corner, where the lowest tick of the
/// upward axis may have its own.
pub(crate) fn corner_taken(frame: &Frame, cited: &[f64], axis: &Axis) -> bool {
    let font = Font::plain(Ink::Normal);
    let first = level_labels(frame, cited, Some(axis)).into_iter().next();
    first.is_some_and(|(x, label)| x - font.width(&label) / 2.0 < frame.plot.left - 6.0)
}

/// Slope of words below their ticks that have no room side by side, degrees.
const SLOPE: f64 = 35.0;
/// Widest of them.
const SLANTED: f64 = 110.0;

/// How far words of categories reach below the line of tick labels, where they have no room side by
/// side over this width and slant; 0 where they have, and for anything but categories.
pub(crate) fn slant(axis: &Axis, levels: &[f64], width: f64, inset: f64) -> f64 {
    if !axis.categories() || levels.len() < 2 {
        return 0.0;
    }
    let font = Font::plain(Ink::Normal);
    let widths: Vec<f64> = levels.iter().map(|level| font.width(&axis.word(*level))).collect();
    let pitch = (width - 2.0 * inset) / (levels.len() - 1) as f64;
    let side_by_side = widths.windows(2).all(|pair| f64::midpoint(pair[0], pair[1]) + 4.0 <= pitch);
    if side_by_side {
        return 0.0;
    }
    let widest = widths.into_iter().fold(0.0, f64::max).min(SLANTED);
    (widest * SLOPE.to_radians().sin()).ceil()
}

/// Words that slant up to their ticks.
pub(crate) fn slanted(canvas: &mut Canvas, bottom: f64, ticks: &[(f64, String)]) {
    let font = Font::plain(Ink::Normal);
    let (sin, cos) = SLOPE.to_radians().sin_cos();
    for (x, words) in ticks {
        let words = text::cut(words, font.size, Weight::Regular, SLANTED);
        let half = font.width(&words) / 2.0;
        let centre = (x + 4.0 - half * cos, bottom + TICK_LABEL - 5.0 + half * sin);
        canvas.slanted(centre, -SLOPE, &words, font);
    }
}

/// Title of the axis across, `below` further down than upright labels need.
pub(crate) fn across_title(
    canvas: &mut Canvas,
    frame: &Frame,
    below: f64,
    titles: &[impl AsRef<str>],
    limit: f64,
) {
    let font = Font::plain(Ink::Normal);
    let titles = || titles.iter().map(AsRef::as_ref);
    let fitting = titles().find(|title| font.width(title) <= limit).or_else(|| titles().last());
    if let Some(title) = fitting {
        canvas.text((frame.plot.left, frame.plot.bottom + X_TITLE + below), title, font);
    }
}

/// Full numbers if all fit, else 1k, 2k, else by rank: the ends, cited levels, the rest from the right.
fn level_labels(frame: &Frame, cited: &[f64], axis: Option<&Axis>) -> Vec<(f64, String)> {
    const GAP: f64 = 4.0;
    let font = Font::plain(Ink::Normal);
    let values: Vec<f64> = frame.x.ticks.iter().map(|t| t.value).collect();
    let swept = axis.filter(|axis| !axis.is_load());
    let placed = |word: fn(f64) -> String| -> Vec<(f64, String)> {
        let word = |v: f64| swept.map_or_else(|| word(v), |axis| axis.word(v));
        values.iter().map(|v| (frame.x_at(*v), word(*v))).collect()
    };
    let span =
        |(x, label): &(f64, String)| (x - font.width(label) / 2.0, x + font.width(label) / 2.0);
    let clear = |a: &(f64, String), b: &(f64, String)| {
        span(a).1 + GAP <= span(b).0 || span(b).1 + GAP <= span(a).0
    };
    for word in [full as fn(f64) -> String, short] {
        let all = placed(word);
        if all.windows(2).all(|pair| clear(&pair[0], &pair[1])) {
            return all;
        }
    }
    let all = placed(short);
    let mut order: Vec<usize> = vec![0, all.len() - 1];
    order.extend((0..all.len()).filter(|i| cited.contains(&values[*i])));
    order.extend((0..all.len()).rev());
    let mut kept: Vec<usize> = Vec::new();
    for i in order {
        if kept.iter().all(|k| clear(&all[*k], &all[i])) {
            kept.push(i);
        }
    }
    kept.sort_unstable();
    kept.into_iter().map(|i| all[i].clone()).collect()
}

/// A level in little room: `1k` for 1,024; a swept value as it is.
pub(crate) fn short_level(axis: &Axis, level: f64) -> String {
    if axis.is_load() { short(level) } else { axis.word(level) }
}

fn full(value: f64) -> String {
    if value >= 10.0 { format::count(value) } else { trimmed(value) }
}

/// `256`, `1k` for 1,024, `1.5k`, `10k`.
fn short(value: f64) -> String {
    match value {
        v if v >= 999_500.0 => format!("{}M", trimmed((v / 1e5).round() / 10.0)),
        v if v >= 9_950.0 => format!("{}k", trimmed((v / 1e3).round())),
        v if v >= 1_000.0 => format!("{}k", trimmed((v / 1e2).round() / 10.0)),
        v => full(v),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::drawing::scale::Scale;
    use crate::charts::drawing::svg::Area;

    fn labels(levels: &[f64], width: f64) -> Vec<String> {
        let plot = Area { left: 0.0, top: 0.0, right: width, bottom: 100.0 };
        let x = Scale::levels(levels, width, 16.0).unwrap();
        let y = Scale::log([1.0, 10.0], 100.0, 22.0).unwrap();
        level_labels(&Frame { plot, x, y }, &[64.0], None)
            .into_iter()
            .map(|(_, label)| label)
            .collect()
    }

    #[test]
    fn ticks_are_worded_shortly() {
        let seen: Vec<String> =
            [(Unit::Rate, 20_000.0), (Unit::Milliseconds, 500.0), (Unit::Milliseconds, 2000.0)]
                .iter()
                .chain(&[
                    (Unit::Microseconds, 50.0),
                    (Unit::Bytes, 2e8),
                    (Unit::Share, 0.5),
                    (Unit::Milliseconds, 0.2),
                ])
                .map(|(unit, value)| format::plain(&tick(*unit, *value)))
                .collect();
        assert_eq!(seen, ["20k", "500 ms", "2 s", "50 µs", "200 MB", "50 %", "200 µs"]);
    }

    #[test]
    fn levels_are_written_in_full_then_short_then_by_rank() {
        let levels = [1.0, 8.0, 64.0, 256.0, 512.0, 1024.0, 2048.0];
        assert_eq!(labels(&levels, 700.0), ["1", "8", "64", "256", "512", "1,024", "2,048"]);
        assert_eq!(labels(&levels, 340.0).last().map(String::as_str), Some("2k"));
        let few = labels(&levels, 110.0);
        assert!(
            few.contains(&"1".to_owned())
                && few.contains(&"2k".to_owned())
                && few.contains(&"64".to_owned())
        );
    }
}
