//! What the user sees: results on stdout, everything else on stderr.

pub(crate) mod calibration;
pub(crate) mod comparison;
pub(crate) mod plot;
pub(crate) mod progress;
pub(crate) mod table;
pub(crate) mod width;

use std::io::Write;

use anyhow::Context;

/// Prints a result to stdout.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // Whoever reads has seen enough, as `head` does.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to stdout"),
    }
}

/// Says something on stderr.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end());
}

/// Says what went wrong, on stderr, with its causes.
pub(crate) fn complain(error: &anyhow::Error) {
    let text = in_words(error);
    // A diagnostic of a scenario begins with the word itself.
    note(&if text.starts_with("error") { text } else { format!("error: {text}") });
}

/// An error and its causes in one line; a cause that the words before it quote is not said again.
pub(crate) fn in_words(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let full = || std::io::Error::other("disk full");
        let quoted = measurement::Error::Io { path: "run".into(), source: full() };
        let error = anyhow::Error::new(quoted).context("cannot write");
        assert_eq!(in_words(&error), "cannot write: run: disk full");
        let error = anyhow::Error::new(full()).context("cannot write");
        assert_eq!(in_words(&error), "cannot write: disk full");
    }
}
