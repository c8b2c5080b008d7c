//! Threads, descriptors, ports: did admission stop before the OS would refuse, or did it refuse?

use scenario::Checks;

use super::{Facts, Found};
use crate::row::{Exhausted, Verdict};

pub(super) fn check(facts: &Facts, _: &Checks) -> Vec<Found> {
    vec![found(facts.account.exhausted.as_ref())]
}

pub(super) fn found(exhausted: Option<&Exhausted>) -> Found {
    let threshold = "none refused".to_owned();
    let Some(exhausted) = exhausted else {
        return Found::new("threads, descriptors, ports", "none refused".to_owned(), threshold);
    };
    let Exhausted { resource, reached, limit, because, in_flight } = exhausted;
    let said = if *limit == 0 {
        format!("{because}, with {in_flight} requests in flight")
    } else {
        format!(
            "no {resource} beyond {limit} ({because}): {reached} in use at {in_flight} requests in flight"
        )
    };
    Found::new("threads, descriptors, ports", said.clone(), threshold).failed_if(
        true,
        Verdict::Exhausted,
        || said,
    )
}
