//! What the user sees: results on stdout, everything else on stderr.

pub(crate) mod calibration;
pub(crate) mod comparison;
pub(crate) mod plot;
pub(crate) mod progress;
pub(crate) mod table;
pub(crate) mod width;

use std::io::Write;

/// Prints a result to stdout.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // Whoever reads has seen enough, as `head` does.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Says something on stderr.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end());
}

/// Says what went wrong, on stderr, with its causes.
pub(crate) fn complain(error: &anyhow::Error) {
    let text = causes(error);
    // A diagnostic of a scenario begins with the word itself.
    note(&if text.starts_with("error") { text } else { format!("error: {text}") });
}

/// An error and its causes; one that the text before it ends with already is not said again.
fn causes(error: &anyhow::Error) -> String {
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
        let cause = std::io::Error::other("disk full");
        let said = report::Error::Io { path: "run.json".into(), source: cause };
        let error = anyhow::Error::from(said).context("cannot render");
        assert_eq!(causes(&error), "cannot render: run.json: disk full");
    }
}
