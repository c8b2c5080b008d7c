//! Horizontal stacked bars, one per model, from zero: parts told apart by texture as well as by place,
//! so that they read in greyscale, each named with its figure below its bar.

use std::fmt::Write as _;

use super::axes;
use super::layout::{AXIS_TITLE, Layout};
use super::marks::{Fill, closed, mark};
use super::palette::Ink;
use super::scale::round_step;
use super::svg::{
    Anchor, Area, Canvas, Font, Stroke, Xy, escape, num, path_data, stroke_attributes,
};
use super::text::{self, Weight};
use crate::charts::Plot;
use crate::format::Unit;
use crate::look::Look;

/// One model's bar.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    /// The model, as it is drawn.
    pub(crate) model: Look,
    /// Its label.
    pub(crate) label: String,
    /// Beside the label: what the parts add up to, what is not drawn.
    pub(crate) remark: String,
    /// The parts from the left.
    pub(crate) parts: Vec<Part>,
}

/// One part of a bar.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// What it is called.
    pub(crate) name: String,
    /// Its length, in the unit of the axis.
    pub(crate) value: f64,
    /// Its figure for people.
    pub(crate) figure: String,
    /// Whether it is named below the bar; else only where a pointer rests on it.
    pub(crate) named: bool,
    /// Which texture: the same for the same part in every bar.
    pub(crate) texture: usize,
}

/// The hatched texture, that goes well with solid and faint.
pub(crate) const HATCHED: usize = 1;

/// Height of a bar.
const BAR: f64 = 24.0;
/// Width of the shortest bar, that there is something to see.
const LEAST: f64 = 2.0;
/// From the top of a row to its bar.
const NAME: f64 = 22.0;
/// A line of part names.
const LINE: f64 = 18.0;
/// Between rows.
const GAP: f64 = 20.0;
/// Side of a swatch.
const SWATCH: f64 = 10.0;

/// The bars over one linear axis; `None` where nothing is above zero.
pub(crate) fn plot(bars: &[Bar], title: &str, unit: Unit, layout: Layout) -> Option<Plot> {
    let total = |bar: &Bar| bar.parts.iter().map(|part| part.value).sum::<f64>();
    let most = bars.iter().map(total).filter(|sum| sum.is_finite()).fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let (left, right) = (layout.edge, layout.width - layout.pick(48.0, 24.0));
    let scale = (right - left) / most;
    let mut canvas = Canvas::default();
    canvas.text((left, AXIS_TITLE), title, Font::plain(Ink::Normal));
    let rows: Vec<Vec<Vec<&Part>>> = bars.iter().map(|bar| lines(bar, layout)).collect();
    let top = AXIS_TITLE + 15.0;
    let height = |lines: &Vec<Vec<&Part>>| NAME + BAR + 8.0 + LINE * lines.len() as f64 + GAP;
    let bottom = top + rows.iter().map(height).sum::<f64>() - GAP + 8.0;
    axis(&mut canvas, most, unit, Area { left, top, right, bottom }, layout);
    let mut y = top;
    for (bar, lines) in bars.iter().zip(&rows) {
        row(&mut canvas, bar, lines, (left, y), scale, layout);
        y += height(lines);
    }
    let (markup, texts) = canvas.finish();
    Some(Plot { markup, width: layout.width, edge: layout.edge, height: bottom + 30.0, texts })
}

/// Grid lines behind the bars only, ticks and their labels below.
fn axis(canvas: &mut Canvas, most: f64, unit: Unit, area: Area, layout: Layout) {
    let step = round_step(most, layout.pick(6.0, 3.0));
    let scale = (area.right - area.left) / most;
    canvas.path(&[(area.left, area.bottom), (area.right, area.bottom)], Stroke::AXIS);
    for at in (0..).map(|n| step * f64::from(n)).take_while(|at| *at <= most * 1.0001) {
        let x = area.left + at * scale;
        canvas.path(&[(x, area.bottom), (x, area.bottom + 5.0)], Stroke::AXIS);
        let anchor = if at <= 0.0 { Anchor::Start } else { Anchor::Middle };
        let words = if at <= 0.0 { "0".to_owned() } else { axes::tick(unit, at) };
        canvas.text((x, area.bottom + 19.0), &words, Font::plain(Ink::Normal).at(anchor));
    }
}

fn row(
    canvas: &mut Canvas,
    bar: &Bar,
    lines: &[Vec<&Part>],
    (left, top): Xy,
    scale: f64,
    layout: Layout,
) {
    let font = Font::label(Ink::Text(bar.model));
    let room = layout.width - left - 30.0;
    let label = text::cut(&bar.label, font.size, Weight::Bold, room * 0.6);
    mark(canvas, (left + 5.0, top + 9.6), bar.model, Fill::Solid, "");
    let end = canvas.text((left + 16.0, top + 14.0), &label, font).right + 10.0;
    let plain = Font::plain(Ink::Normal);
    let remark = text::cut(&bar.remark, plain.size, Weight::Regular, layout.width - 8.0 - end);
    canvas.text((end, top + 14.0), &remark, plain);
    let mut x = left;
    canvas.group(&format!("model m{}", bar.model.index), |canvas| {
        // Parts of a sliver could not be told apart.
        let total: f64 = bar.parts.iter().map(|part| part.value.max(0.0) * scale).sum();
        if total > 0.0 && total < LEAST {
            let area =
                Area { left, top: top + NAME, right: left + LEAST, bottom: top + NAME + BAR };
            texture(canvas, area, bar.model, 0, &format!("{}: {}", bar.label, bar.remark));
            return;
        }
        for part in &bar.parts {
            let width = part.value.max(0.0) * scale;
            let area =
                Area { left: x, top: top + NAME, right: x + width, bottom: top + NAME + BAR };
            let title = format!("{}, {}: {}", bar.label, part.name, part.figure);
            texture(canvas, area, bar.model, part.texture, &title);
            x += width;
        }
    });
    for (at, line) in lines.iter().enumerate() {
        let y = top + NAME + BAR + 8.0 + LINE * at as f64 + 11.0;
        let mut x = left;
        for part in line {
            let swatch =
                Area { left: x, top: y - SWATCH + 1.0, right: x + SWATCH, bottom: y + 1.0 };
            texture(canvas, swatch, bar.model, part.texture, "");
            canvas.text((x + SWATCH + 5.0, y), &words(part), plain);
            x += item_width(part);
        }
    }
}

fn words(part: &Part) -> String {
    format!("{} {}", part.name, part.figure)
}

fn item_width(part: &Part) -> f64 {
    SWATCH + 5.0 + Font::plain(Ink::Normal).width(&words(part)) + 16.0
}

/// The names of a bar's parts in lines that fit.
fn lines(bar: &Bar, layout: Layout) -> Vec<Vec<&Part>> {
    let room = layout.width - layout.edge - 8.0;
    let mut lines: Vec<Vec<&Part>> = Vec::new();
    let mut used = f64::INFINITY;
    for part in bar.parts.iter().filter(|part| part.named) {
        let width = item_width(part);
        match lines.last_mut() {
            Some(line) if used + width <= room => line.push(part),
            _ => {
                lines.push(vec![part]);
                used = 0.0;
            }
        }
        used += width;
    }
    lines
}

/// A rectangle in one of eight looks of a model's colour: plain shades and hatches in turn.
pub(crate) fn texture(canvas: &mut Canvas, area: Area, model: Look, which: usize, title: &str) {
    let width = area.right - area.left;
    if width <= 0.0 {
        return;
    }
    let line = Ink::Line(model).hex();
    let title =
        if title.is_empty() { String::new() } else { format!("<title>{}</title>", escape(title)) };
    let opacity = [1.0, 0.0, 0.45, 0.0, 0.15, 0.0, 0.7, 0.25][which % 8];
    let place = format!(
        "x=\"{}\" y=\"{}\" width=\"{width:.2}\" height=\"{}\"",
        num(area.left),
        num(area.top),
        num(area.bottom - area.top)
    );
    let ground = Ink::Background.hex();
    // Once, on what is met first from above.
    let (under, over) = if opacity > 0.0 { ("", title.as_str()) } else { (title.as_str(), "") };
    canvas.raw(&closed("rect", &format!("{place} fill=\"{ground}\""), under));
    if opacity > 0.0 {
        let shade = format!("{place} fill=\"{line}\" opacity=\"{opacity}\"");
        canvas.raw(&closed("rect", &shade, over));
    }
    let hatch = match which % 8 {
        1 => hatched(area, 5.0, 1.0),
        3 => hatched(area, 5.0, -1.0),
        5 => upright(area, 4.0),
        7 => hatched(area, 7.0, 1.0),
        _ => String::new(),
    };
    let look = Stroke { ink: Ink::Line(model).edge(), width: 1.1, dash: &[] };
    if !hatch.is_empty() {
        canvas.raw(&format!("<path d=\"{hatch}\" fill=\"none\"{}/>", stroke_attributes(look)));
    }
    // The outline keeps light parts visible, and is kept off slivers that it would swell.
    if width > 2.0 {
        let edge = Ink::Line(model).edge().hex();
        canvas.raw(&format!("<rect {place} fill=\"none\" stroke=\"{edge}\" stroke-width=\"1\"/>"));
    }
}

/// Slanted lines inside a rectangle, `step` apart, rising for a slope of 1, falling for −1.
fn hatched(area: Area, step: f64, slope: f64) -> String {
    let (width, height) = (area.right - area.left, area.bottom - area.top);
    let mut data = String::new();
    let count = ((width + height) / step).ceil() as usize;
    for at in 1..count {
        // Along the line x + y = c inside a rectangle from 0 to width and height.
        let c = step * at as f64;
        let (x0, x1) = ((c - height).max(0.0), c.min(width));
        if x1 - x0 < 0.2 {
            continue;
        }
        let y = |x: f64| if slope > 0.0 { area.top + (c - x) } else { area.bottom - (c - x) };
        let _ = write!(
            data,
            "M{} {}l{} {}",
            num(area.left + x0),
            num(y(x0)),
            num(x1 - x0),
            num(y(x1) - y(x0))
        );
    }
    data
}

fn upright(area: Area, step: f64) -> String {
    let count = ((area.right - area.left) / step).floor() as usize;
    let at = |n: usize| area.left + step * (n as f64 + 0.5);
    (0..count).map(|n| path_data(&[(at(n), area.top), (at(n), area.bottom)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hatches_stay_inside_and_every_texture_is_its_own() {
        let area = Area { left: 10.0, top: 20.0, right: 50.0, bottom: 44.0 };
        let look = Look { index: 0, colour: 0, shape: 0, dash: 0 };
        let mut seen = Vec::new();
        for which in 0..8 {
            let mut canvas = Canvas::default();
            texture(&mut canvas, area, look, which, "");
            let (body, _) = canvas.finish();
            assert!(!seen.contains(&body), "{which}");
            seen.push(body);
        }
        for slope in [1.0, -1.0] {
            let data = hatched(area, 5.0, slope).replace(['M', 'l'], " ");
            let numbers: Vec<f64> =
                data.split_whitespace().filter_map(|n| n.parse().ok()).collect();
            assert!(numbers.len() > 20);
            for line in numbers.chunks(4) {
                let end = (line[0] + line[2], line[1] + line[3]);
                assert!(area.grown(0.2).holds((line[0], line[1])), "{line:?}");
                assert!(area.grown(0.2).holds(end), "{line:?}");
            }
        }
    }
}
