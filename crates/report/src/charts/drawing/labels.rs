//! Labels at line ends: a block of text per line, beside its last mark, none over another.
//!
//! Each block wants its name level with its mark. Blocks are sorted by that wish and pushed apart by
//! pooling adjacent violators (isotonic regression of the wishes), which moves them the least in all;
//! then the whole column is kept inside the frame.

use super::marks::{Fill, mark};
use super::palette::Ink;
use super::svg::{Canvas, Font, Stroke, Xy};
use super::text::{self, Weight};
use crate::look::Look;

/// Room between blocks.
const GAP: f64 = 6.0;
/// Line height inside a block.
const LINE: f64 = 16.0;
/// From the top of a block to the middle of its first line.
const HALF: f64 = LINE / 2.0;
/// A block moved further than this gets a leader line that ends in the model's mark.
const NEAR: f64 = 5.0;
/// So does one whose line ends this far from the column.
const FAR: f64 = 60.0;
/// From the middle of the mark at a leader's end to its label.
const MARK: f64 = 7.0;

/// What to write beside a mark.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    /// The mark it belongs to.
    pub(crate) mark: Xy,
    /// Whether other marks of the line lie between mark and label, so that a leader is needed.
    pub(crate) passed: bool,
    /// The model, as it is drawn.
    pub(crate) model: Look,
    /// In bold and colour.
    pub(crate) name: String,
    /// Below it.
    pub(crate) figures: Vec<String>,
}

/// The column that labels stand in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Left edge of the text.
    pub(crate) left: f64,
    /// Widest text.
    pub(crate) width: f64,
    /// Upper end.
    pub(crate) top: f64,
    /// Lower end.
    pub(crate) bottom: f64,
}

struct Block<'a> {
    label: &'a Label,
    name: Vec<String>,
    figures: Vec<String>,
}

impl Block<'_> {
    fn height(&self) -> f64 {
        LINE * (self.name.len() + self.figures.len()) as f64
    }
}

/// Height that a column of these labels needs.
pub(crate) fn height(labels: &[Label], width: f64) -> f64 {
    labels.iter().map(|label| block(label, width).height() + GAP).sum()
}

/// Writes the labels into the column.
pub(crate) fn draw(canvas: &mut Canvas, labels: &[Label], column: Column) {
    let mut blocks: Vec<Block<'_>> =
        labels.iter().map(|label| block(label, column.width)).collect();
    blocks.sort_by(|a, b| a.label.mark.1.total_cmp(&b.label.mark.1));
    let mut spare: f64 = column.bottom - column.top;
    spare -= blocks.iter().map(|b| b.height() + GAP).sum::<f64>() - GAP;
    if spare < 0.0 {
        // Too many: names alone, which the column was made high enough for, or nearly so.
        for block in &mut blocks {
            block.figures.clear();
        }
    }
    let heights: Vec<f64> = blocks.iter().map(|b| b.height() + GAP).collect();
    let wishes: Vec<f64> = blocks.iter().map(|b| b.label.mark.1 - HALF).collect();
    let tops = apart(&wishes, &heights, column.top, column.bottom + GAP);
    let several = blocks.windows(2).any(|pair| pair[0].label.model != pair[1].label.model);
    canvas.group("labels", |canvas| {
        let led = |block: &Block<'_>, top: f64| {
            let moved = (top + HALF - block.label.mark.1).abs() > NEAR;
            moved || block.label.passed || column.left - block.label.mark.0 > FAR
        };
        for (block, top) in blocks.iter().zip(&tops).filter(|(block, top)| led(block, **top)) {
            leader(canvas, block.label, top + HALF, column.left);
        }
        for (block, top) in blocks.iter().zip(&tops) {
            if several && led(block, *top) {
                // Where lines end close together a leader alone does not tell which it leads to.
                let at = (column.left - MARK, top + HALF);
                mark(canvas, at, block.label.model, Fill::Solid, "");
            }
            write(canvas, block, column.left, *top);
        }
    });
}

fn block(label: &Label, width: f64) -> Block<'_> {
    let name = text::wrap(&glued(&label.name), 13.0, Weight::Bold, width);
    let figures = label.figures.iter().flat_map(|f| figure(f, width)).collect();
    Block { label, name, figures }
}

/// `tokio, 1 ms` with no break inside the value that it is of.
fn glued(name: &str) -> String {
    let mut out = String::new();
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        let unit = rest.peek().is_some_and(|next| next.is_alphabetic() || *next == '×');
        let of_figure = out.ends_with(|last: char| last.is_ascii_digit());
        out.push(if c == ' ' && unit && of_figure { text::GLUE } else { c });
    }
    out
}

/// `463 ms at 111 ms × 1,000`: on one line, or broken before `at`, which goes where that is too wide
/// as well.
fn figure(words: &str, width: f64) -> Vec<String> {
    let fits = |s: &str| text::width(s, 12.0, Weight::Regular) <= width;
    let split = words.strip_prefix("at ").map(|level| ("", level)).or(words.split_once(" at "));
    match split {
        Some((value, level)) if !fits(words) && fits(level) => {
            let at = format!("at {level}");
            let level = if fits(&at) { at } else { level.to_owned() };
            [value.to_owned(), level].into_iter().filter(|line| !line.is_empty()).collect()
        }
        _ => text::wrap(words, 12.0, Weight::Regular, width),
    }
}

fn write(canvas: &mut Canvas, block: &Block<'_>, left: f64, top: f64) {
    let mut y = top + HALF + 4.4;
    for line in &block.name {
        canvas.text((left, y), line, Font::label(Ink::Text(block.label.model)));
        y += LINE;
    }
    for line in &block.figures {
        canvas.text((left, y), line, Font::plain(Ink::Normal));
        y += LINE;
    }
}

fn leader(canvas: &mut Canvas, label: &Label, y: f64, left: f64) {
    let (x, mark) = label.mark;
    let start = x + 8.0;
    let end = left - MARK;
    let bend = (end - 8.0).max(start);
    canvas.path(&[(start, mark), (bend, mark), (end, y)], Stroke::AXIS);
}

/// Tops of blocks of these heights, as near to their wishes as can be without overlap, between `low`
/// and `high`. Wishes ascend. Where all together are too high, they run over the lower end.
pub(crate) fn apart(wishes: &[f64], heights: &[f64], low: f64, high: f64) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(wishes.len());
    let mut total = 0.0;
    for height in heights {
        offsets.push(total);
        total += height;
    }
    // Pools of (sum of wishes less offsets, count): their means must not descend.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (wish, offset) in wishes.iter().zip(&offsets) {
        pools.push((wish - offset, 1));
        while let [.., a, b] = pools.as_slice() {
            if a.0 / a.1 as f64 <= b.0 / b.1 as f64 {
                break;
            }
            let merged = (a.0 + b.0, a.1 + b.1);
            pools.truncate(pools.len() - 2);
            pools.push(merged);
        }
    }
    let highest = (high - total).max(low);
    pools
        .iter()
        .flat_map(|(sum, count)| {
            std::iter::repeat_n((sum / *count as f64).clamp(low, highest), *count)
        })
        .zip(offsets)
        .map(|(base, offset)| base + offset)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_fits_stays_where_it_wants_to_be() {
        assert_eq!(apart(&[10.0, 100.0], &[38.0, 38.0], 0.0, 400.0), [10.0, 100.0]);
    }

    #[test]
    fn a_name_does_not_break_between_figure_and_unit() {
        assert_eq!(glued("tokio, 1 ms"), "tokio, 1\u{a0}ms");
        assert_eq!(glued("rayon 64 again, none"), "rayon 64\u{a0}again, none");
        let lines = text::wrap(&glued("thread-per-request, 1 ms"), 13.0, Weight::Bold, 165.0);
        assert_eq!(lines, ["thread-per-request,", "1\u{a0}ms"]);
    }

    #[test]
    fn a_figure_breaks_before_its_level_and_no_level_breaks() {
        assert_eq!(figure("463 ms at N = 8", 200.0), ["463 ms at N = 8"]);
        let words = "463 ms at 111 ms × 1,000";
        assert_eq!(figure(words, 130.0), ["463 ms", "at 111 ms × 1,000"]);
        assert_eq!(figure(words, 105.0), ["463 ms", "111 ms × 1,000"]);
        assert_eq!(figure("at 111 ms × 1,000", 105.0), ["111 ms × 1,000"]);
    }

    #[test]
    fn coinciding_wishes_share_the_move() {
        assert_eq!(apart(&[100.0, 100.0], &[40.0, 40.0], 0.0, 400.0), [80.0, 120.0]);
    }

    proptest! {
        #[test]
        fn blocks_never_overlap_and_stay_inside(
            mut wishes in prop::collection::vec(-100.0_f64..500.0, 1..9),
            height in 16.0_f64..44.0,
        ) {
            wishes.sort_by(f64::total_cmp);
            let heights = vec![height; wishes.len()];
            let tops = apart(&wishes, &heights, 0.0, 400.0);
            for pair in tops.windows(2) {
                prop_assert!(pair[1] - pair[0] >= height - 1e-9);
            }
            prop_assert!(tops.iter().all(|t| *t >= -1e-9 && *t + height <= 400.0 + 1e-9));
        }
    }
}
