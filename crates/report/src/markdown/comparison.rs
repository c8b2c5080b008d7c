//! `compare.md`: two runs compared, for a pull request or a terminal.

use super::escape::escaped;
use super::table::{Align, Table};
use crate::charts::Outcome;
use crate::charts::compared::ComparedChart;
use crate::comparison::{Change, QUANTITIES, Quantity, RunComparison, Told, Weight};
use crate::format;
use crate::stats::Decision;

/// The text of `compare.md`.
pub(crate) fn compared(compared: &RunComparison, charts: &[ComparedChart]) -> String {
    let title = escaped(&compared.after.info.scenario.title);
    let mut parts = vec![
        format!("# {title}: before and after"),
        format!("**{}**", escaped(&compared.plain(&compared.headline()))),
    ];
    let warnings = compared.warnings();
    parts.extend(warnings.iter().map(|text| format!("> **Warning:** {}", escaped(text))));
    parts.push(runs(compared));
    parts.extend(findings(compared));
    parts.push("## Ratios, after ÷ before".to_owned());
    parts.push(ratios(compared));
    for chart in charts {
        parts.push(match &chart.outcome {
            Outcome::Drawn(drawing) => {
                format!("## {}\n\n{}", chart.section, super::picture(chart.key, &drawing.title))
            }
            Outcome::LeftOut(why) => {
                format!("{}: no chart, {}.", chart.section, escaped(why.trim_end_matches('.')))
            }
        });
    }
    parts.extend(left_out(compared));
    parts.push("## How to read".to_owned());
    let remarks = compared.remarks();
    parts.push(
        remarks.iter().map(|text| format!("- {}", escaped(text))).collect::<Vec<_>>().join("\n"),
    );
    format::plain(&parts.join("\n\n")) + "\n"
}

/// What is called, model by model; what is not, after it.
fn findings(compared: &RunComparison) -> Vec<String> {
    let line = |one: &Told| {
        let figure = &one.figure;
        let figure = if one.different { format!("**{figure}**") } else { figure.clone() };
        format!("- {figure}: {}", escaped(&compared.plain(&one.sentence)))
    };
    let lines: Vec<String> = compared.findings().iter().map(line).collect();
    if lines.is_empty() { lines } else { vec!["## Findings".to_owned(), lines.join("\n")] }
}

/// The two runs and what differs between them.
fn runs(compared: &RunComparison) -> String {
    let columns = [("what", Align::Left), ("before", Align::Left), ("after", Align::Left)];
    let mut table = Table::new(&columns);
    let names = [&compared.before.name, &compared.after.name].map(|name| escaped(name));
    table.row(["run".to_owned()].into_iter().chain(names).collect());
    for condition in &compared.conditions {
        let what = match condition.weight {
            Weight::Grave => format!("**{}**", escaped(&condition.what)),
            Weight::Matters | Weight::Note => escaped(&condition.what),
        };
        table.row(vec![what, escaped(&condition.before), escaped(&condition.after)]);
    }
    if compared.conditions.is_empty() {
        return format!("{}\n\nNothing else differs between them.", table.render());
    }
    table.render()
}

fn ratios(compared: &RunComparison) -> String {
    let (primary, others): (Vec<Quantity>, Vec<Quantity>) =
        QUANTITIES.into_iter().partition(|quantity| quantity.primary);
    format!(
        "{}\n\nExploratory: not corrected for many tests, and never a regression.\n\n{}",
        table(compared, &primary),
        table(compared, &others)
    )
}

/// A row per point, a pair of columns per figure.
fn table(compared: &RunComparison, quantities: &[Quantity]) -> String {
    let at = compared.at_heading();
    let mut columns = vec![("model", Align::Left), (at.as_str(), Align::Right)];
    for quantity in quantities {
        columns.extend([(quantity.metric.name, Align::Right), ("after ÷ before", Align::Left)]);
    }
    let mut table = Table::new(&columns);
    for point in &compared.points {
        let mut cells = vec![escaped(&point.label), escaped(&point.spot.word)];
        for quantity in quantities {
            cells.extend(cells_of(point.change(&quantity.metric)));
        }
        table.row(cells);
    }
    table.render()
}

fn cells_of(change: Option<&Change>) -> [String; 2] {
    let Some(change) = change else { return [format::MISSING.to_owned(), String::new()] };
    let called = change.decision == Decision::Different && change.quantity.primary;
    let verdict = change.verdict();
    [change.shown(), if called { format!("**{verdict}**") } else { verdict }]
}

fn left_out(compared: &RunComparison) -> Vec<String> {
    let mut table =
        Table::new(&[("where", Align::Left), ("what", Align::Left), ("why", Align::Left)]);
    for line in compared.left_out_lines() {
        table.row(line.iter().map(|cell| escaped(cell)).collect());
    }
    if table.is_empty() {
        return Vec::new();
    }
    vec!["## Not compared".to_owned(), table.render()]
}
