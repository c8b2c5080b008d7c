//! A model that runs twice under two labels: what "no difference" looks like on this machine.

use super::compare::{both_fit, corrected, ratio_of};
use super::metric::{LATENCY_P99, THROUGHPUT};
use super::{Analysis, Comparison, Place, Series};
use crate::stats::decide;

/// Marks every series that is another one again: same kind, same options. The one with more
/// points is the model itself, the first of equals.
pub(super) fn mark(series: &mut [Series]) {
    for at in 0..series.len() {
        let same = |other: &Series| {
            other.model.kind == series[at].model.kind
                && other.model.options == series[at].model.options
                && other.value == series[at].value
        };
        let mut itself = at;
        for other in series.iter().filter(|other| same(other)) {
            let (more, equal) = (
                other.points.len() > series[itself].points.len(),
                other.points.len() == series[itself].points.len(),
            );
            if more || (equal && other.index < itself) {
                itself = other.index;
            }
        }
        series[at].again = (itself != at).then_some(itself);
    }
}

/// Each model ÷ itself again, at every level both are trusted at: a family per metric.
pub(super) fn compared(analysis: &Analysis) -> Vec<Comparison> {
    let mut all = Vec::new();
    for metric in [THROUGHPUT, LATENCY_P99] {
        let mut family = Vec::new();
        for again in &analysis.series {
            let Some(of) = again.again else { continue };
            for b in again.trusted_points() {
                let a = analysis.series[of].point(b.level).filter(|a| both_fit(&metric, a, b));
                let Some(ratio) = a.and_then(|a| ratio_of(&metric, a, b)) else { continue };
                let (over, place) = (again.index, Place::Level(b.level));
                let decision = decide(&ratio, None);
                family.push(Comparison { metric, of, over, place, ratio, decision });
            }
        }
        all.extend(corrected(family));
    }
    all
}

#[cfg(test)]
mod tests;
