//! Renders the report of a run directory into it: `cargo run -p report --example render -- DIR`.
//! For looking at renderers while working on them.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(dir) = std::env::args().nth(1).map(PathBuf::from) else {
        return complain("usage: render DIR");
    };
    let written = report::render(&dir).and_then(|rendered| {
        report::write(&dir, &rendered)?;
        Ok(rendered)
    });
    match written {
        Ok(rendered) => ExitCode::from(rendered.verdict.exit_status()),
        Err(error) => complain(&error.to_string()),
    }
}

#[expect(clippy::print_stderr, reason = "an example has no other way to speak")]
fn complain(problem: &str) -> ExitCode {
    eprintln!("{problem}");
    ExitCode::from(2)
}
