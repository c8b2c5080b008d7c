//! The charts of the page: heading, both layouts, notes, the figures behind.

use std::fmt::Write as _;

use super::compact;
use super::parts::{self, Table};
use crate::charts::drawing::svg::escape;
use crate::charts::{Chart, Drawing, Outcome, inline};

pub(super) fn render(charts: &[(&Chart, &Outcome)]) -> String {
    charts
        .iter()
        .map(|(chart, outcome)| match outcome {
            Outcome::Drawn(drawing) => figure(chart.key, chart.section, drawing),
            Outcome::LeftOut(reason) => left_out(chart.key, chart.section, reason),
        })
        .collect()
}

/// That a chart is left out, and why.
pub(super) fn left_out(key: &str, section: &str, reason: &str) -> String {
    let text = format!("{section}: no chart, {}.", reason.trim_end_matches('.'));
    format!("<p class=\"note out\" id=\"{key}\">{}</p>\n", escape(&text))
}

/// A chart with its heading, notes and figures.
pub(super) fn figure(key: &str, section: &str, drawing: &Drawing) -> String {
    let mut out = format!("<section id=\"{key}\" aria-labelledby=\"{key}-h\">");
    let _ = writeln!(
        out,
        "<p class=\"kicker\">{}</p><h2 id=\"{key}-h\">{}</h2><p class=\"sub\">{}</p>",
        escape(section),
        heading(drawing),
        escape(&drawing.subtitle)
    );
    let wide = inline(key, drawing, "wide", &drawing.wide);
    let narrow = inline(key, drawing, "narrow", &drawing.narrow);
    out.push_str(&wide);
    out.push_str(&compact::beside(&wide, &narrow, key));
    for text in &drawing.notes {
        out.push_str(&parts::note(text));
    }
    if !drawing.doubts.is_empty() {
        out.push_str(
            "<p class=\"note\">Hollow: not to be trusted; ×: the OS had no more to give. Reasons under <a href=\"#health\">Run health</a>.</p>\n",
        );
    }
    let _ = writeln!(
        out,
        "<details><summary>Figures behind the chart</summary>\n{}</details></section>",
        table(section, drawing)
    );
    out
}

fn table(section: &str, drawing: &Drawing) -> String {
    let headings: Vec<&str> = drawing.table.columns.iter().map(String::as_str).collect();
    let mut table = Table::new(parts::figures(&headings));
    for group in &drawing.table.groups {
        table.group(&parts::named(group.model, &group.label));
        for row in &group.rows {
            let cells: Vec<String> = row.cells.iter().map(|cell| escape(cell)).collect();
            table.row(&cells, row.trusted);
        }
    }
    table.done(&format!("Figures behind the chart: {section}"), "dense")
}

/// The title, with short labels kept on one line: they would break at their hyphens.
fn heading(drawing: &Drawing) -> String {
    let mut labels: Vec<&str> =
        drawing.table.groups.iter().map(|group| group.label.as_str()).collect();
    labels.retain(|label| label.contains('-') && label.len() <= parts::SHORT);
    // Longest first: a label may begin with another.
    labels.sort_by_key(|label| std::cmp::Reverse(label.len()));
    let mut out = String::new();
    let mut rest = drawing.title.as_str();
    while !rest.is_empty() {
        if let Some(label) = labels.iter().find(|label| rest.starts_with(**label)) {
            let _ = write!(out, "<span class=\"short\">{}</span>", escape(label));
            rest = &rest[label.len()..];
        } else {
            let next = rest.chars().next().map_or(rest.len(), char::len_utf8);
            out.push_str(&escape(&rest[..next]));
            rest = &rest[next..];
        }
    }
    out
}
