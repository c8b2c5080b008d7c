//! Are the ids sent, received, answered and recorded the same sets, and do both sides agree on how
//! each fetch went?

use scenario::Checks;

use super::{Facts, Found};
use crate::exchange::{Exchange, Fate};
use crate::record::{LegOutcome, RequestRecord};
use crate::row::Verdict;

/// At most so many ids are named.
const NAMED: usize = 5;

pub(super) fn check(facts: &Facts, _: &Checks) -> Vec<Found> {
    facts
        .scenario
        .upstreams
        .iter()
        .enumerate()
        .map(|(leg, upstream)| {
            let problems = problems(facts, leg);
            let sent = facts.records.len();
            let received = facts.seen[leg].exchanges().count();
            let value = match problems.first() {
                None => format!("{sent} sent, {received} received, all accounted for"),
                Some((id, problem)) => {
                    format!("{} ids disagree, first id {id}: {problem}", problems.len())
                }
            };
            let name = format!("ledger of {}", upstream.name);
            Found::new(&name, value, "equal sets, same outcomes".to_owned()).failed_if(
                !problems.is_empty(),
                Verdict::Inconsistent,
                || {
                    let named: Vec<String> = problems
                        .iter()
                        .take(NAMED)
                        .map(|(id, problem)| format!("id {id}: {problem}"))
                        .collect();
                    format!(
                        "ledger of {}: {} ids disagree ({})",
                        upstream.name,
                        problems.len(),
                        named.join("; ")
                    )
                },
            )
        })
        .collect()
}

fn problems(facts: &Facts, leg: usize) -> Vec<(u64, String)> {
    let seen = &facts.seen[leg];
    let mut problems: Vec<(u64, String)> = Vec::new();
    problems.extend(seen.unknown.iter().map(|&id| (id, "received, never sent".to_owned())));
    problems.extend(seen.repeated.iter().map(|&id| (id, "received twice".to_owned())));
    let timeout_ns = facts.scenario.combine.timeout.as_nanos() as u64;
    for (id, record) in facts.records.iter().enumerate() {
        if let Some(problem) = disagreement(record, leg, seen.get(id), timeout_ns) {
            problems.push((id as u64, problem));
        }
    }
    problems
}

/// What the client recorded against what the mock logged, for one fetch; `None`: they agree.
fn disagreement(
    record: &RequestRecord,
    leg: usize,
    exchange: Option<&Exchange>,
    timeout_ns: u64,
) -> Option<String> {
    if !record.is_ended() {
        // Censored: it may or may not have been sent, and nothing was recorded of it.
        return None;
    }
    let outcome = record.legs[leg].outcome;
    let Some(exchange) = exchange else {
        let never_sent = matches!(outcome, LegOutcome::Connect)
            || outcome == LegOutcome::Timeout && record.latency_ns() >= timeout_ns;
        return (!never_sent).then(|| format!("recorded as {}, never received", outcome.name()));
    };
    let agrees = match outcome {
        LegOutcome::Fetched => exchange.fate == Fate::Answered && exchange.status == 200,
        LegOutcome::Status => exchange.fate == Fate::Answered && exchange.status != 200,
        // A late answer and an abandoned one both look like a timeout here.
        LegOutcome::Timeout => record.latency_ns() >= timeout_ns,
        LegOutcome::Connect
        | LegOutcome::Reset
        | LegOutcome::Closed
        | LegOutcome::Malformed
        | LegOutcome::Mismatch => false,
    };
    let logged = || match exchange.fate {
        Fate::Answered => format!("answered with {}", exchange.status),
        Fate::Abandoned => "abandoned".to_owned(),
        Fate::Pending => "still held".to_owned(),
    };
    (!agrees).then(|| format!("recorded as {}, logged as {}", outcome.name(), logged()))
}
