//! Open loop: whether the generator kept to its plan, by the arrivals that the mock saw.

use measurement::open::GapTest;
use measurement::row::{LoadKind, Verdict};

use super::{Finding, Rule};
use crate::analysis::Analysis;
use crate::format;
use crate::sentence::Sentence;
use crate::stats::median;

pub(super) const RULE: Rule = Rule {
    key: "generator",
    doc: "open loop: whether arrivals follow the plan, and how late they were dispatched",
    find,
    answer: None,
};

/// A test refuses a plan that was kept to in one trial of a hundred.
const LEVEL: f64 = 0.01;

/// Where gaps differ by less than this, no latency tells the difference, whatever the test says.
const FAR: f64 = 0.05;

fn find(analysis: &Analysis) -> Vec<Finding> {
    of(analysis).into_iter().collect()
}

fn of(analysis: &Analysis) -> Option<Finding> {
    if analysis.load() != LoadKind::Open {
        return None;
    }
    let rows = || analysis.rows.iter().filter(|row| row.verdict.trusted());
    // A model that is full dispatches late, and sends later still, by its own doing.
    let kept_up = rows().filter(|row| row.verdict == Verdict::Valid);
    let tests: Vec<GapTest> = kept_up.filter_map(|row| row.open.as_ref()?.gaps).collect();
    let idle = rows().filter(|row| row.cpu_utilisation.is_some_and(|busy| busy < 0.9));
    let lags: Vec<f64> = idle.filter_map(|row| row.send_lag_p99_ms).collect();
    let distances: Vec<f64> = tests.iter().map(|test| test.distance).collect();
    let farthest = distances.iter().copied().reduce(f64::max);
    let passed = tests.iter().filter(|test| test.p_value >= LEVEL).count();
    let mut sentence = Sentence::new();
    let figure = match farthest {
        Some(farthest) => {
            let arrivals = analysis.run.scenario.arrivals.as_deref().unwrap_or("planned");
            sentence = sentence.text(format!(
                "Where no CPU or pool is full, gaps between arrivals at the mock keep to the plan ({arrivals}) to within {}: the share of gaps below any length differs by no more (Kolmogorov’s distance). Anderson and Darling’s test at 1\u{a0}% passes in {} of {} trials. ",
                format::percent(farthest),
                format::count(passed as f64),
                format::count(tests.len() as f64),
            ));
            format::percent(farthest)
        }
        None => format::millis(median(&lags)?),
    };
    if let (Some(middle), Some(most)) = (median(&lags), lags.iter().copied().reduce(f64::max)) {
        sentence = sentence.text(format!(
            "While the client’s CPU is below 90\u{a0}%, requests are dispatched {} late at p99 in the median trial, {} at most.",
            format::millis(middle),
            format::millis(most)
        ));
    }
    let different = passed < tests.len() && farthest.is_some_and(|distance| distance > FAR);
    Some(Finding { key: RULE.key, figure, sentence: sentence.done(), different })
}
