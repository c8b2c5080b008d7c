//! The time budget of a request by model: its parts in the order they happen, as shares of what the
//! model adds, so that one slow model does not hide the others. The time that the mock held the
//! answer back would hide all parts, and is given in words.

use std::fmt::Write as _;

use super::drawing::bars::{self, Bar, Part};
use super::drawing::layout::Layout;
use super::prose::{notes, takeaway, words};
use super::{Chart, DataTable, Drawing, Outcome, TableGroup, TableRow};
use crate::analysis::{Analysis, Point, Series};
use crate::format::{self, Unit};
use crate::stats::median;

/// The chart.
pub(super) const CHART: Chart = Chart {
    key: "budget",
    section: "Where the time of a request goes",
    short: "Time budget",
    draw,
};

/// The part that is the upstream's, not the model's.
const HELD: &str = "held";

/// A smaller share of what a model adds is named in the table alone.
const LEAST_NAMED: f64 = 0.02;

/// The mean budget of a model's requests at the level, over the sampled requests of all repeats.
struct Account<'a> {
    series: &'a Series,
    sampled: u64,
    total_us: f64,
    parts: Vec<Entry>,
}

/// One part of it.
struct Entry {
    name: String,
    doc: String,
    mean_us: f64,
    /// Median over the repeats of each one's median.
    p50_us: Option<f64>,
    /// The same of the 99th percentile, where the samples support it.
    p99_us: Option<f64>,
}

impl Account<'_> {
    fn held(&self) -> f64 {
        self.parts.iter().filter(|part| part.name == HELD).map(|part| part.mean_us).sum()
    }

    /// What model and machine add.
    fn rest(&self) -> f64 {
        self.total_us - self.held()
    }

    fn largest(&self) -> Option<&Entry> {
        let rest = self.parts.iter().filter(|part| part.name != HELD);
        rest.max_by(|a, b| a.mean_us.total_cmp(&b.mean_us))
    }
}

fn draw(analysis: &Analysis) -> Outcome {
    let has = |point: &Point| takeaway::steady(point) && sampled(point);
    let Some(level) = takeaway::shared_level(analysis, has) else {
        return Outcome::LeftOut("no trial to be trusted has a time budget".to_owned());
    };
    let accounts: Vec<Account<'_>> =
        analysis.series.iter().filter_map(|series| account(series, level)).collect();
    let drawn: Vec<&Account<'_>> =
        accounts.iter().filter(|account| account.series.again.is_none()).collect();
    let bars: Vec<Bar> = drawn.iter().filter_map(|account| bar(account, &accounts)).collect();
    let title = "Share of the mean time added to what was held";
    let plot = |layout| bars::plot(&bars, title, Unit::Share, layout);
    let (Some(wide), Some(narrow)) = (plot(Layout::WIDE), plot(Layout::NARROW)) else {
        return Outcome::LeftOut("no part of a time budget is above zero".to_owned());
    };
    Outcome::Drawn(Box::new(Drawing {
        title: takeaway_of(analysis, level, &drawn),
        subtitle: format!(
            "Mean time from dispatch to the combined answer {}, {}; the parts follow each other along the fetch that ended last",
            analysis.axis().amid(level),
            takeaway::why_level(analysis, accounts.len()),
        ),
        context: words::context(analysis),
        desc: desc(analysis, level, &accounts),
        wide,
        narrow,
        notes: docs(&accounts).into_iter().chain(notes::twins(analysis)).collect(),
        doubts: notes::doubts_at(analysis, level),
        source: words::source(analysis),
        table: data(&accounts),
    }))
}

fn sampled(point: &Point) -> bool {
    point.rows_used().any(|row| row.budget.as_ref().is_some_and(|budget| budget.sampled > 0))
}

fn account(series: &Series, level: f64) -> Option<Account<'_>> {
    let point = series.point(level).filter(|point| point.trusted() && takeaway::steady(point))?;
    let budgets: Vec<_> = point
        .rows_used()
        .filter_map(|row| row.budget.as_ref())
        .filter(|budget| budget.sampled > 0)
        .collect();
    let sampled = budgets.iter().fold(0_u64, |sum, budget| sum.saturating_add(budget.sampled));
    let first = budgets.first()?;
    let weigh = |value: &dyn Fn(&measurement::budget::Budget) -> f64| {
        budgets.iter().map(|budget| value(budget) * budget.sampled as f64).sum::<f64>()
            / sampled as f64
    };
    let entry = |part: &measurement::budget::BudgetPart| {
        let own: Vec<_> = budgets
            .iter()
            .filter_map(|budget| budget.parts.iter().find(|other| other.name == part.name))
            .collect();
        let p99: Option<Vec<f64>> = own.iter().map(|part| part.p99_us).collect();
        Entry {
            name: part.name.clone(),
            doc: part.doc.clone(),
            mean_us: weigh(&|budget| {
                let same = budget.parts.iter().find(|other| other.name == part.name);
                same.map_or(0.0, |part| part.mean_us)
            }),
            p50_us: median(&own.iter().map(|part| part.p50_us).collect::<Vec<_>>()),
            p99_us: p99.and_then(|values| median(&values)),
        }
    };
    Some(Account {
        series,
        sampled,
        total_us: weigh(&|budget| budget.total_mean_us),
        parts: first.parts.iter().map(entry).collect(),
    })
}

/// A bar of 100 %; `None` where nothing is added.
fn bar(account: &Account<'_>, all: &[Account<'_>]) -> Option<Bar> {
    // The same part has the same texture under every model.
    let mut names: Vec<&str> = Vec::new();
    for part in all.iter().flat_map(|account| &account.parts).filter(|part| part.name != HELD) {
        if !names.contains(&part.name.as_str()) {
            names.push(&part.name);
        }
    }
    let whole = account.rest();
    let parts = account.parts.iter().filter(|part| part.name != HELD).map(|part| {
        let share = part.mean_us / whole;
        Part {
            name: part.name.clone(),
            value: share,
            figure: format!("{} ({})", format::percent(share), format::micros(part.mean_us)),
            named: share >= LEAST_NAMED,
            texture: names.iter().position(|name| *name == part.name).unwrap_or_default(),
        }
    });
    let rest = format::micros(whole);
    let held = format::micros(account.held());
    (whole > 0.0).then(|| Bar {
        model: account.series.look,
        label: account.series.model.label.clone(),
        remark: format!("adds {rest} to {held} held"),
        parts: parts.collect(),
    })
}

fn takeaway_of(analysis: &Analysis, level: f64, accounts: &[&Account<'_>]) -> String {
    let mut sorted = accounts.to_vec();
    sorted.sort_by(|a, b| a.rest().total_cmp(&b.rest()));
    let opening = analysis.axis().opening(level);
    let say = |account: &Account<'_>| {
        let most = account.largest().map(|part| {
            let share = format::percent(part.mean_us / account.rest());
            format!(", {share} of it {}", part.name)
        });
        format!(
            "{} adds {}{}",
            account.series.model.label,
            format::micros(account.rest()),
            most.unwrap_or_default()
        )
    };
    match sorted.as_slice() {
        [] => "The time budget of a request".to_owned(),
        [one] => format!("{opening} {}", say(one)),
        [least, .., most] => format!("{opening} {}; {}", say(least), say(most)),
    }
}

fn desc(analysis: &Analysis, level: f64, accounts: &[Account<'_>]) -> String {
    let mut text =
        format!("Stacked bars of 100 %, one per model, {}.", analysis.axis().amid(level));
    for account in accounts {
        let parts: Vec<String> = account
            .parts
            .iter()
            .map(|part| format!("{} {}", part.name, format::micros(part.mean_us)))
            .collect();
        let _ = write!(text, " {}: {}.", account.series.model.label, format::list(&parts));
    }
    text
}

/// What the parts are, in words of those who measured them.
fn docs(accounts: &[Account<'_>]) -> Vec<String> {
    let mut docs: Vec<(&str, &str)> = Vec::new();
    for part in accounts.iter().flat_map(|account| &account.parts) {
        if !part.doc.is_empty() && docs.iter().all(|(name, _)| *name != part.name) {
            docs.push((&part.name, &part.doc));
        }
    }
    let words: Vec<String> = docs.iter().map(|(name, doc)| format!("{name}: {doc}")).collect();
    if words.is_empty() {
        return Vec::new();
    }
    vec![words.join("; "), "Parts under 2\u{a0}% are named in the table alone".to_owned()]
}

fn data(accounts: &[Account<'_>]) -> DataTable {
    let columns = ["part", "mean", "of the total", "p50", "p99", "requests sampled"];
    let groups = accounts.iter().map(|account| {
        let sampled = format::count(account.sampled as f64);
        let us = |value: Option<f64>| value.map_or(format::MISSING.to_owned(), format::micros);
        let row = |name: &str, mean: f64, p50, p99| TableRow {
            cells: vec![
                name.to_owned(),
                format::micros(mean),
                format::percent(mean / account.total_us.max(f64::MIN_POSITIVE)),
                us(p50),
                us(p99),
                sampled.clone(),
            ],
            trusted: true,
        };
        let mut rows: Vec<TableRow> = account
            .parts
            .iter()
            .map(|part| row(&part.name, part.mean_us, part.p50_us, part.p99_us))
            .collect();
        rows.push(row("total", account.total_us, None, None));
        TableGroup { model: account.series.look, label: account.series.model.label.clone(), rows }
    });
    DataTable { columns: columns.map(str::to_owned).to_vec(), groups: groups.collect() }
}
