//! `compare.html`: two runs compared, one self-contained page in the style of the report.

use std::fmt::Write as _;

use super::parts::{self, Column, Kind, Table};
use super::verdict::machine;
use super::{document, figures};
use crate::charts::Outcome;
use crate::charts::compared::ComparedChart;
use crate::charts::drawing::svg::escape;
use crate::comparison::{Change, QUANTITIES, Quantity, RunComparison, Side, Weight};
use crate::format;
use crate::sentence::Span;
use crate::stats::Decision;

/// The page of a comparison with its charts.
pub(crate) fn compared(compared: &RunComparison, charts: &[ComparedChart]) -> String {
    let title = format!("{}: before and after", compared.after.info.scenario.title);
    let mut body =
        [head(compared, &title), differences(compared), findings(compared), ratios(compared)]
            .concat();
    for chart in charts {
        body.push_str(&match &chart.outcome {
            Outcome::Drawn(drawing) => figures::figure(chart.key, chart.section, drawing),
            Outcome::LeftOut(why) => figures::left_out(chart.key, chart.section, why),
        });
    }
    body += &left_out(compared);
    body += &reading(compared);
    let footer = format!("loadgen compare {} {}", compared.before.name, compared.after.name);
    document(&title, "To the comparison", &contents(charts, compared), &body, &footer)
}

fn contents(charts: &[ComparedChart], compared: &RunComparison) -> String {
    let mut links = vec![
        ("verdict", "Verdict"),
        ("differences", "The two runs"),
        ("findings", "Findings"),
        ("ratios", "Ratios"),
    ];
    let drawn = charts.iter().filter(|chart| matches!(chart.outcome, Outcome::Drawn(_)));
    links.extend(drawn.map(|chart| (chart.key, chart.section)));
    if !compared.left_out.is_empty() {
        links.push(("left-out", "Not compared"));
    }
    links.push(("reading", "How to read"));
    super::navigation(&links)
}

/// What was compared, warnings, the answer, and what bears it out.
fn head(compared: &RunComparison, title: &str) -> String {
    let mut out = format!(
        "<header id=\"verdict\"><h1>{}</h1>\n<p class=\"meta\">{}</p>\n",
        escape(title),
        meta(compared)
    );
    for warning in compared.warnings() {
        let _ = writeln!(out, "<p class=\"warn\">{}</p>", escape(&warning));
    }
    let _ = writeln!(
        out,
        "<p class=\"verdict\">{}</p></header>",
        sentence(compared, &compared.headline())
    );
    out
}

/// Both runs, what differs between them in a word each, and where they ran.
fn meta(compared: &RunComparison) -> String {
    let (before, after) = (&compared.before, &compared.after);
    let run = |side: &Side| {
        let (name, date) = (escape(&side.name), crate::charts::date(&side.info.started));
        format!("<b>{name}</b>, {}", escape(&date))
    };
    let scenario = &after.info.scenario;
    let mut parts = vec![
        format!("before: {}", run(before)),
        format!("after: {}", run(after)),
        escape(&format!("{}, {} loop", scenario.name, scenario.load.name())),
    ];
    let what: Vec<String> = compared
        .conditions
        .iter()
        .filter(|condition| condition.weight != Weight::Note)
        .map(|condition| escape(&condition.what))
        .collect();
    parts.push(if what.is_empty() {
        "same scenario, machine and program".to_owned()
    } else {
        format!("differ in <b>{}</b>", format::list(&what))
    });
    parts.push(escape(compared.pairing.words()));
    parts.push(escape(&machine(&after.info.environment)));
    parts.join(" · ")
}

fn sentence(compared: &RunComparison, spans: &[Span]) -> String {
    parts::sentence_of(spans, |model| {
        compared
            .models
            .get(model)
            .map_or_else(String::new, |(look, label)| parts::named(*look, label))
    })
}

/// A finding for every figure and model.
fn findings(compared: &RunComparison) -> String {
    let told = compared.findings();
    let items = told
        .iter()
        .map(|one| (one.figure.as_str(), one.different, sentence(compared, &one.sentence)));
    let body = format!(
        "<p class=\"sub\">Every ratio is after ÷ before. Grey: no difference to call.</p>\n{}",
        super::findings::list(items)
    );
    parts::section("findings", "Findings", &body)
}

/// The two runs and what differs between them.
fn differences(compared: &RunComparison) -> String {
    let column = |heading| Column { heading, kind: Kind::Sentence };
    let mut table = Table::new(vec![column("what"), column("before"), column("after")]);
    table.row(
        &["run".to_owned(), escape(&compared.before.name), escape(&compared.after.name)],
        true,
    );
    for condition in &compared.conditions {
        let what = match condition.weight {
            Weight::Grave => format!("<b>{}</b>", escape(&condition.what)),
            Weight::Matters | Weight::Note => escape(&condition.what),
        };
        let cells = [what, escape(&condition.before), escape(&condition.after)];
        table.row(&cells, condition.weight != Weight::Note);
    }
    let mut body = table.done("The two runs and what differs between them", "");
    if compared.conditions.is_empty() {
        body.push_str(&parts::note("Nothing else differs between them"));
    }
    parts::section("differences", "The two runs", &body)
}

fn ratios(compared: &RunComparison) -> String {
    let (primary, others): (Vec<Quantity>, Vec<Quantity>) =
        QUANTITIES.into_iter().partition(|quantity| quantity.primary);
    let body = format!(
        "<p class=\"sub\">Bold: called better or worse.</p>\n{}<p class=\"sub\">Exploratory: not corrected for many tests, and never a regression.</p>\n{}",
        table(compared, &primary, "Ratios, after over before"),
        table(compared, &others, "Exploratory ratios, after over before"),
    );
    parts::section("ratios", "Ratios, after ÷ before", &body)
}

/// A row per point, a pair of columns per figure.
fn table(compared: &RunComparison, quantities: &[Quantity], caption: &str) -> String {
    let mut columns = vec![Column { heading: "at", kind: Kind::Word }];
    for quantity in quantities {
        columns.push(Column { heading: quantity.metric.name, kind: Kind::Figure });
        columns.push(Column { heading: "after ÷ before", kind: Kind::Word });
    }
    let mut table = Table::new(columns);
    let mut model = None;
    for point in &compared.points {
        if model != Some(point.index) {
            table.group(&parts::named(point.model, &point.label));
            model = Some(point.index);
        }
        let mut cells = vec![escape(&point.spot.text)];
        for quantity in quantities {
            cells.extend(cells_of(point.change(&quantity.metric)));
        }
        table.row(&cells, true);
    }
    table.done(caption, "dense")
}

fn cells_of(change: Option<&Change>) -> [String; 2] {
    let Some(change) = change else { return [format::MISSING.to_owned(), String::new()] };
    let verdict = escape(&change.verdict());
    let called = change.decision == Decision::Different && change.quantity.primary;
    [escape(&change.shown()), if called { format!("<b>{verdict}</b>") } else { verdict }]
}

fn left_out(compared: &RunComparison) -> String {
    if compared.left_out.is_empty() {
        return String::new();
    }
    let mut table = Table::new(vec![
        Column { heading: "where", kind: Kind::Sentence },
        Column { heading: "what", kind: Kind::Word },
        Column { heading: "why", kind: Kind::Sentence },
    ]);
    for line in compared.left_out_lines() {
        table.row(&line.map(|cell| escape(&cell)), true);
    }
    parts::section("left-out", "Not compared", &table.done("What could not be compared", ""))
}

fn reading(compared: &RunComparison) -> String {
    let notes: String = compared.remarks().iter().map(|text| parts::note(text)).collect();
    parts::section("reading", "How to read", &notes)
}
