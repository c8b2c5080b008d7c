//! `loadgen models` and `loadgen schema`: what a scenario file may say.

use anyhow::Result;
use scenario::units::size_text;
use scenario::{ModelKind, OptionKind, OptionSpec};

use crate::exit::Exit;
use crate::terminal::{print, width};

/// Prints the models: kind, what it is, then a line per option.
pub(crate) fn models() -> Result<Exit> {
    let kinds = client::models::kinds();
    let options = kinds.iter().flat_map(|kind| kind.options);
    let wide = options.map(|option| values(option).chars().count()).max().unwrap_or(0);
    let columns = width::columns();
    let model = |kind: &ModelKind| {
        let option = |option: &OptionSpec| {
            let line = format!("  {:wide$}  {}", values(option), option.doc);
            width::wrapped(&line, columns, wide + 4)
        };
        let summary = width::wrapped(&format!("  {}", kind.summary), columns, 2);
        let lines = [kind.kind.to_owned(), summary].into_iter();
        lines.chain(kind.options.iter().map(option)).collect::<Vec<_>>().join("\n")
    };
    let models: Vec<String> = kinds.iter().map(model).collect();
    print(&format!("{}\n", models.join("\n\n")))?;
    Ok(Exit::Done)
}

/// `workers = 1..1024`
fn values(option: &OptionSpec) -> String {
    let values = match option.kind {
        OptionKind::Count { min, max } | OptionKind::Pool { min, max, .. } => {
            format!("{min}..{max}")
        }
        OptionKind::Word(words) => words.join(" | "),
        OptionKind::Size { min, max } => format!("{}..{}", size_text(min), size_text(max)),
        OptionKind::Duration => "a duration, \"20ms\"".to_owned(),
    };
    format!("{} = {values}", option.key)
}

/// Prints the JSON Schema of the scenario file.
pub(crate) fn schema() -> Result<Exit> {
    let schema = scenario::schema(&client::kinds());
    print(&format!("{}\n", serde_json::to_string_pretty(&schema)?))?;
    Ok(Exit::Done)
}
