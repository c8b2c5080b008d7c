//! A plot's frame: where it lies and its two axes, and the layers that plotters draws inside it.
//!
//! plotters' coordinates are whole numbers, so it draws ten times as large and a group scales back.
//! It writes neither groups nor dashes: the group around a layer carries class and dash. Deliberately
//! not here: text and markers, which are the canvas's.

use plotters::coord::cartesian::{Cartesian2d, MeshLine};
use plotters::element::{PathElement, Polygon};
use plotters::prelude::{Color, DrawingArea, IntoDrawingArea, SVGBackend};
use plotters::style::{RGBColor, ShapeStyle};

use super::palette::Ink;
use super::scale::Scale;
use super::svg::{Area, Canvas, Stroke, Xy, escape, num};

/// plotters draws this many times as large.
const ZOOM: f64 = 10.0;

/// Lines thinner than this have no room for an outline.
const THIN: f64 = 1.5;

/// Opacity of interval bands.
const BAND: f64 = 0.14;

/// A plot: its rectangle and its axes.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The rectangle of the plot, without axis labels.
    pub(crate) plot: Area,
    /// Across.
    pub(crate) x: Scale,
    /// Upwards.
    pub(crate) y: Scale,
}

/// A plotters area with our axes.
type Drawing<'a> = DrawingArea<SVGBackend<'a>, Cartesian2d<Scale, Scale>>;

impl Frame {
    /// Where a pair of values lies.
    pub(crate) fn at(&self, x: f64, y: f64) -> Xy {
        (self.x_at(x), self.y_at(y))
    }

    /// Where a value of the axis across lies.
    pub(crate) fn x_at(&self, x: f64) -> f64 {
        self.plot.left + (self.plot.right - self.plot.left) * self.x.share(x)
    }

    /// Where a value of the upward axis lies.
    pub(crate) fn y_at(&self, y: f64) -> f64 {
        self.plot.bottom - (self.plot.bottom - self.plot.top) * self.y.share(y)
    }

    /// Horizontal grid lines at the ticks of the upward axis, decades a shade darker; vertical ones
    /// too if asked for.
    pub(crate) fn grid(&self, canvas: &mut Canvas, vertical: bool) {
        let style = |major: bool| stroke(if major { Ink::Decade } else { Ink::Grid }.rgb(), 1.0);
        let major = |scale: &Scale, value: f64| {
            scale.ticks.iter().any(|t| t.major && (t.value - value).abs() <= 0.0)
        };
        self.layer(canvas, "grid", &[], |area| {
            area.draw_mesh(
                |backend, line| match &line {
                    MeshLine::XMesh(.., value) if vertical => {
                        line.draw(backend, &style(major(&self.x, **value)))
                    }
                    MeshLine::XMesh(..) => Ok(()),
                    MeshLine::YMesh(.., value) => {
                        line.draw(backend, &style(major(&self.y, **value)))
                    }
                },
                self.y.ticks.len(),
                self.x.ticks.len(),
            )
            .is_ok()
        });
    }

    /// The band between two values over x: (x, low, high), cut at the frame.
    pub(crate) fn band(&self, canvas: &mut Canvas, ink: Ink, over: &[(f64, f64, f64)]) {
        if over.len() < 2 {
            return;
        }
        let upper = over.iter().map(|(x, _, high)| (*x, self.y.clamp(*high)));
        let lower = over.iter().rev().map(|(x, low, _)| (*x, self.y.clamp(*low)));
        let polygon =
            Polygon::new(upper.chain(lower).collect::<Vec<_>>(), ink.rgb().mix(BAND).filled());
        self.layer(canvas, "band", &[], |area| area.draw(&polygon).is_ok());
    }

    /// A line through the points, in values.
    pub(crate) fn line(
        &self,
        canvas: &mut Canvas,
        class: &str,
        points: &[(f64, f64)],
        look: Stroke<'_>,
    ) {
        if points.len() < 2 {
            return;
        }
        let edge = look.ink.edge();
        // A pale line lies on a wider dark one; where it is thin, it is dark itself.
        let thin = look.width < THIN;
        if edge != look.ink && !thin {
            let path = PathElement::new(points.to_vec(), stroke(edge.rgb(), look.width + 1.0));
            self.layer(canvas, class, look.dash, |area| area.draw(&path).is_ok());
        }
        let ink = if thin { edge } else { look.ink };
        let path = PathElement::new(points.to_vec(), stroke(ink.rgb(), look.width));
        self.layer(canvas, class, look.dash, |area| area.draw(&path).is_ok());
    }

    /// Runs plotters over this frame and takes what it drew into a group.
    fn layer(
        &self,
        canvas: &mut Canvas,
        class: &str,
        dash: &[f64],
        draw: impl FnOnce(&Drawing<'_>) -> bool,
    ) {
        let large = |v: f64| (v * ZOOM).round() as i32;
        let plot = self.plot;
        let pixels = (large(plot.left)..large(plot.right), large(plot.bottom)..large(plot.top));
        let size = (large(plot.right).unsigned_abs() + 1, large(plot.bottom).unsigned_abs() + 1);
        let mut markup = String::new();
        {
            let axes = Cartesian2d::<Scale, Scale>::new(self.x.clone(), self.y.clone(), pixels);
            let area = SVGBackend::with_string(&mut markup, size)
                .into_drawing_area()
                .apply_coord_spec(axes);
            let drawn = draw(&area) && area.present().is_ok();
            debug_assert!(drawn, "writing to a string cannot fail");
        }
        let dash: Vec<String> = dash.iter().map(|d| num(d * ZOOM)).collect();
        let dash = if dash.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{}\"", dash.join(" "))
        };
        canvas.raw(&format!(
            "<g class=\"{}\" transform=\"scale(.1)\" stroke-linejoin=\"round\"{dash}>",
            escape(class)
        ));
        canvas.raw(&inner(&markup));
        canvas.raw("</g>");
    }
}

fn stroke(colour: RGBColor, width: f64) -> ShapeStyle {
    colour.stroke_width((width * ZOOM).round() as u32)
}

/// What is inside plotters' `<svg>`, without what says nothing.
fn inner(markup: &str) -> String {
    let start = markup.find('>').map_or(0, |at| at + 1);
    let end = markup.rfind("</svg>").unwrap_or(markup.len());
    markup
        .get(start..end)
        .unwrap_or_default()
        .replace(" opacity=\"1\"", "")
        .replace(" \"/>", "\"/>")
        .replace('\n', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let plot = Area { left: 64.0, top: 30.0, right: 764.0, bottom: 420.0 };
        let x = Scale::levels(&[1.0, 10.0, 100.0], 700.0, 16.0).unwrap();
        let y = Scale::log([1.0, 1000.0], 390.0, 22.0).unwrap();
        Frame { plot, x, y }
    }

    #[test]
    fn plotters_and_we_agree_on_places() {
        let frame = frame();
        let mut canvas = Canvas::default();
        frame.line(&mut canvas, "line", &[(1.0, 1.0), (100.0, 1000.0)], Stroke::IDEAL);
        let (body, _) = canvas.finish();
        let points = body.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
        let seen: Vec<f64> = points.split([' ', ',']).filter_map(|v| v.parse().ok()).collect();
        let ((x0, y0), (x1, y1)) = (frame.at(1.0, 1.0), frame.at(100.0, 1000.0));
        for (seen, expected) in seen.iter().zip([x0, y0, x1, y1]) {
            assert!((seen / ZOOM - expected).abs() <= 0.051, "{seen} for {expected}");
        }
        assert!(body.contains("stroke-dasharray=\"50 40\""));
    }

    #[test]
    fn the_grid_has_a_line_for_each_tick() {
        let frame = frame();
        let mut canvas = Canvas::default();
        frame.grid(&mut canvas, false);
        let (body, _) = canvas.finish();
        assert_eq!(body.matches("<line").count(), frame.y.ticks.len());
        assert!(body.contains(Ink::Decade.hex()) && body.contains(Ink::Grid.hex()));
    }
}
