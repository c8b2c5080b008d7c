//! What charts are drawn with: from values to marks, labels and axes in SVG.
//!
//! ```text
//! layout ─▶ frame (scale × 2) ─▶ curve, bars, marks ─▶ labels, annotate, placement ─▶ svg
//!              sheet, rows, multiples, forest: these, put together for panels, one level, time, ratios
//! ```
//!
//! plotters draws what lies inside a frame: grid, bands and lines. Text, markers and everything that
//! has to dodge something else is placed and written here. Deliberately not here: what a chart says,
//! and which figures it shows.

pub(crate) mod along;
pub(crate) mod annotate;
pub(crate) mod axes;
pub(crate) mod bars;
pub(crate) mod curve;
pub(crate) mod forest;
pub(crate) mod frame;
pub(crate) mod labels;
pub(crate) mod layout;
pub(crate) mod marks;
pub(crate) mod multiples;
pub(crate) mod palette;
pub(crate) mod placement;
pub(crate) mod reference;
pub(crate) mod rows;
pub(crate) mod scale;
pub(crate) mod sheet;
pub(crate) mod svg;
pub(crate) mod text;
