//! Over a sweep of a pool's size: whether throughput is workers ÷ blocked time at every size.
//!
//! The claim: never more than 2 % above that cap, and within 10 % of it where CPU and load would
//! allow twice as much. Where it did not hold, the finding says so.

use measurement::row::TrialRow;

use super::{Finding, Rule};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Point, Series};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::median;

pub(super) const RULE: Rule = Rule {
    key: "pool-size",
    doc: "over a sweep of a pool's size: whether throughput is workers ÷ blocked time at each",
    find,
    answer: Some(answer),
};

/// How far above its cap a pool may come out: the windows' edges.
const ABOVE: f64 = 1.02;
/// How near its cap a pool comes that nothing else bounds.
const NEAR: f64 = 0.90;
/// How far away the next bound must be for that.
const AWAY: f64 = 2.0;

fn find(analysis: &Analysis) -> Vec<Finding> {
    let swept = analysis.distinct().filter(|series| series.swept);
    swept.filter_map(|series| of(analysis, series)).collect()
}

/// A pool of one size.
struct Size {
    workers: u64,
    throughput_rps: f64,
    /// Workers ÷ blocked time.
    cap_rps: f64,
    /// What its CPUs, or as many requests in flight, allow at most.
    next_rps: f64,
}

impl Size {
    fn of(point: &Point) -> Option<Self> {
        let over = |figure: fn(&TrialRow) -> Option<f64>| {
            let figures: Vec<f64> = point.rows_used().filter_map(figure).collect();
            median(&figures).filter(|figure| figure.is_finite() && *figure > 0.0)
        };
        let cpu_rps = over(|row| Some(row.throughput_rps? / row.cpu_utilisation?));
        let load_rps = over(|row| row.ideal_rps);
        Some(Self {
            workers: point.rows_used().find_map(|row| row.pool_workers)?,
            throughput_rps: point.median(&THROUGHPUT)?,
            cap_rps: over(|row| row.pool_ceiling_rps)?,
            next_rps: cpu_rps.into_iter().chain(load_rps).fold(f64::INFINITY, f64::min),
        })
    }

    fn share(&self) -> f64 {
        self.throughput_rps / self.cap_rps
    }

    fn exceeds(&self) -> bool {
        self.share() > ABOVE
    }

    /// Stays away from its cap, though nothing else is near.
    fn lags(&self) -> bool {
        self.share() < NEAR && self.next_rps >= AWAY * self.cap_rps
    }

    /// `at 16 workers 157/s of 160/s`.
    fn words(&self) -> String {
        let (throughput, cap) = (format::rate(self.throughput_rps), format::rate(self.cap_rps));
        format!("{throughput} of {cap} with {}", format::count(self.workers as f64))
    }
}

/// Asked where a pool's size is swept: whether throughput is workers ÷ blocked time.
fn answer(analysis: &Analysis) -> Option<Sentence> {
    let swept = |series: &&Series| series.swept;
    let (series, pool) =
        analysis.distinct().filter(swept).find_map(|own| Some((own, Pool::of(own)?)))?;
    let (first, last) = pool.ends();
    let sentence = Sentence::new().model(series.index).text(format!(
        " serves {} of workers ÷ blocked time: {} with {} workers, {} with {}.{}",
        pool.shares(),
        format::rate(first.throughput_rps),
        format::count(first.workers as f64),
        format::rate(last.throughput_rps),
        format::count(last.workers as f64),
        fault(&pool.sizes).map_or_else(String::new, |fault| format!(" {fault}")),
    ));
    Some(with_control(sentence, analysis, series))
}

/// The sizes of a swept pool, ascending; two at least.
struct Pool {
    sizes: Vec<Size>,
}

impl Pool {
    fn of(series: &Series) -> Option<Self> {
        let mut sizes: Vec<Size> = series.trusted_points().filter_map(Size::of).collect();
        sizes.sort_by_key(|size| size.workers);
        sizes.dedup_by_key(|size| size.workers);
        (sizes.len() > 1).then_some(Self { sizes })
    }

    fn ends(&self) -> (&Size, &Size) {
        (&self.sizes[0], &self.sizes[self.sizes.len() - 1])
    }

    /// `97 % to 99.9 %`.
    fn shares(&self) -> String {
        let shares = || self.sizes.iter().map(Size::share);
        let lowest = format::percent(shares().fold(f64::INFINITY, f64::min));
        let highest = format::percent(shares().fold(0.0, f64::max));
        if lowest == highest { lowest } else { format!("{lowest} to {highest}") }
    }
}

fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    let pool = Pool::of(series)?;
    let (first, last) = pool.ends();
    let reached: Vec<String> = pool.sizes.iter().map(Size::words).collect();
    let sentence = Sentence::new().model(series.index).text(format!(
        " reaches {} of workers ÷ blocked time with {} to {} workers: {}. {}",
        pool.shares(),
        format::count(first.workers as f64),
        format::count(last.workers as f64),
        format::list(&reached),
        judgement(&pool.sizes),
    ));
    let sentence = with_control(sentence, analysis, series);
    Some(Finding {
        key: RULE.key,
        figure: pool.shares(),
        sentence: sentence.done(),
        different: true,
    })
}

/// Where the claim did not hold.
fn fault(sizes: &[Size]) -> Option<String> {
    let with = |of: fn(&Size) -> bool| -> Vec<String> {
        let some = sizes.iter().filter(|size| of(size));
        some.map(|size| format::count(size.workers as f64)).collect()
    };
    let nbsp = format::NBSP;
    let (above, below) = (with(Size::exceeds), with(Size::lags));
    if !above.is_empty() {
        let sizes = format::list(&above);
        return Some(format!(
            "The cap did not hold here: it is passed by more than 2{nbsp}% with {sizes} workers."
        ));
    }
    let sizes = format::list(&below);
    (!below.is_empty()).then(|| {
        format!(
            "None passes its cap by more than 2{nbsp}%, yet with {sizes} workers it stays more than \
             10{nbsp}% below, though CPU and load would allow twice as much: the cap alone does \
             not decide there."
        )
    })
}

/// Whether the claim held.
fn judgement(sizes: &[Size]) -> String {
    if let Some(fault) = fault(sizes) {
        return fault;
    }
    let nbsp = format::NBSP;
    let away = sizes.iter().filter(|size| size.next_rps >= AWAY * size.cap_rps).count();
    let near = match away {
        0 => String::new(),
        _ if away == sizes.len() => format!(", and all come within 10{nbsp}% of it"),
        _ => format!(
            ", and all for which CPU and load would allow twice as much come within 10{nbsp}% of it"
        ),
    };
    format!("None passes its cap by more than 2{nbsp}%{near}.")
}

/// Adds what models without a pool do at the same load.
fn with_control(sentence: Sentence, analysis: &Analysis, pool: &Series) -> Sentence {
    let unbounded = |series: &&Series| {
        let mut rows = series.points.iter().flat_map(|point| &point.rows);
        series.index != pool.index && rows.all(|row| row.pool_workers.is_none())
    };
    let others = analysis.distinct().filter(unbounded).filter_map(|series| {
        let over: Vec<f64> =
            series.trusted_points().filter_map(|point| point.median(&THROUGHPUT)).collect();
        Some((series.index, median(&over)?))
    });
    let mut sentence = sentence;
    let mut joint = " Without a pool, at the same load: ";
    for (index, rps) in others {
        sentence = sentence.text(joint).model(index).text(format!(" {}", format::rate(rps)));
        joint = "; ";
    }
    if joint == "; " { sentence.text(".") } else { sentence }
}
