//! Text that fits the terminal: lines broken between words. Where stdout is no terminal nothing is
//! broken, so that whatever reads it gets whole lines.

use std::io::{IsTerminal, stdout};

/// Columns of the terminal that stdout is, if it is one.
pub(crate) fn columns() -> Option<usize> {
    let out = stdout();
    let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out).ok())??;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// One line, broken at spaces so that no part is wider than `columns`; all but the first are
/// indented by `hanging`. A word that is wider stays whole.
pub(crate) fn wrapped(line: &str, columns: Option<usize>, hanging: usize) -> String {
    let Some(columns) = columns else { return line.to_owned() };
    let mut out = String::new();
    let mut width = 0;
    for (at, word) in line.split(' ').enumerate() {
        let long = word.chars().count();
        if at > 0 && width + 1 + long > columns && width > hanging {
            out.push('\n');
            out.push_str(&" ".repeat(hanging));
            width = hanging;
        } else if at > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(word);
        width += long;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_hang() {
        let broken = |line: &str, columns| wrapped(line, Some(columns), 2);
        assert_eq!(broken("ab cd ef", 5), "ab cd\n  ef");
        assert_eq!(broken("  ab cd", 5), "  ab\n  cd", "the indent is kept");
        assert_eq!(broken("longer than it", 4), "longer\n  than\n  it");
        assert_eq!(broken("80\u{a0}ms or", 5), "80\u{a0}ms\n  or", "a figure keeps its unit");
        assert_eq!(wrapped("no terminal, no break", None, 2), "no terminal, no break");
    }
}
