//! Closed loop: fixed delays, the longer of two, a pool of threads.

use anyhow::Result;
use queueing::{Max, mva};
use scenario::{Draws, Phase, Scenario};

use crate::lab::{Lab, Trial};
use crate::page::{Line, Section, Unit, latencies};
use crate::recursion::{Overhead, closed_loop};
use crate::stats;

/// Share of the client's CPU from which on it, and not the upstreams, is the limit.
const CPU_BOUND: f64 = 0.9;

/// N requests, each waiting D: N ÷ D per second.
pub(crate) fn fixed(lab: &mut Lab) -> Result<Section> {
    let mut lines = Vec::new();
    for delay_ms in [10.0, 50.0] {
        let (_, trials) = lab.run(&format!(
            "# Fixed delays.\ntitle = 'Fixed'\n\
             [upstream.a]\nlatency = '{delay_ms}ms'\n[upstream.b]\nlatency = '{delay_ms}ms'\n\
             [load]\nconcurrency = [1, 10, 100]\nwarmup = '300ms'\nduration = '1500ms'\nrepeats = 1\n\
             [[model]]\nkind = 'tokio'\n[[model]]\nkind = 'thread-per-request'\n"
        ))?;
        for trial in &trials {
            let row = &trial.row;
            let places = f64::from(row.concurrency.unwrap_or(0));
            let [ideal, late] = [delay_ms, delay_ms + 1.0].map(|ms| places / ms * 1e3);
            let case = format!("D = {delay_ms} ms");
            let throughput =
                Line::of(trial, "throughput", Unit::PerSecond, ideal, row.throughput_rps)
                    .interval(stats::rate_interval(
                        &row.completions_by_tenth,
                        row.duration_s.unwrap_or(0.0),
                    ))
                    .allowed(0.05, ideal - late);
            let median = Line::of(trial, "latency p50", Unit::Ms, delay_ms, row.latency_p50_ms)
                .interval(stats::percentile_interval(&responses_ms(trial), 0.5));
            for line in [throughput, median] {
                lines.push(line.case(&case).unless_cpu_bound(trial, CPU_BOUND));
            }
        }
    }
    Ok(Section {
        title: "Fixed delays",
        prose: "Both upstreams wait D; N requests are in flight. Little's law (Little, 1961): throughput N ÷ D, latency D. \
                A request may take 5 % or 1 ms longer than D, and the throughput be as much lower."
            .to_owned(),
        lines,
    })
}

/// The longer of two lognormal waits, for the draws that the window's ids really had.
pub(crate) fn longer(lab: &mut Lab) -> Result<Section> {
    let (scenario, trials) = lab.run(
        "# Two lognormal upstreams.\ntitle = 'Longer'\nseed = 2\n\
         [upstream.a]\nlatency = { lognormal = { p50 = '40ms', p99 = '200ms' } }\n\
         [upstream.b]\nlatency = { lognormal = { p50 = '25ms', p99 = '300ms' } }\n\
         [combine]\ntimeout = '20s'\n\
         [load]\nconcurrency = [50]\nwarmup = '500ms'\nduration = '8s'\nrepeats = 1\n\
         [[model]]\nkind = 'tokio'\n[[model]]\nkind = 'thread-per-request'\n",
    )?;
    let mut lines = Vec::new();
    for trial in &trials {
        let expected = longer_draws_ms(&scenario, trial);
        let own = latencies(trial, "", &expected, &responses_ms(trial));
        lines.extend(own.into_iter().map(|line| line.unless_cpu_bound(trial, CPU_BOUND)));
    }
    let law = law_of_longer(&scenario);
    Ok(Section {
        title: "The longer of two lognormal waits",
        prose: format!(
            "A request waits for both of its fetches: max(L1, L2). Expected is the mean and the percentiles of max(L1, L2) over the \
             draws of the window's ids, which are a function of seed, repeat, upstream and id: no sampling noise is left. \
             (The laws themselves have a mean of {:.2} ms and a p99 of {:.1} ms: ∫ 1 − F1·F2 dt, and F1·F2 = 0.99.)",
            law.0, law.1,
        ),
        lines,
    })
}

/// A pool of four threads, with fewer and with more requests in flight.
pub(crate) fn pool(lab: &mut Lab) -> Result<Section> {
    const THREADS: u32 = 4;
    let (_, trials) = lab.run(&format!(
        "# A closed loop on a thread pool.\ntitle = 'Pool'\nseed = 3\n\
         [upstream.work]\nlatency = {{ exponential = {{ mean = '10ms' }} }}\n\
         [upstream.none]\nlatency = '0ms'\n\
         [load]\nconcurrency = [2, 16]\nwarmup = '500ms'\nduration = '8s'\nrepeats = 1\n\
         [[model]]\nkind = 'thread-pool'\nthreads = {THREADS}\n"
    ))?;
    let mut lines = Vec::new();
    let mut overheads = Vec::new();
    for trial in &trials {
        let row = &trial.row;
        let places = row.concurrency.unwrap_or(1);
        let overhead = Overhead::of(trial)?;
        overheads.push(format!("{:.3} ms at N = {places}", overhead.per_request_ms()));
        let services = trial.window.iter().map(|request| overhead.services_ns(request));
        // Two jobs a request: with threads for all of them a request takes its longer job, with
        // fewer threads than requests it takes up the time of both.
        let spare = 2 * places <= THREADS;
        let demands: Vec<f64> =
            services.map(|[a, b]| if spare { a.max(b) } else { a + b } as f64 / 1e6).collect();
        let means = mva(places, 0.0, stats::mean(&demands), THREADS);
        let exact = closed_loop(trial, &overhead, THREADS as usize, places as usize);
        let rate = stats::rate_interval(&row.completions_by_tenth, row.duration_s.unwrap_or(0.0));
        let measured = responses_ms(trial);
        let throughput = |what: &str, expected: f64| {
            Line::of(
                trial,
                &format!("throughput, {what}"),
                Unit::PerSecond,
                expected,
                row.throughput_rps,
            )
            .interval(rate)
            .allowed(0.05, 0.0)
        };
        let mut own = vec![throughput("mean-value analysis", means.throughput * 1e3)];
        own.push(
            Line::of(
                trial,
                "mean latency, mean-value analysis",
                Unit::Ms,
                means.response,
                row.latency_mean_ms,
            )
            .interval(stats::mean_interval(&measured)),
        );
        own.push(throughput("recursion", exact.throughput_rps));
        own.extend(latencies(trial, "recursion", &exact.responses_ms, &measured));
        lines.extend(own.into_iter().map(|line| line.by_request(trial)));
    }
    Ok(Section {
        title: "Closed loop of a thread pool",
        prose: format!(
            "`thread-pool` of {THREADS}; one upstream exponential with a mean of 10 ms, the other at 0; N requests in flight, none thinking. \
             *Mean-value analysis* (Reiser & Lavenberg 1980) of one station of {THREADS} servers, its service time the mean of what this \
             trial's requests took of their threads: held plus overhead. *Recursion* (Kiefer & Wolfowitz 1955): start and end of every job, \
             first in, first out, from the held times of this trial's own ids; mean, p50 and p99 of the window's ids. Overhead of a request \
             beyond its held times, both fetches and the combining, by the stamps of sampled requests: {}.",
            overheads.join(", ")
        ),
        lines,
    })
}

/// max(L1, L2) of the window's ids, ms, from the draws alone.
pub(crate) fn longer_draws_ms(scenario: &Scenario, trial: &Trial) -> Vec<f64> {
    let draws = [0, 1].map(|position: usize| {
        Draws::new(scenario.seed, trial.row.repeat, position, &scenario.upstreams[position])
    });
    (0..trial.window.len() as u64)
        .map(|index| {
            let delay =
                |own: &Draws<'_>| own.draw(Phase::Window.id(index)).delay.as_secs_f64() * 1e3;
            delay(&draws[0]).max(delay(&draws[1]))
        })
        .collect()
}

/// Mean and p99 of the law of max(L1, L2), ms.
pub(crate) fn law_of_longer(scenario: &Scenario) -> (f64, f64) {
    let [first, second] = [0, 1].map(|position: usize| &scenario.upstreams[position].latency);
    let (cdf, other_cdf) = (|ms: f64| first.cdf(ms * 1e6), |ms: f64| second.cdf(ms * 1e6));
    let quantile = |u: f64| first.quantile_ns(u) as f64 / 1e6;
    let other_quantile = |u: f64| second.quantile_ns(u) as f64 / 1e6;
    let longer = Max::new([&cdf, &other_cdf], [&quantile, &other_quantile]);
    (longer.mean(), longer.quantile(0.99))
}

/// Latencies of the window's requests that ended, ms: in a closed loop from when a place fell
/// free (the n-th start takes the place of end number n − N), in an open one from when it was due.
pub(crate) fn responses_ms(trial: &Trial) -> Vec<f64> {
    let all = || trial.warmup.iter().chain(&trial.window);
    let mut ends: Vec<u64> = all().filter_map(|request| request.ended_ns).collect();
    ends.sort_unstable();
    let places = trial.row.concurrency.map(|places| places as usize);
    let responses = all().enumerate().skip(trial.warmup.len());
    responses
        .filter_map(|(number, request)| {
            let due_ns = match places {
                None => request.intended_ns,
                Some(places) => {
                    let freed = number.checked_sub(places).and_then(|end| ends.get(end).copied());
                    freed.map_or(request.started_ns, |freed_ns| freed_ns.min(request.started_ns))
                }
            };
            Some(request.ended_ns?.saturating_sub(due_ns) as f64 / 1e6)
        })
        .collect()
}
