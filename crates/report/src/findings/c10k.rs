//! Thousands of requests in flight: what the mock really held, memory per fetch, what a request
//! costs against the same rate with few in flight, and which models did not get there.

use measurement::row::{Exhausted, Verdict};

use super::cells::{Cell, Said, by_model};
use super::{Finding, Rule, brief};
use crate::analysis::metric::{CPU_PER_REQUEST, HELD_MEAN, RSS_PEAK, THREADS_PEAK, THROUGHPUT};
use crate::analysis::{Analysis, Metric, Point};
use crate::format::{self, NBSP};
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "c10k",
    doc: "thousands in flight: fetches held, memory per fetch, CPU against the same rate with few",
    find,
    answer: Some(answer),
};

/// From so many requests in flight on.
const THOUSANDS: u32 = 5_000;
/// Two rates further apart than this are not the same.
const SAME_RATE: f64 = 0.2;

fn find(analysis: &Analysis) -> Vec<Finding> {
    by_model(analysis).iter().filter_map(|cells| got_there(cells)).collect()
}

/// Asked where a sweep brings thousands in flight at the rate of few: what they cost whoever holds
/// them, and who ends before.
fn answer(analysis: &Analysis) -> Option<Sentence> {
    let models = by_model(analysis);
    let swept = analysis.run.scenario.sweep.is_some();
    let there: Vec<&Cell<'_>> =
        models.iter().filter_map(|cells| most_held(cells)).filter(|_| swept).collect();
    let first = there.first()?;
    let mut sentence =
        Sentence::new().text(format!("With {} requests in flight ", in_flight(first)));
    for (at, cell) in there.iter().enumerate() {
        let held = cell.point.median(&HELD_MEAN)?;
        let show = |metric: &Metric| cell.point.median(metric).map(|value| metric.show(value));
        sentence = if at == 0 { sentence } else { sentence.text(", ") };
        sentence = sentence.model(cell.series).text(format!(
            " keeps {} fetches waiting in {} of its own memory, at {} of CPU a request",
            format::count(held),
            show(&RSS_PEAK).unwrap_or_default(),
            show(&CPU_PER_REQUEST).unwrap_or_default(),
        ));
    }
    for cells in &models {
        let Some((cell, out)) = ended(cells) else { continue };
        sentence = sentence.text("; ").model(cell.series).text(format!(
            " ends with {} in flight, where {} {} are in use, and it may have no more",
            format::count(out.in_flight as f64),
            format::count(out.reached as f64),
            out.resource,
        ));
    }
    Some(sentence.text("."))
}

fn in_flight(cell: &Cell<'_>) -> String {
    cell.concurrency().map_or_else(String::new, |n| format::count(f64::from(n)))
}

fn many<'c, 'a>(cells: &'c [Cell<'a>]) -> impl Iterator<Item = &'c Cell<'a>> {
    cells.iter().filter(|cell| cell.concurrency().is_some_and(|n| n >= THOUSANDS))
}

/// The point that held most, of those with thousands in flight.
fn most_held<'c, 'a>(cells: &'c [Cell<'a>]) -> Option<&'c Cell<'a>> {
    let held = |cell: &Cell<'_>| cell.point.median(&HELD_MEAN);
    many(cells)
        .filter(|cell| cell.point.trusted() && held(cell).is_some())
        .max_by(|a, b| held(a).unwrap_or(0.0).total_cmp(&held(b).unwrap_or(0.0)))
}

fn got_there(cells: &[Cell<'_>]) -> Option<Finding> {
    let cell = most_held(cells)?;
    let fetches = 2.0 * f64::from(cell.concurrency()?);
    let held = cell.point.median(&HELD_MEAN)?;
    let memory = cell.point.median(&RSS_PEAK).map_or_else(String::new, |bytes| {
        let each = bytes / fetches / 1024.0;
        format!(" and in {} of its own memory, {each:.1}{NBSP}KiB a fetch", RSS_PEAK.show(bytes))
    });
    let threads = cell.point.median(&THREADS_PEAK);
    let threads = threads.map_or_else(String::new, |count| match count {
        1.0 => ", on one thread".to_owned(),
        _ => format!(", on {} threads", THREADS_PEAK.show(count)),
    });
    let mut sentence = Sentence::new()
        .text(format!("With {} requests in flight ", in_flight(cell)))
        .model(cell.series)
        .text(format!(
            " keeps {} fetches waiting at the upstreams (counted by the mock, averaged over time), \
             {} of {}{threads}{memory}.",
            format::count(held),
            format::percent(held / fetches),
            format::count(fetches)
        ));
    let mut different = true;
    if let Some((few, said)) = same_rate(cells, cell) {
        different = said.different();
        sentence = sentence.text(format!(
            " Compared with {} in flight at the same rate a request costs {} the CPU, {} against {}",
            in_flight(few),
            format::ratio(said.ratio.ratio),
            shown_cpu(cell.point),
            shown_cpu(few.point),
        ));
        sentence = sentence.muted(format!("({})", brief(&said.ratio, said.decision)));
        sentence = more_memory(sentence, cell.point, few.point).text(".");
    }
    Some(Finding {
        key: RULE.key,
        figure: format::count(held),
        sentence: sentence.done(),
        different,
    })
}

fn shown_cpu(point: &Point) -> String {
    point.median(&CPU_PER_REQUEST).map_or_else(String::new, |us| CPU_PER_REQUEST.show(us))
}

/// `, and 47× the memory, 375 MB against 7.9 MB`.
fn more_memory(sentence: Sentence, many: &Point, few: &Point) -> Sentence {
    let Some(said) = Said::of(&RSS_PEAK, many, few) else { return sentence };
    let show = |point: &Point| point.median(&RSS_PEAK).map(|bytes| RSS_PEAK.show(bytes));
    let (Some(a), Some(b)) = (show(many), show(few)) else { return sentence };
    let times = format::ratio(said.ratio.ratio);
    sentence
        .text(format!(", and the process {times} the memory, {a} against {b}"))
        .muted(format!("({})", brief(&said.ratio, said.decision)))
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

/// Where a model ran out of something on the way there.
fn ended<'c, 'a>(cells: &'c [Cell<'a>]) -> Option<(&'c Cell<'a>, &'a Exhausted)> {
    let cell = many(cells).find(|cell| cell.point.verdict == Verdict::Exhausted)?;
    let rows = cell.point.rows.iter().filter_map(|row| row.exhausted.as_ref());
    Some((cell, rows.max_by_key(|out| out.in_flight)?))
}
