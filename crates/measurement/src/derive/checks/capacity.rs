//! Did the system take what was offered? If not, there is no steady state: what is missing piles
//! up, or is shed. With all CPU or all workers in use that is the finding an open loop is run
//! for; without, nobody knows what held it up.

use scenario::Checks;

use super::super::open::Kept;
use super::{Facts, Found, percent, share};
use crate::row::Verdict;

pub(super) const NAME: &str = "open loop: achieved against offered";

pub(super) fn check(facts: &Facts, limits: &Checks) -> Vec<Found> {
    let Some(run) = &facts.open else { return Vec::new() };
    let threshold =
        format!("short by at most {} and chance", share(|checks| checks.shortfall, limits));
    let Some(kept) = run.kept(facts) else {
        return vec![Found::not_checked(NAME, "the rate changes within the window", threshold)];
    };
    let value = format!(
        "{:.1}/s of {:.1}/s, {} (chance {})",
        kept.achieved_rps,
        kept.offered_rps,
        percent(kept.achieved_rps / kept.offered_rps),
        percent(kept.chance)
    );
    let bound = bound(facts, &kept, limits);
    let verdict = if bound.is_some() { Verdict::Saturated } else { Verdict::Unsteady };
    let found = Found::new(NAME, value, threshold)
        .measured(kept.shortfall / (kept.allowed + kept.chance))
        .failed_if(!kept.keeps_up(), verdict, || reason(&kept, bound.as_deref()));
    vec![found]
}

fn reason(kept: &Kept, bound: Option<&str>) -> String {
    let rates = format!("{:.0}/s of {:.0}/s offered", kept.achieved_rps, kept.offered_rps);
    let growing = if kept.queue_grows() {
        "; a queue grows, and latency with the window’s length"
    } else {
        ""
    };
    match bound {
        Some(bound) => format!("capacity reached: {rates}, {bound}{growing}"),
        None => format!("{rates}, and nothing known is used up{growing}"),
    }
}

/// What is used up, in words.
fn bound(facts: &Facts, kept: &Kept, limits: &Checks) -> Option<String> {
    let cpu = facts.cpu_utilisation();
    if cpu >= limits.saturated_cpu {
        return Some(format!("CPU {}", percent(cpu)));
    }
    let ceiling = facts.pool_ceiling_rps();
    if ceiling.is_some_and(|ceiling| facts.throughput_rps() / ceiling >= limits.saturated_pool) {
        return Some("no idle worker in the pool".to_owned());
    }
    (kept.shed > kept.shortfall / 2.0)
        .then(|| format!("{} shed at max_in_flight", percent(kept.shed)))
}
