//! Markers: the shape of a model, solid, faint or hollow, with its exact figure as a hover title.

use super::palette::{Ink, Shape, shape};
use super::svg::{Canvas, Xy, escape, num, path_data};
use crate::look::Look;

/// Radius of the mark of a median.
pub(crate) const MEDIAN: f64 = 4.2;
/// Radius of the mark of a repeat.
pub(crate) const REPEAT: f64 = 3.4;
/// Radius of the mark of an earlier run.
const RING: f64 = 6.4;

/// How a mark is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Trusted: solid with a ring of background.
    Solid,
    /// A repeat: solid, faint.
    Faint,
    /// Not to be trusted: an outline.
    Hollow,
    /// A repeat not to be trusted: a thin, faint outline.
    FaintHollow,
    /// Of an earlier run: a thin ring, wide enough to show around the mark of a later one.
    Ring,
    /// Exhausted: a cross in place of the shape.
    Cross,
}

/// Writes the mark of a model; `title` is shown on hover and read out.
pub(crate) fn mark(canvas: &mut Canvas, at: Xy, model: Look, fill: Fill, title: &str) {
    let line = Ink::Line(model).hex();
    let edge = Ink::Line(model).edge();
    let background = Ink::Background.hex();
    // A ring of background, or the outline that a pale colour needs.
    let ring = if edge == Ink::Line(model) { background } else { edge.hex() };
    let edge = edge.hex();
    let (radius, look) = match fill {
        Fill::Solid => (MEDIAN, format!("fill=\"{line}\" stroke=\"{ring}\" stroke-width=\"1\"")),
        Fill::Faint => (REPEAT, format!("fill=\"{line}\" opacity=\"0.45\"")),
        Fill::Hollow => {
            (MEDIAN, format!("fill=\"{background}\" stroke=\"{edge}\" stroke-width=\"2\""))
        }
        Fill::FaintHollow => (
            REPEAT,
            format!("fill=\"none\" stroke=\"{edge}\" stroke-width=\"1.1\" opacity=\"0.6\""),
        ),
        Fill::Ring => (RING, format!("fill=\"none\" stroke=\"{edge}\" stroke-width=\"1.2\"")),
        Fill::Cross => (MEDIAN, format!("fill=\"none\" stroke=\"{edge}\" stroke-width=\"2\"")),
    };
    let title =
        if title.is_empty() { String::new() } else { format!("<title>{}</title>", escape(title)) };
    if fill == Fill::Cross {
        let (x, y) = at;
        let arms = format!(
            "{}{}",
            path_data(&[(x - radius, y - radius), (x + radius, y + radius)]),
            path_data(&[(x - radius, y + radius), (x + radius, y - radius)])
        );
        canvas.raw(&format!("<path d=\"{arms}\" {look} stroke-linecap=\"round\">{title}</path>"));
    } else {
        canvas.raw(&outline(at, shape(model), radius, &look, &title));
    }
}

/// An element with what is inside it.
pub(crate) fn closed(kind: &str, attributes: &str, inside: &str) -> String {
    if inside.is_empty() {
        format!("<{kind} {attributes}/>")
    } else {
        format!("<{kind} {attributes}>{inside}</{kind}>")
    }
}

/// The element of a shape around a centre, of about equal area for all shapes.
pub(crate) fn outline((x, y): Xy, shape: Shape, r: f64, attributes: &str, inside: &str) -> String {
    let polygon = |points: &[Xy]| {
        closed("path", &format!("d=\"{}Z\" {attributes}", path_data(points)), inside)
    };
    match shape {
        Shape::Circle => {
            let place = format!("cx=\"{}\" cy=\"{}\" r=\"{r}\"", num(x), num(y));
            closed("circle", &format!("{place} {attributes}"), inside)
        }
        Shape::Square => {
            let side = 2.0 * r * 0.89;
            let (left, top) = (x - side / 2.0, y - side / 2.0);
            let side = num(side);
            let place = format!(
                "x=\"{}\" y=\"{}\" width=\"{side}\" height=\"{side}\"",
                num(left),
                num(top)
            );
            closed("rect", &format!("{place} {attributes}"), inside)
        }
        Shape::Triangle => polygon(&around((x, y + r * 0.18), r * 1.3, 3, -90.0)),
        Shape::Inverted => polygon(&around((x, y - r * 0.18), r * 1.3, 3, 90.0)),
        Shape::Diamond => polygon(&around((x, y), r * 1.25, 4, -90.0)),
        Shape::Hexagon => polygon(&around((x, y), r * 1.12, 6, 0.0)),
        Shape::Star => polygon(&star((x, y), r * 1.4)),
        Shape::Plus => polygon(&plus((x, y), r * 1.2, r * 0.45)),
    }
}

/// Corners of a regular polygon.
fn around((x, y): Xy, r: f64, corners: usize, first_degrees: f64) -> Vec<Xy> {
    (0..corners)
        .map(|i| {
            let angle = (first_degrees + 360.0 * i as f64 / corners as f64).to_radians();
            (x + r * angle.cos(), y + r * angle.sin())
        })
        .collect()
}

fn star(centre: Xy, r: f64) -> Vec<Xy> {
    let outer = around(centre, r, 5, -90.0);
    let inner = around(centre, r * 0.5, 5, -54.0);
    outer.into_iter().zip(inner).flat_map(|(o, i)| [o, i]).collect()
}

/// Arms to `reach` from the centre, `half` of their width on either side.
fn plus((x, y): Xy, reach: f64, half: f64) -> Vec<Xy> {
    let quarter = [(half, -reach), (half, -half), (reach, -half)];
    let turned = |turns: usize, (a, b): Xy| (0..turns).fold((a, b), |(a, b), _| (-b, a));
    (0..4)
        .flat_map(|turns| quarter.map(|corner| turned(turns, corner)))
        .map(|(a, b)| (x + a, y + b))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::SHAPES;

    #[test]
    fn every_shape_and_fill_draws_something_of_its_own() {
        let mut seen = Vec::new();
        for shape in 0..SHAPES {
            let model = Look { index: 0, colour: 0, shape, dash: 0 };
            for fill in [Fill::Solid, Fill::Faint, Fill::Hollow, Fill::FaintHollow] {
                let mut canvas = Canvas::default();
                mark(&mut canvas, (10.0, 10.0), model, fill, "a < b");
                let (body, _) = canvas.finish();
                assert!(body.contains("a &lt; b"));
                assert!(!seen.contains(&body));
                seen.push(body);
            }
        }
    }
}
