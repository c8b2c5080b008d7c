//! Where each fetch is to open a connection: did each come to the mock on one of its own? Fetches
//! that never arrived had perhaps none, and count on neither side.

use scenario::{Checks, Connections};

use super::super::pairing::Seen;
use super::{Facts, Found};
use crate::row::Verdict;

pub(super) fn check(facts: &Facts, _: &Checks) -> Vec<Found> {
    if facts.scenario.combine.connections != Connections::PerRequest {
        return Vec::new();
    }
    let exchanges = || facts.seen.iter().flat_map(Seen::exchanges);
    let received = exchanges().count();
    let opened = exchanges().filter(|exchange| exchange.opened).count();
    let said = format!("{opened} connections accepted for {received} fetches received");
    let found = Found::new("connections", said.clone(), "one for each fetch".to_owned());
    vec![found.failed_if(opened != received, Verdict::Inconsistent, || said)]
}
