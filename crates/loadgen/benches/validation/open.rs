//! Open loop: queues before pools, waits without a queue, a stall, the generator itself.

use anyhow::{Context, Result};

use crate::closed::{law_of_longer, longer_draws_ms, responses_ms};
use crate::lab::{Lab, Request, Trial};
use crate::page::{Line, Section, Unit, latencies};
use crate::recursion::{Overhead, open_ms, own_services_ns};
use crate::stats;

/// Share of the client's CPU from which on no model is held to a wait without a queue.
const CPU_BOUND: f64 = 0.9;

/// Share of the client's CPU up to which the generator must keep its promise.
const GENERATOR_CPU: f64 = 0.8;

/// Requests in the window of a queue: enough for a p99, few enough that each of them is stamped.
const QUEUED: f64 = 1_600.0;

/// Pools under Poisson arrivals, against the exact recursion.
pub(crate) fn queue(lab: &mut Lab) -> Result<Section> {
    let mut lines = Vec::new();
    let mut loads = Vec::new();
    for (kind, threads) in [("thread-pool", 4), ("rayon", 1)] {
        for utilisation in [0.5, 0.7, 0.85] {
            let rate = utilisation * f64::from(threads) / 0.010;
            let (_, trials) = lab.run(&format!(
                "# Poisson arrivals at a pool.\ntitle = 'Queue'\nseed = 4\n\
                 [upstream.work]\nlatency = {{ exponential = {{ mean = '10ms' }} }}\n\
                 [upstream.none]\nlatency = '0ms'\n\
                 [combine]\ntimeout = '20s'\n\
                 [load]\nrate = ['{rate}/s']\narrivals = 'poisson'\n\
                 warmup = '1s'\nduration = '{:.0}ms'\nrepeats = 1\n\
                 [[model]]\nkind = '{kind}'\nthreads = {threads}\n",
                QUEUED / rate * 1e3
            ))?;
            for trial in &trials {
                let (load, own) = queue_lines(trial, threads)?;
                loads.push(format!("{kind} at {rate:.0}/s: {load}"));
                lines.extend(own);
            }
        }
    }
    Ok(Section {
        title: "Queues before pools",
        prose: format!(
            "Poisson arrivals at 0.5, 0.7 and 0.85 of what the pool could serve by the upstreams' delays alone (exponential with a mean of \
             10 ms, and 0): `thread-pool` of 4 and rayon of 1. Response from when a request was due. Expected by the recursion of a \
             first-in-first-out queue (Kiefer & Wolfowitz 1955; with one server Lindley 1952), fed with this trial's own arrival times and \
             held times, and with the overhead of its fetches: the *mean* of the sampled requests for all alike, or each sampled request's \
             *own*. The first is a prediction from less; near full use a hundredth more of overhead is a tenth more of waiting. Overhead of \
             a request, and what it makes of the threads' utilisation: {}.",
            loads.join("; ")
        ),
        lines,
    })
}

/// What one trial's overhead is, in words, and its lines.
fn queue_lines(trial: &Trial, threads: u32) -> Result<(String, Vec<Line>)> {
    let overhead = Overhead::of(trial)?;
    let mean = |request: &Request| overhead.services_ns(request);
    let own = |request: &Request| own_services_ns(request).unwrap_or_else(|| mean(request));
    let used_ms = trial.window.iter().map(|request| own(request).iter().sum::<u64>() as f64 / 1e6);
    let window_s = trial.row.duration_s.context("no window")?;
    let utilisation = used_ms.sum::<f64>() / 1e3 / f64::from(threads) / window_s;
    let sampled = trial.window.iter().filter(|request| own_services_ns(request).is_some()).count();
    let load = format!(
        "{:.3} ms ({} of {} requests sampled), {:.0} %",
        overhead.per_request_ms(),
        sampled,
        trial.window.len(),
        utilisation * 100.0
    );
    let measured = responses_ms(trial);
    let by_mean = open_ms(trial, threads as usize, mean);
    let by_own = open_ms(trial, threads as usize, own);
    let lines = latencies(trial, "mean overhead", &by_mean, &measured)
        .into_iter()
        .chain(latencies(trial, "own overhead", &by_own, &measured))
        .map(|line| line.by_request(trial));
    Ok((load, lines.collect()))
}

/// Models that queue nothing: the response is max(L1, L2) itself.
pub(crate) fn unqueued(lab: &mut Lab) -> Result<Section> {
    let (scenario, trials) = lab.run(
        "# Poisson arrivals without a queue.\ntitle = 'Unqueued'\nseed = 5\n\
         [upstream.a]\nlatency = { uniform = { min = '10ms', max = '50ms' } }\n\
         [upstream.b]\nlatency = { exponential = { mean = '30ms' } }\n\
         [combine]\ntimeout = '20s'\n\
         [load]\nrate = ['200/s']\narrivals = 'poisson'\nwarmup = '500ms'\nduration = '12s'\nrepeats = 1\n\
         [[model]]\nkind = 'tokio'\n[[model]]\nkind = 'thread-per-request'\n",
    )?;
    let mut lines = Vec::new();
    for trial in &trials {
        let expected = longer_draws_ms(&scenario, trial);
        let mut own = latencies(trial, "", &expected, &responses_ms(trial));
        let rate = trial.window.len() as f64 / trial.row.duration_s.context("no window")?;
        let in_flight = rate * stats::mean(&expected) / 1e3;
        own.push(
            Line::of(trial, "in flight", Unit::Count, in_flight, trial.row.inflight_mean)
                .allowed(0.03, 0.0),
        );
        lines.extend(own.into_iter().map(|line| line.unless_cpu_bound(trial, CPU_BOUND)));
    }
    Ok(Section {
        title: "Waits without a queue",
        prose: format!(
            "Poisson arrivals at 200/s; one upstream uniform from 10 to 50 ms, the other exponential with a mean of 30 ms. A model that \
             queues nothing answers after max(L1, L2): mean and percentiles over the draws of the window's ids. In flight: the arrivals of \
             this window per second × the mean of those draws (Little's law). (The laws themselves: E[max(L1, L2)] = {:.2} ms.)",
            law_of_longer(&scenario).0
        ),
        lines,
    })
}

/// A stall of a second: who was due in it, and how long they waited.
pub(crate) fn stall(lab: &mut Lab) -> Result<Section> {
    const DELAY_MS: f64 = 5.0;
    const STALL_MS: f64 = 1_000.0;
    let mut lines = Vec::new();
    for load in ["rate = ['500/s']\narrivals = 'constant'", "concurrency = [3]"] {
        let (_, trials) = lab.run(&format!(
            "# A stall of a second.\ntitle = 'Stall'\n\
             [upstream.a]\nlatency = '{DELAY_MS}ms'\nstall = {{ at = '1500ms', for = '{STALL_MS}ms' }}\n\
             [upstream.b]\nlatency = '{DELAY_MS}ms'\n\
             [combine]\ntimeout = '20s'\n\
             [load]\n{load}\nwarmup = '500ms'\nduration = '4s'\nrepeats = 1\n\
             [[model]]\nkind = 'tokio'\n"
        ))?;
        for trial in &trials {
            let own = stall_lines(trial, DELAY_MS, STALL_MS);
            lines.extend(own.into_iter().map(|line| line.by_request(trial)));
        }
    }
    Ok(Section {
        title: "A stall",
        prose: format!(
            "Both upstreams wait {DELAY_MS} ms; one of them sends nothing for {STALL_MS} ms. At 500/s, evenly spaced, 500 answers fall due in the stall \
             and leave at its end: their responses run evenly from {DELAY_MS} ms to {} ms, and their mean and median is the middle. A closed loop of N requests meets the same stall with \
             N requests, whatever would have arrived meanwhile (coordinated omission). Met it: kept back by the mock for at least \
             1 ms more than drawn, and released with the others.",
            DELAY_MS + STALL_MS
        ),
        lines,
    })
}

fn stall_lines(trial: &Trial, delay_ms: f64, stall_ms: f64) -> Vec<Line> {
    let figure = |quantity: &str, unit: Unit, expected: f64, measured: Option<f64>| {
        Line::of(trial, quantity, unit, expected, measured).allowed(0.01, 0.0)
    };
    let waited = stalled_ms(trial);
    let many = Some(waited.len() as f64);
    let met = |expected: f64| figure("requests that met it", Unit::Count, expected, many);
    let Some(rate) = trial.row.offered_rps else {
        return vec![met(f64::from(trial.row.concurrency.unwrap_or(0)))];
    };
    let met_of_all = rate * stall_ms / 1e3;
    let middle = delay_ms + stall_ms / 2.0;
    let longest = delay_ms + stall_ms;
    let of_waited = |of: &dyn Fn(&[f64]) -> f64| (!waited.is_empty()).then(|| of(&waited));
    let percentile = |q: f64| of_waited(&|waited| stats::percentile(waited, q));
    vec![
        met(met_of_all),
        figure("their mean response", Unit::Ms, middle, of_waited(&stats::mean)),
        figure("their median response", Unit::Ms, middle, percentile(0.5)),
        figure("their longest response", Unit::Ms, longest, percentile(1.0)),
    ]
}

/// Responses of the requests that the stall kept back, ms.
fn stalled_ms(trial: &Trial) -> Vec<f64> {
    let kept_back_ns =
        |request: &&Request| request.legs[0].held_ns.saturating_sub(request.legs[0].requested_ns);
    let released_ns = |request: &Request| {
        request.legs[0].received_ns.map_or(0, |received_ns| received_ns + request.legs[0].held_ns)
    };
    // All that the stall keeps back leaves with the one that it kept longest.
    let Some(longest) = trial.window.iter().max_by_key(kept_back_ns) else { return Vec::new() };
    let end_ns = released_ns(longest);
    let met = trial.window.iter().filter(|request| {
        kept_back_ns(request) >= 1_000_000 && released_ns(request).abs_diff(end_ns) < 20_000_000
    });
    met.filter_map(|request| Some((request.ended_ns? - request.intended_ns) as f64 / 1e6)).collect()
}

/// The generator: achieved against offered, and how late requests started.
pub(crate) fn rates(lab: &mut Lab) -> Result<Section> {
    let (_, trials) = lab.run(
        "# The generator's own limits.\ntitle = 'Rates'\nseed = 6\n\
         [upstream.a]\nlatency = '5ms'\n[upstream.b]\nlatency = '5ms'\n\
         [load]\nrate = ['100/s', '300/s', '1000/s', '3000/s', '10000/s']\narrivals = 'poisson'\n\
         warmup = '500ms'\nduration = '3s'\nrepeats = 1\n\
         [[model]]\nkind = 'tokio'\n",
    )?;
    let mut lines = Vec::new();
    for trial in &trials {
        let row = &trial.row;
        let due = row.open.as_ref().map_or(trial.window.len() as u64, |open| open.due);
        let offered = due as f64 / row.duration_s.context("no window")?;
        // What was under way at the window's ends is counted once less or more.
        let edge = 3.0 / row.duration_s.unwrap_or(1.0);
        lines.push(
            Line::of(trial, "achieved", Unit::PerSecond, offered, row.throughput_rps)
                .interval(stats::rate_interval(
                    &row.completions_by_tenth,
                    row.duration_s.unwrap_or(0.0),
                ))
                .allowed(0.01, edge)
                .unless_cpu_bound(trial, GENERATOR_CPU),
        );
        let lags: Vec<f64> = trial
            .window
            .iter()
            .filter(|request| request.started_ns > 0)
            .map(|request| request.started_ns.saturating_sub(request.intended_ns) as f64 / 1e6)
            .collect();
        lines.push(
            Line::of(trial, "lag p99", Unit::Ms, 0.0, Some(stats::percentile(&lags, 0.99)))
                .interval(stats::percentile_interval(&lags, 0.99))
                .allowed(0.0, 1.0)
                .unless_cpu_bound(trial, GENERATOR_CPU),
        );
    }
    Ok(Section {
        title: "The generator",
        prose: "tokio, both upstreams at 5 ms, Poisson arrivals. Achieved: completions in the window per second, beside the arrivals that the \
                schedule has in it; three requests at its ends may count either way. Lag: from when a request was due to its dispatch. Nothing \
                is claimed where the client's CPU is over 80 % used."
            .to_owned(),
        lines,
    })
}
