//! Are the ids sent, received, answered and recorded the same sets, and do both sides agree on how
//! each fetch went? In warm-up, window and cool-down alike.

use scenario::Checks;

use super::{Facts, Found};
use crate::ids::IdAccount;
use crate::row::Verdict;

pub(super) fn check(facts: &Facts, _: &Checks) -> Vec<Found> {
    let upstreams = facts.scenario.upstreams.iter();
    upstreams.map(|upstream| of_upstream(&upstream.name, &facts.ids)).collect()
}

fn of_upstream(upstream: &str, ids: &[IdAccount]) -> Found {
    let own = || ids.iter().filter(|account| account.upstream == upstream);
    let name = format!("ledger of {upstream}");
    let disagreeing: u64 = own().map(|account| account.mismatched).sum();
    // One phase's ids are told apart from another's by its name.
    let named = own().flat_map(|account| {
        account.mismatches.iter().map(move |what| format!("{} {what}", account.phase))
    });
    let named: Vec<String> = named.collect();
    let value = match named.first() {
        None => {
            let sent: u64 = own().map(|account| account.sent).sum();
            let received: u64 = own().map(|account| account.received).sum();
            format!("{sent} sent, {received} received, all accounted for")
        }
        Some(first) => format!("{disagreeing} ids disagree, the first: {first}"),
    };
    let threshold = "equal sets, same outcomes".to_owned();
    Found::new(&name, value, threshold).failed_if(disagreeing > 0, Verdict::Inconsistent, || {
        format!("ledger of {upstream}: {disagreeing} ids disagree ({})", named.join("; "))
    })
}
