//! Did the client's process run all the time it was due? One stopped by a signal, frozen, or whose
//! virtual CPU the host did not run, leaves every request in flight waiting for it: that wait says
//! nothing of the model, and no other check looks at it.

use scenario::Checks;

use super::{Facts, Found, time};
use crate::output::Stop;
use crate::row::Verdict;

pub(super) const NAME: &str = "client: stopped";

pub(super) fn check(facts: &Facts, limits: &Checks) -> Vec<Found> {
    let threshold = format!("never for longer than {}", time(|checks| checks.client_stop, limits));
    let (from, to) = (facts.window.start.at_ns, facts.window.end.at_ns);
    let inside =
        |stop: &&Stop| stop.until_ns > from && stop.until_ns.saturating_sub(stop.length_ns) < to;
    let stops = || facts.account.stops.iter().filter(inside).map(|stop| stop.length_ns);
    let (longest_ns, allowed_ns) =
        (stops().max().unwrap_or(0), limits.client_stop.as_nanos() as u64);
    let value = match stops().count() {
        0 => "never".to_owned(),
        1 => format!("once, for {:.0} ms", longest_ns as f64 / 1e6),
        many => format!("{many} times, the longest {:.0} ms", longest_ns as f64 / 1e6),
    };
    let found = Found::new(NAME, value.clone(), threshold)
        .measured(longest_ns as f64 / allowed_ns.max(1) as f64);
    vec![found.failed_if(longest_ns > allowed_ns, Verdict::Unsteady, || {
        format!(
            "the client’s process did not run, without waiting for a CPU ({value}): stopped, or not run by its host"
        )
    })]
}
