//! Widths of text without a font system: conservative, so that what fits here fits anywhere.
//!
//! The tables are the advance widths of `DejaVu Sans`, regular and bold, the widest of the faces that
//! `system-ui, sans-serif` commonly resolves to. Deliberately not here: shaping, kerning, scripts
//! beyond Latin (counted as wide as the widest letter).

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// 400.
    Regular,
    /// 600: titles, labels.
    Bold,
}

/// A no-break space: glues a figure to its unit.
pub(crate) const GLUE: char = '\u{a0}';

/// Advance widths in thousandths of the size, for U+0020 to U+007E.
const REGULAR: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];
const BOLD: [u16; 95] = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696,
    696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683,
    683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771,
    724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665,
    343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
];

/// Width of a text at a size, in the units of the size; never less than a browser draws.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let table = match weight {
        Weight::Regular => &REGULAR,
        Weight::Bold => &BOLD,
    };
    let milli: u32 = text.chars().map(|c| u32::from(advance(c, table))).sum();
    f64::from(milli) * size / 1000.0
}

fn advance(c: char, table: &[u16; 95]) -> u16 {
    match c {
        ' '..='~' => table[c as usize - 0x20],
        GLUE => table[0],
        '·' | '’' | '‘' => table[usize::from(b'.' - b' ')],
        '×' | '÷' | '±' | '≥' | '≤' | '→' | '≈' => 838,
        '–' => 500,
        // Combining marks take no room of their own (N̄).
        '\u{300}'..='\u{36f}' => 0,
        '\u{a1}'..='\u{24f}' | '\u{370}'..='\u{3ff}' => 800,
        _ => 1000,
    }
}

/// Breaks a text into lines no wider than `limit`, at spaces, and after hyphens where a word alone
/// is too wide. A word that still does not fit is cut with an ellipsis.
pub(crate) fn wrap(text: &str, size: f64, weight: Weight, limit: f64) -> Vec<String> {
    let fits = |s: &str| width(s, size, weight) <= limit;
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if fits(&joined) {
            line = joined;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        if fits(word) {
            word.clone_into(&mut line);
            continue;
        }
        for piece in word.split_inclusive('-') {
            let joined = format!("{line}{piece}");
            if fits(&joined) {
                line = joined;
            } else {
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line = cut(piece, size, weight, limit);
            }
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The text, or as much of it as fits with an ellipsis.
pub(crate) fn cut(text: &str, size: f64, weight: Weight, limit: f64) -> String {
    if width(text, size, weight) <= limit {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while !kept.is_empty() && width(&kept, size, weight) + size > limit {
        kept.pop();
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_add_up_and_grow_with_weight() {
        assert!((width("10", 10.0, Weight::Regular) - 12.72).abs() < 1e-9);
        assert!(width("tokio", 13.0, Weight::Bold) > width("tokio", 13.0, Weight::Regular));
        assert!(width("", 13.0, Weight::Bold).abs() < 1e-12);
    }

    #[test]
    fn wrapped_lines_fit_and_lose_nothing() {
        let text = "thread-per-request reaches 2.58k requests a second";
        let lines = wrap(text, 12.0, Weight::Regular, 90.0);
        assert!(lines.iter().all(|line| width(line, 12.0, Weight::Regular) <= 90.0), "{lines:?}");
        let whole: String = lines.concat().replace(' ', "");
        assert_eq!(whole, text.replace(' ', ""));
    }

    #[test]
    fn glued_figures_stay_together() {
        let lines = wrap("at least 50\u{a0}ms more", 12.0, Weight::Regular, 75.0);
        assert!(lines.iter().any(|line| line.contains("50\u{a0}ms")), "{lines:?}");
    }

    #[test]
    fn a_word_too_long_is_cut() {
        let lines = wrap("Donaudampfschifffahrtsgesellschaft", 12.0, Weight::Regular, 60.0);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].ends_with('…'));
    }
}
