//! Thousands of requests in flight: what the mock really held, memory per fetch, what a request
//! costs against the same rate with few in flight, and which models did not get there.

use measurement::row::Verdict;

use super::cells::{Cell, Said, by_model};
use super::{Finding, Rule};
use crate::analysis::metric::{CPU_PER_REQUEST, HELD_MEAN, RSS_PEAK, THROUGHPUT};
use crate::analysis::{Analysis, Point};
use crate::format::{self, NBSP};
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "c10k",
    doc: "thousands in flight: fetches held, memory per fetch, CPU against the same rate with few",
    find,
};

/// From so many requests in flight on.
const THOUSANDS: u32 = 5_000;
/// Two rates further apart than this are not the same.
const SAME_RATE: f64 = 0.2;

fn find(analysis: &Analysis) -> Vec<Finding> {
    by_model(analysis)
        .iter()
        .filter_map(|cells| got_there(cells).or_else(|| ended(cells)))
        .collect()
}

fn many<'c, 'a>(cells: &'c [Cell<'a>]) -> impl Iterator<Item = &'c Cell<'a>> {
    cells.iter().filter(|cell| cell.concurrency().is_some_and(|n| n >= THOUSANDS))
}

/// The point that held most, of those with thousands in flight.
fn got_there(cells: &[Cell<'_>]) -> Option<Finding> {
    let held = |cell: &Cell<'_>| cell.point.median(&HELD_MEAN);
    let cell = many(cells)
        .filter(|cell| cell.point.trusted() && held(cell).is_some())
        .max_by(|a, b| held(a).unwrap_or(0.0).total_cmp(&held(b).unwrap_or(0.0)))?;
    let fetches = 2.0 * f64::from(cell.concurrency()?);
    let held = held(cell)?;
    let memory = cell.point.median(&RSS_PEAK).map(|bytes| bytes / fetches);
    let memory = memory.map_or_else(String::new, |bytes| {
        format!(", in {:.1}{NBSP}KiB of its own memory per fetch", bytes / 1024.0)
    });
    let mut sentence = Sentence::new().model(cell.series).text(format!(
        " with {} requests in flight keeps {} fetches waiting at the upstreams, as a time average \
         of the mock's own, {} of {}{memory}.",
        format::count(f64::from(cell.concurrency()?)),
        format::count(held),
        format::percent(held / fetches),
        format::count(fetches)
    ));
    let mut different = true;
    let mut evidence = String::new();
    if let Some((few, said)) = same_rate(cells, cell) {
        different = said.different();
        sentence = sentence.text(format!(
            " A request costs {} the CPU of one at the same rate with {} in flight, {} against {}.",
            said.figure(),
            few.concurrency().map_or_else(String::new, |n| format::count(f64::from(n))),
            shown_cpu(cell.point),
            shown_cpu(few.point)
        ));
        evidence = said.evidence();
    }
    Some(Finding {
        key: RULE.key,
        figure: format::count(held),
        sentence: sentence.muted(evidence).done(),
        different,
    })
}

fn shown_cpu(point: &Point) -> String {
    point.median(&CPU_PER_REQUEST).map_or_else(String::new, |us| CPU_PER_REQUEST.show(us))
}

/// The trusted point of the same model with the fewest in flight, at most a tenth as many, whose
/// rate is about the same; and CPU per request over that there.
fn same_rate<'c, 'a>(cells: &'c [Cell<'a>], many: &Cell<'_>) -> Option<(&'c Cell<'a>, Said)> {
    let rate = many.point.median(&THROUGHPUT)?;
    let few = |cell: &&Cell<'_>| {
        let fewer = cell.concurrency().zip(many.concurrency()).is_some_and(|(a, b)| a <= b / 10);
        let other = cell.point.median(&THROUGHPUT).unwrap_or(0.0);
        fewer && cell.point.trusted() && (other / rate - 1.0).abs() <= SAME_RATE
    };
    let few = cells.iter().filter(few).min_by_key(|cell| cell.concurrency())?;
    Some((few, Said::of(&CPU_PER_REQUEST, many.point, few.point)?))
}

/// A model that ran out of something on the way there.
fn ended(cells: &[Cell<'_>]) -> Option<Finding> {
    let cell = many(cells).find(|cell| cell.point.verdict == Verdict::Exhausted)?;
    let rows = cell.point.rows.iter().filter_map(|row| row.exhausted.as_ref());
    let out = rows.max_by_key(|out| out.in_flight)?;
    let reached = match out.limit {
        0 => String::new(),
        limit => format!(" beyond {}", format::count(limit as f64)),
    };
    let sentence = Sentence::new()
        .model(cell.series)
        .text(format!(
            " never gets {} requests in flight: it ends with {}, since there are no {}{reached}.",
            format::count(f64::from(cell.concurrency()?)),
            format::count(out.in_flight as f64),
            out.resource
        ))
        .muted(format!("Limit: {}.", out.because));
    Some(Finding {
        key: RULE.key,
        figure: format::count(out.in_flight as f64),
        sentence: sentence.done(),
        different: true,
    })
}
