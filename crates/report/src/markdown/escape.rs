//! Text that must not be taken for markup.

/// Words for the body of a Markdown document, on one line. Underscores inside words are left
/// alone: they mark nothing there, and a terminal shows the backslash.
pub(super) fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut before = ' ';
    let mut rest = words.chars().peekable();
    while let Some(letter) = rest.next() {
        let inside = |c: char| c.is_alphanumeric() || c == '_';
        let word_end = !inside(before) || rest.peek().is_none_or(|next| !inside(*next));
        match letter {
            '\n' | '\r' => out.push(' '),
            '\\' | '|' | '*' | '`' | '[' | ']' | '<' | '~' => out.extend(['\\', letter]),
            '_' if word_end => out.push_str("\\_"),
            _ => out.push(letter),
        }
        before = letter;
    }
    out
}

/// Words for an attribute of an HTML element.
pub(super) fn attribute(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_escaped_and_underscores_inside_words_are_not() {
        assert_eq!(escaped("a|b *c* <d>\ne"), "a\\|b \\*c\\* \\<d> e");
        assert_eq!(escaped("pid_max _x_"), "pid_max \\_x\\_");
        assert_eq!(attribute("\"a\" < b & c"), "&quot;a&quot; &lt; b &amp; c");
    }
}
