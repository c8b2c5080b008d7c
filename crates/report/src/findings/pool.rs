//! A pool of P blocking workers is capped at P ÷ the time a request blocks them.

use measurement::row::LoadKind;

use super::{Finding, Rule, at_level};
use crate::analysis::metric::THROUGHPUT;
use crate::analysis::{Analysis, Bound, Point, Series, pool_ceiling_rps};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::range;

pub(super) const RULE: Rule = Rule {
    key: "pool",
    doc: "how close a pool of blocking workers comes to workers ÷ blocked time",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    analysis.series.iter().filter_map(|series| of(analysis, series)).collect()
}

fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    // None where the sweep is of the pool's own size: that has a finding of its own.
    let threads = series.pool_threads()?;
    if series.swept {
        return over_sweep(analysis, series);
    }
    let full = Full::of(analysis, series, threads)?;
    let capped = matches!(series.bound(), Bound::Pool { .. });
    let blocked_ms = f64::from(threads) * 1e3 / full.ceiling_rps;
    let workers = match threads {
        1 => "One worker".to_owned(),
        _ => format!("{} workers", format::count(f64::from(threads))),
    };
    let sums = if threads == 1 {
        " With one worker its two fetches run one after the other: a request takes their sum."
    } else {
        ""
    };
    let weight = if capped { "" } else { " The pool is not what bounds it here." };
    let sentence = Sentence::new()
        .text("Of its pool's cap is what ")
        .model(series.index)
        .text(format!(
            " reaches from {} on: {}. {workers} ÷ {} blocked per request allow {}.{sums}{weight}",
            at_level(analysis, full.level),
            format::rate(full.throughput_rps),
            format::millis(blocked_ms),
            format::rate(full.ceiling_rps),
        ))
        .muted(full.grain());
    Some(Finding {
        key: RULE.key,
        figure: format::percent(full.throughput_rps / full.ceiling_rps),
        sentence: sentence.done(),
        different: capped,
    })
}

/// The values at which the pool is what bounds it, and how close it comes to the cap there.
fn over_sweep(analysis: &Analysis, series: &Series) -> Option<Finding> {
    const NEAR: f64 = 0.9;
    let shares: Vec<(f64, f64)> = series
        .trusted_points()
        .filter_map(|point| {
            let cap = pool_ceiling_rps(point).filter(|cap| *cap > 0.0)?;
            Some((point.level, point.median(&THROUGHPUT)? / cap))
        })
        .collect();
    let capped: Vec<(f64, f64)> =
        shares.iter().copied().filter(|(_, share)| *share >= NEAR).collect();
    let levels: Vec<f64> = capped.iter().map(|(level, _)| *level).collect();
    let (low, high) = range(&capped.iter().map(|(_, share)| *share).collect::<Vec<_>>())?;
    let (low, high) = (format::percent(low), format::percent(high));
    let figure = if low == high { low } else { format!("{low} to {high}") };
    let sentence = Sentence::new()
        .text("Of its pool's cap (workers ÷ the time a request blocks them) is what ")
        .model(series.index)
        .text(format!(" reaches at {}.", analysis.axis().at_each(&levels)))
        .muted(match shares.len() - capped.len() {
            0 => "",
            _ => "At the other values the pool is not what bounds it.",
        });
    Some(Finding { key: RULE.key, figure, sentence: sentence.done(), different: true })
}

/// What a pool did over all trusted trials that could have filled it: as many requests in flight
/// as workers, or the peak where there is no such trial. Taken together, since one trial of a
/// small pool ends only a handful of requests.
struct Full {
    level: f64,
    throughput_rps: f64,
    ceiling_rps: f64,
    completions: f64,
}

impl Full {
    fn of(analysis: &Analysis, series: &Series, threads: u32) -> Option<Self> {
        let fills = |point: &&Point| {
            analysis.load() == LoadKind::Closed && point.level >= f64::from(threads)
        };
        let mut points: Vec<&Point> = series.trusted_points().filter(fills).collect();
        if points.is_empty() {
            points.push(series.peak()?.point);
        }
        let (mut completions, mut allowed, mut seconds) = (0.0, 0.0, 0.0);
        for row in points.iter().flat_map(|point| point.rows_used()) {
            let window = row.throughput_rps.zip(row.pool_ceiling_rps).zip(row.duration_s);
            if let Some(((throughput, ceiling), duration)) = window {
                completions += throughput * duration;
                allowed += ceiling * duration;
                seconds += duration;
            }
        }
        (seconds > 0.0 && allowed > 0.0).then(|| Self {
            level: points[0].level,
            throughput_rps: completions / seconds,
            ceiling_rps: allowed / seconds,
            completions,
        })
    }

    /// How coarse the share is, where few requests are behind it.
    fn grain(&self) -> String {
        if self.completions < 1.0 || self.completions >= 1_000.0 {
            return String::new();
        }
        format!(
            "{} requests in all: their own draws and the windows' edges move it by several percent.",
            format::count(self.completions)
        )
    }
}
