//! From a drawing to markup: a file in light or dark, and a figure whose colours a page's CSS sets.
//!
//! Charts are drawn in the light colours. The dark file has each of them replaced; a page has a CSS
//! variable in place of each ([`page_css`]).

use std::fmt::Write as _;

use super::drawing::palette::{Ink, swatches};
use super::drawing::svg::{Canvas, Font, escape, num};
use super::drawing::text::{self, Weight};
use super::{Drawing, Plot};

/// Colours of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on white.
    Light,
    /// Light on near black.
    Dark,
}

/// Width of a file's text column.
const COLUMN: f64 = 912.0;
/// Left edge of a file's text.
const EDGE: f64 = 24.0;

/// A file that stands alone in a document: heading, plot, notes, source.
pub fn file(key: &str, drawing: &Drawing, theme: Theme) -> String {
    let mut canvas = Canvas::default();
    let top = heading(&mut canvas, drawing);
    let _ = write_shifted(&mut canvas, &drawing.wide, top);
    let bottom = footer(&mut canvas, drawing, top + drawing.wide.height);
    let height = (bottom / 2.0).ceil() * 2.0;
    let (body, _) = canvas.finish();
    let background = format!(
        "<rect width=\"960\" height=\"{}\" fill=\"{}\"/>",
        num(height),
        Ink::Background.hex()
    );
    let size = format!(" width=\"960\" height=\"{}\"", num(height));
    let svg = element(
        key,
        drawing,
        &format!("0 0 960 {}", num(height)),
        &size,
        &format!("{background}{body}"),
    );
    match theme {
        Theme::Light => svg,
        Theme::Dark => darkened(&svg),
    }
}

/// One layout of a chart for a page: `class` is `wide` or `narrow`; ids are made unique by it.
pub fn inline(key: &str, drawing: &Drawing, class: &str, plot: &Plot) -> String {
    let view = format!("{} 0 {} {}", num(plot.edge), num(plot.width - plot.edge), num(plot.height));
    let attributes = format!(" class=\"{class}\"");
    element(&format!("{key}-{class}"), drawing, &view, &attributes, &plot.markup)
}

/// Variables of a page's colours, for light and dark.
pub(crate) fn page_css() -> String {
    let (mut light, mut dark) = (String::new(), String::new());
    for (on_light, on_dark, name) in swatches() {
        let _ = write!(light, "--{name}:{on_light};");
        let _ = write!(dark, "--{name}:{on_dark};");
    }
    format!(
        ":root{{color-scheme:light;{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}\n"
    )
}

fn element(id: &str, drawing: &Drawing, view: &str, attributes: &str, body: &str) -> String {
    let id = escape(id);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{view}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\" \
         font-family=\"system-ui, sans-serif\"{attributes}><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>{body}</svg>\n",
        escape(&drawing.title),
        escape(&drawing.desc)
    )
}

/// Title, subtitle and context; returns where the plot begins.
fn heading(canvas: &mut Canvas, drawing: &Drawing) -> f64 {
    let title = Font {
        size: 20.0,
        weight: Weight::Bold,
        ink: Ink::Strong,
        anchor: super::drawing::svg::Anchor::Start,
    };
    let mut y = 36.0;
    for line in text::wrap(&drawing.title, title.size, title.weight, COLUMN) {
        canvas.text((EDGE, y), &line, title);
        y += 26.0;
    }
    y -= 2.0;
    for (words, ink) in [(&drawing.subtitle, Ink::Normal), (&drawing.context, Ink::Weak)] {
        let font = Font { size: 13.0, ..Font::plain(ink) };
        for line in text::wrap(words, font.size, font.weight, COLUMN) {
            canvas.text((EDGE, y), &line, font);
            y += 19.0;
        }
    }
    y - 3.0
}

fn write_shifted(canvas: &mut Canvas, plot: &Plot, by: f64) -> std::fmt::Result {
    let mut group = String::new();
    write!(group, "<g transform=\"translate(0 {})\">{}</g>", num(by), plot.markup)?;
    canvas.raw(&group);
    Ok(())
}

/// Notes and source; returns the end of the file.
fn footer(canvas: &mut Canvas, drawing: &Drawing, top: f64) -> f64 {
    let mut y = top + 18.0;
    let font = Font::plain(Ink::Weak);
    for note in drawing.notes.iter().chain(&drawing.doubts).chain([&drawing.source]) {
        for line in text::wrap(note, font.size, font.weight, COLUMN) {
            canvas.text((EDGE, y), &line, font);
            y += 17.0;
        }
    }
    y - 1.0
}

/// The same in the dark colours: only attribute values change, no text.
fn darkened(svg: &str) -> String {
    let mut out = svg.to_owned();
    for (light, dark, _) in swatches() {
        for attribute in ["fill", "stroke"] {
            // No dark colour is a light one, so that none is replaced twice.
            out = out
                .replace(&format!("{attribute}=\"{light}\""), &format!("{attribute}=\"{dark}\""));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_dark_colour_is_also_a_light_one() {
        let lights: Vec<_> = swatches().map(|(light, ..)| light).collect();
        assert!(swatches().all(|(_, dark, _)| !lights.contains(&dark)));
    }

    #[test]
    fn darkening_leaves_text_alone() {
        let svg = "<text fill=\"#16191D\">#16191D</text>";
        assert_eq!(darkened(svg), "<text fill=\"#E8EBEE\">#16191D</text>");
    }
}
