//! What a pool of threads must have answered, by the exact recursion, fed with what one trial met:
//! its arrivals, the times the mock really held, and the overhead of its fetches.

use anyhow::{Result, ensure};
use queueing::{Request as Served, closed, pairs};

use crate::lab::{Request, Trial};
use crate::stats;

/// What a fetch takes of its thread beyond the time that the mock holds it, by the stamps of the
/// sampled requests.
pub(crate) struct Overhead {
    /// Mean from a fetch's first instruction to its whole body, less held, of either leg, ns.
    legs_ns: [f64; 2],
    /// Mean from the later fetch's end to the combined answer, ns.
    combine_ns: f64,
}

impl Overhead {
    pub(crate) fn of(trial: &Trial) -> Result<Self> {
        let mut legs = [Vec::new(), Vec::new()];
        let mut combine = Vec::new();
        for request in &trial.window {
            let [Some(first), Some(second)] = request.legs.map(|leg| leg.span_ns) else { continue };
            let Some(ended_ns) = request.ended_ns else { continue };
            for ((own, leg), (from_ns, to_ns)) in
                legs.iter_mut().zip(request.legs).zip([first, second])
            {
                own.push(to_ns as f64 - from_ns as f64 - leg.held_ns as f64);
            }
            combine.push(ended_ns as f64 - first.1.max(second.1) as f64);
        }
        ensure!(combine.len() >= 30, "only {} sampled requests", combine.len());
        Ok(Self { legs_ns: legs.map(|leg| stats::mean(&leg)), combine_ns: stats::mean(&combine) })
    }

    /// Thread-time beyond the held times, per request, ms.
    pub(crate) fn per_request_ms(&self) -> f64 {
        (self.legs_ns[0] + self.legs_ns[1] + self.combine_ns) / 1e6
    }

    /// How long a request's two jobs keep their threads. The job with the longer wait is taken to
    /// end later, and so to combine; in a pool of one thread it makes no difference which.
    pub(crate) fn services_ns(&self, request: &Request) -> [u64; 2] {
        let [first, second] = request.legs.map(|leg| leg.held_ns);
        let mut services = [first as f64 + self.legs_ns[0], second as f64 + self.legs_ns[1]];
        services[usize::from(second > first)] += self.combine_ns;
        services.map(|ns| ns.max(0.0) as u64)
    }
}

/// How long a request's two jobs kept their threads, where it was sampled: the job that ended
/// later combined.
pub(crate) fn own_services_ns(request: &Request) -> Option<[u64; 2]> {
    let [first, second] = request.legs.map(|leg| leg.span_ns);
    let ((first_from, first_to), (second_from, second_to)) = first.zip(second)?;
    let combine_ns = request.ended_ns?.saturating_sub(first_to.max(second_to));
    let mut services = [first_to - first_from, second_to - second_from];
    services[usize::from(second_to > first_to)] += combine_ns;
    Some(services)
}

/// Responses of the window's requests, ms, where requests arrived when they were due and their
/// jobs took `services_ns`.
pub(crate) fn open_ms(
    trial: &Trial,
    threads: usize,
    services_ns: impl Fn(&Request) -> [u64; 2],
) -> Vec<f64> {
    let requests = trial.warmup.iter().chain(&trial.window);
    let jobs = requests.map(|request| (request.intended_ns, services_ns(request)));
    let served = pairs(threads, jobs).skip(trial.warmup.len());
    served.map(|request| request.response_ns() as f64 / 1e6).collect()
}

/// What the closed recursion yields.
pub(crate) struct ClosedLoop {
    /// Responses of the window's requests, ms.
    pub(crate) responses_ms: Vec<f64>,
    /// Completions per second, from the first to the last arrival of the window.
    pub(crate) throughput_rps: f64,
}

/// The closed loop of `places` requests: each completion starts the next one at once.
pub(crate) fn closed_loop(
    trial: &Trial,
    overhead: &Overhead,
    threads: usize,
    places: usize,
) -> ClosedLoop {
    let requests = || trial.warmup.iter().chain(&trial.window);
    // The first requests start as the trial's did; from then on the recursion is on its own.
    let openings: Vec<u64> = requests().take(places).map(|request| request.started_ns).collect();
    let services = requests().map(|request| overhead.services_ns(request));
    let served = closed(threads, &openings, 0, services);
    let window = &served[trial.warmup.len()..];
    let (from_ns, to_ns) = (window[0].arrival_ns, window[window.len() - 1].arrival_ns);
    let inside = |request: &&Served| (from_ns..to_ns).contains(&request.end_ns);
    let completions = served.iter().filter(inside).count();
    ClosedLoop {
        responses_ms: window.iter().map(|request| request.response_ns() as f64 / 1e6).collect(),
        throughput_rps: completions as f64 * 1e9 / (to_ns - from_ns) as f64,
    }
}
