//! The two layouts of a chart: wide, for files and pages, and narrow, for pages on a phone.

/// Where things go across.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Layout {
    /// Whether this is the narrow one.
    pub(crate) narrow: bool,
    /// Width of the drawing.
    pub(crate) width: f64,
    /// Left edge of text.
    pub(crate) edge: f64,
    /// Least left margin of a plot.
    pub(crate) left: f64,
    /// Room right of a lone plot, for labels.
    pub(crate) right: f64,
    /// From the ends of a lone plot to its first and last level.
    pub(crate) inset: f64,
    /// Least distance of ticks on the upward axis.
    pub(crate) tick_gap: f64,
}

impl Layout {
    /// 960 wide.
    pub(crate) const WIDE: Self = Self {
        narrow: false,
        width: 960.0,
        edge: 24.0,
        left: 64.0,
        right: 196.0,
        inset: 16.0,
        tick_gap: 24.0,
    };
    /// 380 wide.
    pub(crate) const NARROW: Self = Self {
        narrow: true,
        width: 380.0,
        edge: 10.0,
        left: 44.0,
        right: 104.0,
        inset: 12.0,
        tick_gap: 24.0,
    };

    /// One of two by layout.
    pub(crate) fn pick<T>(&self, wide: T, narrow: T) -> T {
        if self.narrow { narrow } else { wide }
    }
}

/// Baseline of the axis title.
pub(crate) const AXIS_TITLE: f64 = 17.0;
/// Upper edge of a plot without a heading.
pub(crate) const PLOT_TOP: f64 = 30.0;
/// Room that a panel's heading takes.
pub(crate) const HEADING: f64 = 28.0;
/// Below the base line: tick labels.
pub(crate) const TICK_LABEL: f64 = 19.0;
/// Below the base line: the axis title.
pub(crate) const X_TITLE: f64 = 40.0;
/// Below the base line: the end of the drawing.
pub(crate) const FOOT: f64 = 54.0;
/// From a plot to its line-end labels.
pub(crate) const LABEL_GAP: f64 = 10.0;
