//! Colours by role, in light and dark, and what tells one model from another.
//!
//! Colours come from Okabe and Ito's set. There are six; with markers and dashes forty models stay
//! apart, in greyscale too. Drawing is always in the light colours; `theme` maps them, which needs
//! every light colour to be unique. Which model has which is `look`'s to say.

use crate::look::{COLOURS, DASHES, Look, SHAPES};

/// What a colour is for. The light value is what charts are drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// The page behind everything, and rings around marks.
    Background,
    /// Titles and figures.
    Strong,
    /// Body text, decade ticks.
    Normal,
    /// Secondary text, other ticks.
    Weak,
    /// The area that nothing can reach.
    Void,
    /// Grid lines.
    Grid,
    /// Grid lines at decades.
    Decade,
    /// Base line, ticks, leader lines.
    Axis,
    /// Ideals and floors.
    Ideal,
    /// Marks of a model.
    Line(Look),
    /// Text about a model.
    Text(Look),
}

/// Light, dark, and the name of the CSS variable.
type Swatch = (&'static str, &'static str, &'static str);

const NEUTRAL: [Swatch; 9] = [
    ("#FFFFFF", "#0D1117", "bg"),
    ("#16191D", "#E8EBEE", "ink"),
    ("#454C54", "#B7BEC6", "ink2"),
    ("#616972", "#959EA8", "ink3"),
    ("#F4F5F7", "#141A21", "void"),
    ("#E9EBEE", "#1E252D", "grid"),
    ("#D9DDE1", "#2D363F", "grid2"),
    ("#8B939B", "#5B6671", "axis"),
    ("#747D86", "#8D97A2", "ideal"),
];

const LINES: [Swatch; COLOURS] = [
    ("#0072B2", "#4AA8E8", "m0"),
    ("#D55E00", "#F58A42", "m1"),
    ("#009E73", "#2BC49A", "m2"),
    ("#CC79A7", "#E29BC3", "m3"),
    ("#E69F00", "#F0B43C", "m4"),
    ("#56B4E9", "#9AD6FA", "m5"),
];

const TEXTS: [Swatch; COLOURS] = [
    ("#006AA6", "#62B4EC", "t0"),
    ("#B04D00", "#F79A5C", "t1"),
    ("#00765A", "#4AD0AC", "t2"),
    ("#A0467A", "#E9AFCF", "t3"),
    ("#855B00", "#F3C260", "t4"),
    ("#1C6FA0", "#AEDFFB", "t5"),
];

/// Colours of lines from here on stand out from the page by less than 3:1: they get an outline.
const PALE_FROM: usize = 3;

/// Every colour: light, dark, CSS variable name.
pub(crate) fn swatches() -> impl Iterator<Item = Swatch> {
    NEUTRAL.into_iter().chain(LINES).chain(TEXTS)
}

/// The CSS variable of a light colour.
pub(crate) fn variable(hex: &str) -> Option<&'static str> {
    swatches().find(|(light, ..)| *light == hex).map(|(.., name)| name)
}

impl Ink {
    /// The light value, `#RRGGBB` in capitals, as plotters writes it too.
    pub(crate) fn hex(self) -> &'static str {
        match self {
            Self::Background => NEUTRAL[0].0,
            Self::Strong => NEUTRAL[1].0,
            Self::Normal => NEUTRAL[2].0,
            Self::Weak => NEUTRAL[3].0,
            Self::Void => NEUTRAL[4].0,
            Self::Grid => NEUTRAL[5].0,
            Self::Decade => NEUTRAL[6].0,
            Self::Axis => NEUTRAL[7].0,
            Self::Ideal => NEUTRAL[8].0,
            Self::Line(model) => LINES[model.colour].0,
            Self::Text(model) => TEXTS[model.colour].0,
        }
    }

    /// What outlines marks and lines of this colour: one that stands out from the page where it
    /// does not itself, else itself.
    pub(crate) fn edge(self) -> Self {
        match self {
            Self::Line(model) if model.colour >= PALE_FROM => Self::Text(model),
            own => own,
        }
    }

    /// The light value for plotters.
    pub(crate) fn rgb(self) -> plotters::style::RGBColor {
        let value = u32::from_str_radix(&self.hex()[1..], 16).unwrap_or(0);
        plotters::style::RGBColor((value >> 16) as u8, (value >> 8) as u8, value as u8)
    }
}

/// The shape of a model's marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A disc.
    Circle,
    /// A square on its side.
    Square,
    /// A triangle on its base.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// A triangle on its tip.
    Inverted,
    /// A five-pointed star.
    Star,
    /// A hexagon.
    Hexagon,
    /// A thick upright cross.
    Plus,
}

const MARKERS: [Shape; SHAPES] = [
    Shape::Circle,
    Shape::Square,
    Shape::Triangle,
    Shape::Diamond,
    Shape::Inverted,
    Shape::Hexagon,
    Shape::Star,
    Shape::Plus,
];

/// Dash patterns in user units; empty: solid. Apart from the 5 4 of ideals and the dots of ceilings.
const PATTERNS: [&[f64]; DASHES] =
    [&[], &[7.0, 5.0], &[12.0, 4.0], &[9.0, 3.0, 2.0, 3.0], &[3.0, 3.0]];

/// A model's marker.
pub(crate) fn shape(model: Look) -> Shape {
    MARKERS[model.shape]
}

/// A model's dash pattern.
pub(crate) fn dash(model: Look) -> &'static [f64] {
    PATTERNS[model.dash]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_light_colour_is_unique_so_that_themes_can_map_it() {
        let mut lights: Vec<_> = swatches().map(|(light, ..)| light).collect();
        lights.sort_unstable();
        let count = lights.len();
        lights.dedup();
        assert_eq!(lights.len(), count);
    }

    #[test]
    fn no_two_markers_and_no_two_dashes_are_the_same() {
        for (at, (marker, pattern)) in MARKERS.iter().zip(PATTERNS).enumerate() {
            assert!(!MARKERS[..at].contains(marker) && !PATTERNS[..at].contains(&pattern));
        }
        assert!(MARKERS.iter().enumerate().all(|(at, marker)| !MARKERS[..at].contains(marker)));
    }

    fn coloured(colour: usize) -> Look {
        Look { index: 0, colour, shape: 0, dash: 0 }
    }

    /// WCAG relative luminance contrast.
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |hex: &str| -> f64 {
            let channel = |at: usize| {
                let v = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
                if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn marks_stand_out_from_background_and_void_in_both_themes() {
        let themes = |ink: Ink| swatches().find(|(light, ..)| *light == ink.hex()).expect("listed");
        for colour in 0..COLOURS {
            let (light, dark, name) = themes(Ink::Line(coloured(colour)).edge());
            for ground in [NEUTRAL[0], NEUTRAL[4]] {
                assert!(contrast(light, ground.0) >= 3.0, "{name} on light {}", ground.2);
                assert!(contrast(dark, ground.1) >= 3.0, "{name} on dark {}", ground.2);
            }
        }
        let (light, dark, _) = themes(Ink::Ideal);
        for ground in [NEUTRAL[0], NEUTRAL[4]] {
            assert!(contrast(light, ground.0) >= 3.0 && contrast(dark, ground.1) >= 3.0);
        }
    }

    #[test]
    fn text_stands_out_from_background_and_void_in_both_themes() {
        let texts = NEUTRAL[1..4].iter().chain(&TEXTS);
        for (light, dark, name) in texts {
            for ground in [NEUTRAL[0], NEUTRAL[4]] {
                assert!(contrast(light, ground.0) >= 4.9, "{name} on light {}", ground.2);
                assert!(contrast(dark, ground.1) >= 4.9, "{name} on dark {}", ground.2);
            }
        }
    }
}
