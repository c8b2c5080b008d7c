//! One model at one level: its verdict from those of its repeats, its figures over them.

use measurement::row::{TrialRow, Verdict};

use super::attempts::standing;
use super::metric::Metric;
use super::pooled::{Histograms, Pooled};
use crate::stats::{LEAST_REPEATS, median, range, t_interval_of_logs};

/// One model at one level.
#[derive(Debug, Clone)]
pub struct Point {
    /// Concurrency (closed loop) or offered requests per second (open loop).
    pub level: f64,
    /// The rows of this point: every attempt at each of its repeats, the one that stands last.
    pub rows: Vec<TrialRow>,
    /// The verdict most repeats share; a point is as good as the worse half of them.
    pub verdict: Verdict,
    /// Why the point is not `valid`; empty if valid.
    pub reason: String,
    /// The requests of its repeats taken together; empty without histograms.
    pub pooled: Pooled,
}

/// A figure over the repeats of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Value of each repeat that has one: (repeat, value). Trusted rows only, unless none is.
    pub repeats: Vec<(u32, f64)>,
    /// Their median; where it is pooled, the percentile over the requests of all of them.
    pub median: f64,
    /// 95 % interval, of the kind that `basis` says.
    pub interval: Option<(f64, f64)>,
    /// What median and interval rest on.
    pub basis: Basis,
}

/// What a figure and its interval rest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The repeats: their median; a t interval on logs for three or more, all positive.
    Repeats,
    /// A percentile with fewer than three repeats: their median; the interval from the ranks of
    /// their pooled requests, taken as independent.
    Ranks {
        /// Under saturation they are not: the true interval is wider.
        lower_bound: bool,
    },
    /// A percentile for which one trial has too few requests: that of the requests of all repeats
    /// together, the interval from ranks likewise.
    Pooled {
        /// Requests pooled.
        samples: u64,
        /// Under saturation they are not independent: the true interval is wider.
        lower_bound: bool,
    },
}

impl Point {
    /// A point from its rows, in the order of their repeats and attempts. `rows` is not empty.
    pub(crate) fn of(level: f64, rows: Vec<TrialRow>, histograms: &Histograms) -> Self {
        debug_assert!(!rows.is_empty(), "a point has at least one row");
        let verdict = verdict_of(&standing(&rows).collect::<Vec<_>>());
        let reason = standing(&rows)
            .find(|row| row.verdict == verdict && verdict != Verdict::Valid)
            .map(|row| row.reason.clone())
            .unwrap_or_default();
        let mut point = Self { level, rows, verdict, reason, pooled: Pooled::default() };
        point.pooled = Pooled::of(point.rows_used(), histograms);
        point
    }

    /// Whether the point may enter medians, verdicts and findings.
    pub fn trusted(&self) -> bool {
        self.verdict.trusted()
    }

    /// The rows that figures come from, one per repeat: the trusted ones, or all that stand where
    /// none is.
    pub fn rows_used(&self) -> impl Iterator<Item = &TrialRow> {
        let any = self.rows.iter().any(|row| row.verdict.trusted());
        standing(&self.rows).filter(move |row| row.verdict.trusted() || !any)
    }

    /// Number of rows that are not to be trusted, attempts that were made again included.
    pub fn untrusted_rows(&self) -> usize {
        self.rows.iter().filter(|row| !row.verdict.trusted()).count()
    }

    /// Number of repeats of which no attempt is to be trusted.
    pub fn lost_repeats(&self) -> usize {
        standing(&self.rows).filter(|row| !row.verdict.trusted()).count()
    }

    /// A figure over the repeats; `None` where no row has it.
    pub fn estimate(&self, metric: &Metric) -> Option<Estimate> {
        let repeats: Vec<(u32, f64)> = self
            .rows_used()
            .filter_map(|row| Some((row.repeat, (metric.of)(row)?)))
            .filter(|(_, value)| value.is_finite())
            .collect();
        let values: Vec<f64> = repeats.iter().map(|&(_, value)| value).collect();
        self.over_the_pool(metric, &repeats).or_else(|| {
            let interval = t_interval_of_logs(&values);
            Some(Estimate { median: median(&values)?, interval, repeats, basis: Basis::Repeats })
        })
    }

    /// The estimate of a percentile where the repeats alone do not do: pooled if one of them has
    /// too few requests for it, with an interval from ranks if they are fewer than three.
    fn over_the_pool(&self, metric: &Metric, repeats: &[(u32, f64)]) -> Option<Estimate> {
        let (pool, q) = self.pooled.quantile(metric)?;
        let lower_bound = self.verdict == Verdict::Saturated;
        let values: Vec<f64> = repeats.iter().map(|&(_, value)| value).collect();
        let complete = repeats.len() == self.rows_used().count();
        if pool.samples() == 0 || (complete && repeats.len() >= LEAST_REPEATS) {
            return None;
        }
        let (median, basis) = if complete {
            (median(&values)?, Basis::Ranks { lower_bound })
        } else {
            let value = pool.quantile_ms(q).filter(|_| pool.supports(q))?;
            (value, Basis::Pooled { samples: pool.samples(), lower_bound })
        };
        Some(Estimate { repeats: repeats.to_vec(), median, interval: pool.interval_ms(q), basis })
    }

    /// A figure for tables: `303 ms`, `303 ms pooled`.
    pub fn show(&self, metric: &Metric) -> Option<String> {
        self.estimate(metric).map(|estimate| estimate.show(metric))
    }

    /// The median of a figure over the repeats; `None` where no row has it.
    pub fn median(&self, metric: &Metric) -> Option<f64> {
        self.estimate(metric).map(|estimate| estimate.median)
    }
}

impl Estimate {
    /// Number of repeats behind it that have it each.
    pub fn n(&self) -> usize {
        self.repeats.len()
    }

    /// Whether it is of the pooled requests of all repeats.
    pub fn pooled(&self) -> bool {
        matches!(self.basis, Basis::Pooled { .. })
    }

    /// The figure for people, saying where it is pooled.
    pub fn show(&self, metric: &Metric) -> String {
        let pooled = if self.pooled() { "\u{a0}pooled" } else { "" };
        format!("{}{pooled}", metric.show(self.median))
    }

    /// What the interval is, for those who read it: `95 % interval`, with its weakness.
    pub fn interval_words(&self) -> &'static str {
        match self.basis {
            Basis::Repeats => "95 % interval",
            Basis::Ranks { lower_bound: false } | Basis::Pooled { lower_bound: false, .. } => {
                "95 % interval from ranks"
            }
            Basis::Ranks { lower_bound: true } | Basis::Pooled { lower_bound: true, .. } => {
                "95 % interval from ranks, at least"
            }
        }
    }

    /// Least and greatest value of the repeats.
    pub fn range(&self) -> (f64, f64) {
        let values: Vec<f64> = self.repeats.iter().map(|&(_, value)| value).collect();
        range(&values).unwrap_or((self.median, self.median))
    }
}

/// A point is to be trusted if more than half of its repeats are; then it is `saturated` if at least
/// half of those are. Otherwise it bears the most frequent of the verdicts against it, the graver
/// one where two are as frequent.
fn verdict_of(rows: &[&TrialRow]) -> Verdict {
    let count = |verdict: Verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    let (valid, saturated) = (count(Verdict::Valid), count(Verdict::Saturated));
    if 2 * (valid + saturated) > rows.len() {
        return if saturated >= valid { Verdict::Saturated } else { Verdict::Valid };
    }
    // Ascending gravity: `max_by_key` keeps the last of equals.
    [
        Verdict::Unsteady,
        Verdict::UpstreamLimited,
        Verdict::Exhausted,
        Verdict::Inconsistent,
        Verdict::Failed,
    ]
    .into_iter()
    .max_by_key(|verdict| count(*verdict))
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(verdicts: &[Verdict]) -> Point {
        let rows = verdicts.iter().enumerate().map(|(at, &verdict)| TrialRow {
            repeat: at as u32,
            verdict,
            reason: verdict.name().to_owned(),
            throughput_rps: Some(100.0 * (at + 1) as f64),
            ..TrialRow::default()
        });
        Point::of(8.0, rows.collect(), &Histograms::new())
    }

    #[test]
    fn a_point_is_as_good_as_the_worse_half_of_its_rows() {
        use Verdict::{Exhausted, Failed, Inconsistent, Saturated, Unsteady, Valid};
        let cases: &[(&[Verdict], Verdict)] = &[
            (&[Valid], Valid),
            (&[Valid, Valid, Unsteady], Valid),
            (&[Valid, Unsteady], Unsteady),
            (&[Valid, Saturated, Saturated], Saturated),
            (&[Valid, Saturated], Saturated),
            (&[Valid, Unsteady, Inconsistent], Inconsistent),
            (&[Exhausted, Exhausted, Failed], Exhausted),
            (&[Failed, Failed, Failed], Failed),
        ];
        for (verdicts, expected) in cases {
            assert_eq!(point(verdicts).verdict, *expected, "{verdicts:?}");
        }
        assert_eq!(point(&[Valid]).reason, "");
        assert_eq!(point(&[Valid, Unsteady]).reason, "unsteady");
    }

    #[test]
    fn figures_come_from_trusted_rows_unless_none_is() {
        let mixed = point(&[Verdict::Valid, Verdict::Unsteady, Verdict::Valid]);
        let estimate = mixed.estimate(&crate::analysis::metric::THROUGHPUT).expect("measured");
        assert_eq!(estimate.repeats, [(0, 100.0), (2, 300.0)]);
        assert_eq!((estimate.median, estimate.interval), (200.0, None));
        assert_eq!(estimate.range(), (100.0, 300.0));
        let bad = point(&[Verdict::Unsteady; 3]);
        let estimate = bad.estimate(&crate::analysis::metric::THROUGHPUT).expect("measured");
        assert_eq!(estimate.n(), 3);
        assert!(estimate.interval.is_some());
        assert_eq!(bad.estimate(&crate::analysis::metric::LATENCY_P99), None);
    }
}
