//! Do the points of the sampled requests follow each other as they must?

use scenario::Checks;

use super::{Facts, Found};
use crate::row::Verdict;

/// At most so many ids are named.
const NAMED: usize = 5;

pub(super) fn check(facts: &Facts, _: &Checks) -> Vec<Found> {
    let name = "time budget: order of points";
    let threshold = "no part below zero".to_owned();
    let problems = &facts.time.problems;
    let value = match (problems.first(), &facts.time.budget) {
        (Some((id, problem)), _) => {
            format!("{} requests out of order, first id {id}: {problem}", problems.len())
        }
        (None, Some(budget)) => format!("{} requests, all in order", budget.sampled),
        (None, None) => {
            return vec![Found::not_checked(name, "no sampled request was answered", threshold)];
        }
    };
    let found = Found::new(name, value, threshold);
    vec![found.failed_if(!problems.is_empty(), Verdict::Inconsistent, || {
        let named = problems.iter().take(NAMED);
        let named: Vec<String> = named.map(|(id, problem)| format!("id {id}: {problem}")).collect();
        format!("time budget: {} requests out of order ({})", problems.len(), named.join("; "))
    })]
}
