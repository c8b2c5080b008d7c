//! `loadgen models` and `loadgen schema`: what a scenario file may say.

use anyhow::Result;
use scenario::OptionKind;

use crate::exit::Exit;
use crate::terminal::print;

/// Prints the models, a line each, then their options.
pub(crate) fn models() -> Result<Exit> {
    let kinds = client::models::kinds();
    let width = kinds.iter().map(|kind| kind.kind.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for kind in &kinds {
        lines.push(format!("{:width$}  {}", kind.kind, kind.summary));
        for option in kind.options {
            let values = match option.kind {
                OptionKind::Count { min, max } => format!("{min}..{max}"),
                OptionKind::Word(words) => words.join(" | "),
                OptionKind::Size => "size, \"64KiB\"".to_owned(),
                OptionKind::Duration => "duration, \"20ms\"".to_owned(),
            };
            lines.push(format!("{:width$}    {} = {values}: {}", "", option.key, option.doc));
        }
    }
    print(&format!("{}\n", lines.join("\n")))?;
    Ok(Exit::Done)
}

/// Prints the JSON Schema of the scenario file.
pub(crate) fn schema() -> Result<Exit> {
    let schema = scenario::schema(&client::models::kinds());
    print(&format!("{}\n", serde_json::to_string_pretty(&schema)?))?;
    Ok(Exit::Done)
}
