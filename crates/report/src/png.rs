//! Charts as PNGs, for slides: the SVG files drawn by resvg, twice as large as they say.
//!
//! Text needs a font of the machine's, so that PNGs, alone of what a report has, depend on where
//! they are made; where there is no font nothing is drawn, rather than charts without words.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use crate::error::{Error, Result};

/// Pixels for a unit of the SVG.
const SCALE: f32 = 2.0;

/// Sans-serif families in the order of preference: charts are laid out by the widths of the first.
const FAMILIES: [&str; 8] = [
    "DejaVu Sans",
    "Verdana",
    "Noto Sans",
    "Liberation Sans",
    "Arial",
    "Helvetica",
    "Inter",
    "Cantarell",
];

/// The fonts of this machine, read once for all charts.
pub(crate) struct Painter {
    options: Options<'static>,
}

impl Painter {
    /// `None` where the machine has no font.
    pub(crate) fn new() -> Option<Self> {
        let mut fonts = fontdb::Database::new();
        fonts.load_system_fonts();
        let family = {
            let mut known = fonts.faces().flat_map(|face| &face.families).map(|(name, _)| name);
            let first = known.next()?.clone();
            let has = |family: &&&str| {
                fonts.faces().any(|face| face.families.iter().any(|(name, _)| name == **family))
            };
            FAMILIES.iter().find(has).map_or(first, |family| (*family).to_owned())
        };
        fonts.set_sans_serif_family(&family);
        let fontdb = Arc::new(fonts);
        Some(Self { options: Options { font_family: family, fontdb, ..Options::default() } })
    }

    /// The PNG of a file's SVG; `name` is for errors.
    pub(crate) fn png(&self, name: &str, svg: &str) -> Result<Vec<u8>> {
        let refused = |problem: String| Error::Render { output: name.to_owned(), problem };
        let tree =
            Tree::from_str(svg, &self.options).map_err(|error| refused(error.to_string()))?;
        let size = tree.size();
        let pixels = |length: f32| (length * SCALE).round().max(1.0) as u32;
        let mut pixmap = Pixmap::new(pixels(size.width()), pixels(size.height()))
            .ok_or_else(|| refused("too large to draw".to_owned()))?;
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixmap.as_mut());
        pixmap.encode_png().map_err(|error| refused(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;
    use crate::{Choices, Report};

    #[test]
    fn every_chart_has_a_png_or_the_reason_is_said() {
        let choices =
            Choices { charts: vec!["throughput".to_owned()], png: true, ..Choices::default() };
        let report = Report::chosen(Fixture::high_latency().analysis(), &choices).expect("chosen");
        let rendered = report.render().expect("renders");
        let pngs: Vec<_> =
            rendered.files.iter().filter(|(path, _)| path.strip_suffix(".png").is_some()).collect();
        if Painter::new().is_none() {
            assert!(pngs.is_empty() && rendered.remarks[0].contains("no font"));
            return;
        }
        assert_eq!(pngs.len(), 2, "light and dark");
        assert!(pngs.iter().all(|(_, bytes)| bytes.starts_with(b"\x89PNG\r\n")));
    }
}
