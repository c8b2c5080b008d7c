//! Writing SVG: escaping, a canvas that text, references and marks are written to, and a record of
//! where text lies, so that a test can show that none overlaps.
//!
//! Grid, bands and lines come from plotters through `layer`; the canvas takes them in as groups.

use std::fmt::Write as _;

use super::palette::Ink;
use super::text::{self, Weight};
use crate::look::Look;

/// Text safe between tags and inside quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Not allowed in XML, escaped or not.
            c if c < ' ' && !matches!(c, '\t' | '\n') => out.push('\u{fffd}'),
            // So are the first two; the others would turn round what stands beside the text.
            '\u{fffe}' | '\u{ffff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push('\u{fffd}');
            }
            c => out.push(c),
        }
    }
    out
}

/// A coordinate to a tenth, without a trailing `.0`.
pub(crate) fn num(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded == 0.0 { "0".to_owned() } else { format!("{rounded}") }
}

/// A point in user units.
pub(crate) type Xy = (f64, f64);

/// Which end of a text its position means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// The left end.
    Start,
    /// The middle.
    Middle,
    /// The right end.
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Font {
    /// Size in user units.
    pub(crate) size: f64,
    /// Weight.
    pub(crate) weight: Weight,
    /// Colour.
    pub(crate) ink: Ink,
    /// Alignment.
    pub(crate) anchor: Anchor,
}

impl Font {
    /// Size 12, regular, left-aligned.
    pub(crate) const fn plain(ink: Ink) -> Self {
        Self { size: 12.0, weight: Weight::Regular, ink, anchor: Anchor::Start }
    }

    /// Size 13, bold, left-aligned: names at line ends.
    pub(crate) const fn label(ink: Ink) -> Self {
        Self { size: 13.0, weight: Weight::Bold, ink, anchor: Anchor::Start }
    }

    /// The same, aligned otherwise.
    pub(crate) const fn at(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    /// Width of a text in this font.
    pub(crate) fn width(self, text: &str) -> f64 {
        text::width(text, self.size, self.weight)
    }
}

/// A rectangle that something covers, in user units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    /// Left edge.
    pub(crate) left: f64,
    /// Upper edge.
    pub(crate) top: f64,
    /// Right edge.
    pub(crate) right: f64,
    /// Lower edge.
    pub(crate) bottom: f64,
}

impl Area {
    /// Whether two rectangles share more than an edge.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// The rectangle grown by `by` on all sides.
    pub(crate) fn grown(&self, by: f64) -> Self {
        Self {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    /// Whether a point lies inside.
    pub(crate) fn holds(&self, (x, y): Xy) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
}

/// The rectangle a text covers: cap height above its base line, descenders below.
pub(crate) fn text_area((x, y): Xy, text: &str, font: Font) -> Area {
    let width = font.width(text);
    let left = match font.anchor {
        Anchor::Start => x,
        Anchor::Middle => x - width / 2.0,
        Anchor::End => x - width,
    };
    Area { left, top: y - font.size * 0.76, right: left + width, bottom: y + font.size * 0.24 }
}

/// One text as it was placed.
#[derive(Debug, Clone)]
pub struct PlacedText {
    /// The text.
    pub text: String,
    /// Covered rectangles; several small ones for slanted text. (left, top, right, bottom)
    pub areas: Vec<(f64, f64, f64, f64)>,
}

/// How a stroke looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke<'a> {
    /// Colour.
    pub(crate) ink: Ink,
    /// Width in user units.
    pub(crate) width: f64,
    /// Dash pattern; empty: solid.
    pub(crate) dash: &'a [f64],
}

impl Stroke<'static> {
    /// Leader lines, base lines, ticks.
    pub(crate) const AXIS: Self = Self { ink: Ink::Axis, width: 1.0, dash: &[] };
    /// Ideals and floors.
    pub(crate) const IDEAL: Self = Self { ink: Ink::Ideal, width: 1.5, dash: &[5.0, 4.0] };

    /// Ceilings.
    pub(crate) const fn ceiling(model: Look) -> Self {
        Self { ink: Ink::Line(model), width: 1.25, dash: &[1.2, 3.6] }
    }

    /// Joins to points that are not to be trusted.
    pub(crate) const fn doubtful(model: Look) -> Self {
        Self { ink: Ink::Line(model), width: 1.25, dash: &[1.0, 4.0] }
    }
}

/// An SVG being written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Canvas {
    body: String,
    texts: Vec<PlacedText>,
}

impl Canvas {
    /// What was written, and the texts in it.
    pub(crate) fn finish(self) -> (String, Vec<PlacedText>) {
        (self.body, self.texts)
    }

    /// What the texts so far cover.
    pub(crate) fn covered(&self) -> impl Iterator<Item = Area> {
        let areas = self.texts.iter().flat_map(|text| &text.areas);
        areas.map(|&(left, top, right, bottom)| Area { left, top, right, bottom })
    }

    /// Writes markup made elsewhere.
    pub(crate) fn raw(&mut self, markup: &str) {
        self.body.push_str(markup);
    }

    /// Writes what `fill` draws inside a group of this class.
    pub(crate) fn group(&mut self, class: &str, fill: impl FnOnce(&mut Self)) {
        let _ = write!(self.body, "<g class=\"{}\">", escape(class));
        fill(self);
        self.body.push_str("</g>");
    }

    /// A line of text; returns what it covers.
    pub(crate) fn text(&mut self, at: Xy, text: &str, font: Font) -> Area {
        let area = text_area(at, text, font);
        self.record(text, &[area]);
        self.write_text(at, text, font, "");
        area
    }

    /// Text turned around `at` by `degrees`, centred there.
    pub(crate) fn slanted(&mut self, at: Xy, degrees: f64, text: &str, font: Font) {
        self.record(text, &slanted_areas(at, degrees, text, font));
        let turn = format!(" transform=\"rotate({} {} {})\"", num(degrees), num(at.0), num(at.1));
        self.write_text(at, text, font.at(Anchor::Middle), &turn);
    }

    /// An open path through the points.
    pub(crate) fn path(&mut self, points: &[Xy], stroke: Stroke<'_>) {
        if points.len() < 2 {
            return;
        }
        let _ = write!(
            self.body,
            "<path d=\"{}\" fill=\"none\"{}/>",
            path_data(points),
            stroke_attributes(stroke)
        );
    }

    /// A filled shape.
    pub(crate) fn fill(&mut self, points: &[Xy], ink: Ink) {
        let _ = write!(self.body, "<path d=\"{}Z\" fill=\"{}\"/>", path_data(points), ink.hex());
    }

    fn record(&mut self, text: &str, areas: &[Area]) {
        let areas = areas.iter().map(|a| (a.left, a.top, a.right, a.bottom)).collect();
        self.texts.push(PlacedText { text: text.to_owned(), areas });
    }

    fn write_text(&mut self, (x, y): Xy, text: &str, font: Font, extra: &str) {
        let weight = if font.weight == Weight::Bold { " font-weight=\"600\"" } else { "" };
        let anchor = match font.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let _ = write!(
            self.body,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{weight}{anchor}{extra}>{}</text>",
            num(x),
            num(y),
            num(font.size),
            font.ink.hex(),
            escape(text)
        );
    }
}

/// `M… L…` through the points, level and upright lines as `H…` and `V…`.
pub(crate) fn path_data(points: &[Xy]) -> String {
    let mut data = String::new();
    let mut last: Option<(String, String)> = None;
    for (x, y) in points {
        let (x, y) = (num(*x), num(*y));
        let _ = match &last {
            None => write!(data, "M{x} {y}"),
            Some((_, before)) if *before == y => write!(data, "H{x}"),
            Some((before, _)) if *before == x => write!(data, "V{y}"),
            Some(_) => write!(data, "L{x} {y}"),
        };
        last = Some((x, y));
    }
    data
}

/// Stroke attributes with a leading space.
pub(crate) fn stroke_attributes(stroke: Stroke<'_>) -> String {
    let mut out = format!(
        " stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
        stroke.ink.hex(),
        stroke.width
    );
    if !stroke.dash.is_empty() {
        let dash: Vec<String> = stroke.dash.iter().map(|d| num(*d)).collect();
        let _ = write!(out, " stroke-dasharray=\"{}\"", dash.join(" "));
        // Dots: round caps make them round.
        if stroke.dash[0] < 2.0 {
            out.push_str(" stroke-linecap=\"round\"");
        }
    }
    out
}

/// Squares of the text's height along the slanted line: together they cover the text.
fn slanted_areas((x, y): Xy, degrees: f64, text: &str, font: Font) -> Vec<Area> {
    let (width, size) = (font.width(text), font.size);
    let (sin, cos) = degrees.to_radians().sin_cos();
    let count = (width / size).ceil().max(1.0) as usize;
    (0..=count)
        .map(|i| {
            let along = (i as f64 / count as f64 - 0.5) * (width - size);
            // The centre of the line lies a quarter of the size above the base line.
            let (cx, cy) =
                (x + along * cos + size * 0.26 * sin, y + along * sin - size * 0.26 * cos);
            Area {
                left: cx - size / 2.0,
                top: cy - size / 2.0,
                right: cx + size / 2.0,
                bottom: cy + size / 2.0,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_escaped() {
        assert_eq!(
            escape("<a href=\"x\">&'\u{1}"),
            "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\u{fffd}"
        );
    }

    #[test]
    fn numbers_are_short_and_never_minus_zero() {
        assert_eq!(num(12.04), "12");
        assert_eq!(num(-0.01), "0");
        assert_eq!(num(3.25), "3.3");
    }

    #[test]
    fn text_is_recorded_where_it_is_drawn() {
        let mut canvas = Canvas::default();
        let area = canvas.text((100.0, 50.0), "abc", Font::plain(Ink::Normal).at(Anchor::End));
        assert!((area.right - 100.0).abs() < 1e-9 && area.left < 90.0);
        let (body, texts) = canvas.finish();
        assert!(body.contains("text-anchor=\"end\""));
        assert_eq!(texts.len(), 1);
    }
}
