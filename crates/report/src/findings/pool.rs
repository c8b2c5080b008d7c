//! A pool of P blocking workers is capped at P ÷ the time a request blocks them.

use super::{Finding, Rule, at_level};
use crate::analysis::{Analysis, Bound, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "pool",
    doc: "how close a pool of blocking workers comes to workers ÷ blocked time",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    analysis.series.iter().filter_map(|series| of(analysis, series)).collect()
}

fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    let ceiling = series.pool_ceiling_rps().filter(|rps| *rps > 0.0)?;
    let threads = series.pool_threads()?;
    let peak = series.peak()?;
    let capped = matches!(series.bound(), Bound::Pool { .. });
    let blocked_ms = f64::from(threads) * 1e3 / ceiling;
    let workers = match threads {
        1 => "One worker".to_owned(),
        _ => format!("{} workers", format::count(f64::from(threads))),
    };
    let sums = if threads == 1 && series.model.kind == "rayon" {
        " With one worker its two fetches run one after the other: a request takes their sum."
    } else {
        ""
    };
    let weight = if capped { "" } else { " The pool is not what bounds it here." };
    let sentence =
        Sentence::new().text("Of its pool's cap is what ").model(series.index).text(format!(
            " reaches: {} at {}. {workers} ÷ {} blocked per request allow {}.{sums}{weight}",
            format::rate(peak.throughput.median),
            at_level(analysis, peak.point.level),
            format::millis(blocked_ms),
            format::rate(ceiling),
        ));
    Some(Finding {
        key: RULE.key,
        figure: format::percent(peak.throughput.median / ceiling),
        sentence: sentence.done(),
        different: capped,
    })
}
