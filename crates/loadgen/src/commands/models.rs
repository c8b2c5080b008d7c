//! `loadgen models` and `loadgen schema`: what a scenario file may say.

use anyhow::Result;
use scenario::units::size_text;
use scenario::{ModelKind, OptionKind, OptionSpec};

use crate::exit::Exit;
use crate::terminal::print;

/// Prints the models, a line each: kind, what it is, its options.
pub(crate) fn models() -> Result<Exit> {
    let kinds = client::models::kinds();
    let width = kinds.iter().map(|kind| kind.kind.len()).max().unwrap_or(0);
    let line = |kind: &ModelKind| {
        let options: Vec<String> = kind.options.iter().map(option).collect();
        format!("{:width$}  {} [{}]", kind.kind, kind.summary, options.join("; "))
    };
    let lines: Vec<String> = kinds.iter().map(line).collect();
    print(&format!("{}\n", lines.join("\n")))?;
    Ok(Exit::Done)
}

fn option(option: &OptionSpec) -> String {
    let values = match option.kind {
        OptionKind::Count { min, max } | OptionKind::Pool { min, max, .. } => {
            format!("{min}..{max}")
        }
        OptionKind::Word(words) => words.join(" | "),
        OptionKind::Size { min, max } => format!("{}..{}", size_text(min), size_text(max)),
        OptionKind::Duration => "a duration, \"20ms\"".to_owned(),
    };
    format!("{} = {values}: {}", option.key, option.doc)
}

/// Prints the JSON Schema of the scenario file.
pub(crate) fn schema() -> Result<Exit> {
    let schema = scenario::schema(&client::kinds());
    print(&format!("{}\n", serde_json::to_string_pretty(&schema)?))?;
    Ok(Exit::Done)
}
