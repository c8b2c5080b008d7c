//! The recursions against the formulas, over a million draws and more.
//!
//! Everything is seeded, so each test sees the same numbers every time. A mean is compared within
//! four of its standard errors (by batch means, since waits of one queue depend on each other),
//! and the standard error must be small for the comparison to say anything.

use queueing::{Max, Mmc, Servers, closed, fifo, mva, pairs, pollaczek_khinchine};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use scenario::{Draws, Law, Phase, Scenario, Upstream};

/// Nanoseconds to the millisecond, the unit of the figures below.
const MS: f64 = 1e6;

/// Uniform draws of (0, 1).
struct Luck(ChaCha8Rng);

impl Luck {
    fn seeded(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.uniform().ln()
    }

    /// Arrival times of a Poisson process, ns; the rate is per ms.
    fn poisson(mut self, rate: f64, count: usize) -> impl Iterator<Item = u64> {
        let mut now = 0.0;
        (0..count).map(move |_| {
            now += self.exponential(1.0 / rate);
            (now * MS) as u64
        })
    }
}

/// A law as a scenario file states it.
fn law(text: &str) -> Law {
    let text = format!(
        "title = 'x'\n[upstream.a]\nlatency = {text}\n[upstream.b]\nlatency = '1ms'\n\
         [load]\nconcurrency = [1]\n[[model]]\nkind = 'any'\n"
    );
    let any = scenario::ModelKind { kind: "any", summary: "", options: &[] };
    Scenario::parse("known.toml".as_ref(), &text, &[], &scenario::Kinds::of_models(&[any]))
        .expect("is valid")
        .upstreams[0]
        .latency
        .clone()
}

/// What the mock would draw for one id after the other, ns.
fn draws(law: &Law, seed: u64) -> impl Iterator<Item = u64> {
    let upstream = Upstream::new("a", law.clone());
    (0..).map(move |index| {
        Draws::new(seed, 0, 0, &upstream).draw(Phase::Window.id(index)).delay.as_nanos() as u64
    })
}

/// Mean and standard error of values that depend on their neighbours, from batches so long that
/// the batches hardly do.
fn batch_means(values: &[f64]) -> (f64, f64) {
    const BATCHES: usize = 50;
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let batches: Vec<f64> = values.chunks_exact(values.len() / BATCHES).map(mean).collect();
    let overall = mean(&batches);
    let square = batches.iter().map(|batch| (batch - overall).powi(2)).sum::<f64>();
    let count = batches.len() as f64;
    (overall, (square / (count - 1.0) / count).sqrt())
}

fn assert_agrees(what: &str, values: &[f64], expected: f64) {
    let (mean, error) = batch_means(values);
    assert!(error < 0.03 * expected, "{what}: the error {error} hides what {expected} should show");
    assert!((mean - expected).abs() < 4.0 * error, "{what}: {mean} ± {error}, expected {expected}");
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// Waits and responses, ms, of a queue with Poisson arrivals, past its beginning.
fn simulate(queue: Mmc, services: impl Iterator<Item = u64>, count: usize) -> [Vec<f64>; 2] {
    let arrivals = Luck::seeded(u64::from(queue.servers)).poisson(queue.arrival_rate, count);
    let jobs: Vec<(u64, u64)> = arrivals.zip(services).collect();
    let spans: Vec<_> = fifo(queue.servers as usize, jobs.iter().copied()).collect();
    let past = count / 20;
    let ms_since_arrival = |of: fn(&queueing::Span) -> u64| {
        let all = spans.iter().zip(&jobs).skip(past);
        all.map(|(span, (arrival_ns, _))| (of(span) - arrival_ns) as f64 / MS).collect()
    };
    [ms_since_arrival(|span| span.start_ns), ms_since_arrival(|span| span.end_ns)]
}

#[test]
fn the_recursion_approaches_erlang_c() {
    let exponential = law("{ exponential = { mean = '1ms' } }");
    for (servers, utilisation) in [(1, 0.5), (1, 0.7), (4, 0.5), (4, 0.85), (10, 0.8)] {
        let arrival_rate = utilisation * f64::from(servers);
        let queue = Mmc { arrival_rate, service_mean: 1.0, servers };
        let what = format!("{servers} servers at {utilisation}");
        let [waits, responses] = simulate(queue, draws(&exponential, 3), 1_000_000);
        assert_agrees(&what, &waits, queue.mean_wait());
        assert_agrees(&what, &responses, queue.mean_response());
        let waited: Vec<f64> = waits.iter().map(|wait| f64::from(u8::from(*wait > 0.0))).collect();
        assert_agrees(&what, &waited, queue.wait_probability());
        // A percentile agrees if the share beyond the formula's is the one it names.
        for q in [0.5, 0.9, 0.99] {
            let at = queue.response_quantile(q);
            let beyond: Vec<f64> =
                responses.iter().map(|time| f64::from(u8::from(*time > at))).collect();
            let (share, error) = batch_means(&beyond);
            assert!((share - (1.0 - q)).abs() < 4.0 * error, "{what}, p{q}: {share} ± {error}");
        }
    }
}

#[test]
fn the_recursion_approaches_pollaczek_and_khinchine() {
    // Mean and mean square of laws with a mean of 1 ms, in closed form.
    let lognormal_p50_p99 = law("{ lognormal = { p50 = '900us', p99 = '2500us' } }");
    let sigma = (2.5_f64 / 0.9).ln() / 2.326_347_874_040_841;
    let lognormal = [0.9 * (sigma * sigma / 2.0).exp(), 0.81 * (2.0 * sigma * sigma).exp()];
    for (what, law, [mean, square]) in [
        ("fixed", law("'1ms'"), [1.0, 1.0]),
        ("uniform", law("{ uniform = { min = '0ms', max = '2ms' } }"), [1.0, 4.0 / 3.0]),
        ("exponential", law("{ exponential = { mean = '1ms' } }"), [1.0, 2.0]),
        ("lognormal", lognormal_p50_p99, lognormal),
    ] {
        let queue = Mmc { arrival_rate: 0.7, service_mean: mean, servers: 1 };
        let [waits, _] = simulate(queue, draws(&law, 4), 1_000_000);
        assert_agrees(what, &waits, pollaczek_khinchine(0.7, mean, square));
    }
}

/// A leg that takes no time takes no server from anybody, and ends no later than the other: as the
/// second one, it finds a server free when its own request's first leg ends, if not before.
#[test]
fn a_pair_with_a_leg_that_takes_no_time_is_the_single_job() {
    let exponential = law("{ exponential = { mean = '1ms' } }");
    for servers in [1, 4] {
        let arrivals = Luck::seeded(1).poisson(0.8 * servers as f64, 100_000);
        let jobs: Vec<_> = arrivals.zip(draws(&exponential, 5)).collect();
        let single = || fifo(servers, jobs.iter().copied()).map(|span| span.end_ns);
        for order in [|service_ns| [0, service_ns], |service_ns| [service_ns, 0]] {
            let requests = jobs.iter().map(|&(at_ns, service_ns)| (at_ns, order(service_ns)));
            assert!(single().eq(pairs(servers, requests).map(|request| request.end_ns)));
        }
    }
}

#[test]
fn the_closed_recursion_approaches_mean_value_analysis() {
    // Thinking is a station of its own: a request that comes back after an exponential pause.
    for (customers, servers, think) in
        [(8, 4, 0.0), (3, 4, 0.0), (1, 1, 0.0), (12, 4, 2.0), (40, 8, 5.0)]
    {
        let expected = mva(customers, think, 1.0, servers);
        let mut luck = Luck::seeded(u64::from(customers));
        let count = 1_000_000;
        let responses: Vec<f64> = if think > 0.0 {
            thinking(customers, servers as usize, think, count, &mut luck)
        } else {
            let openings = vec![0; customers as usize];
            let services = (0..count).map(|_| [0, (luck.exponential(1.0) * MS) as u64]);
            let served = closed(servers as usize, &openings, 0, services);
            let last_ns = served.iter().map(|request| request.end_ns).max().expect("some ended");
            let throughput = count as f64 / (last_ns as f64 / MS);
            assert!((throughput / expected.throughput - 1.0).abs() < 0.01, "{throughput}");
            served.iter().map(|request| request.response_ns() as f64 / MS).collect()
        };
        let what = format!("{customers} customers, {servers} servers, thinking {think}");
        assert_agrees(&what, &responses[responses.len() / 20..], expected.response);
    }
}

/// Responses of customers who think for an exponential time between requests of one job.
fn thinking(customers: u32, servers: usize, think: f64, count: usize, luck: &mut Luck) -> Vec<f64> {
    let mut queue = Servers::new(servers);
    let mut back: std::collections::BinaryHeap<_> =
        (0..customers).map(|_| std::cmp::Reverse((luck.exponential(think) * MS) as u64)).collect();
    (0..count)
        .map(|_| {
            let std::cmp::Reverse(arrival_ns) = back.pop().expect("nobody is lost");
            let span = queue.serve(arrival_ns, (luck.exponential(1.0) * MS) as u64);
            back.push(std::cmp::Reverse(span.end_ns + (luck.exponential(think) * MS) as u64));
            (span.end_ns - arrival_ns) as f64 / MS
        })
        .collect()
}

#[test]
fn the_longer_of_two_draws_follows_the_product_of_the_laws() {
    for (first, second) in [
        (
            "{ lognormal = { p50 = '80ms', p99 = '400ms' } }",
            "{ lognormal = { p50 = '50ms', p99 = '600ms' } }",
        ),
        ("{ uniform = { min = '10ms', max = '50ms' } }", "{ exponential = { mean = '20ms' } }"),
        ("{ normal = { mean = '50ms', sd = '10ms' } }", "'50ms'"),
        ("{ pareto = { scale = '5ms', alpha = 2.5 } }", "{ exponential = { mean = '5ms' } }"),
    ] {
        let laws = [law(first), law(second)];
        let cdf = |which: usize| {
            let law = laws[which].clone();
            move |ms: f64| law.cdf(ms * MS)
        };
        let quantile = |which: usize| {
            let law = laws[which].clone();
            move |u: f64| law.quantile_ns(u) as f64 / MS
        };
        let (cdfs, quantiles) = ((cdf(0), cdf(1)), (quantile(0), quantile(1)));
        let max = Max::new([&cdfs.0, &cdfs.1], [&quantiles.0, &quantiles.1]);
        let both = draws(&laws[0], 7).zip(draws(&laws[1], 8));
        let longer: Vec<f64> = both.map(|(a, b)| a.max(b) as f64 / MS).take(1_000_000).collect();
        assert_agrees(first, &longer, max.mean());
        let longer = sorted(longer);
        for q in [0.1, 0.5, 0.9, 0.99, 0.999] {
            let at = max.quantile(q);
            let within = longer.partition_point(|ms| *ms <= at) as f64 / longer.len() as f64;
            let error = (max.cdf(at) * (1.0 - max.cdf(at)) / longer.len() as f64).sqrt();
            assert!((within - max.cdf(at)).abs() < 4.0 * error, "{first}, {q}: {within}");
        }
    }
}

/// A million draws against the law's own moments; the second by quadrature of its quantiles.
#[test]
fn samplers_have_the_moments_of_their_laws() {
    for text in [
        "'7ms'",
        "{ uniform = { min = '10ms', max = '50ms' } }",
        "{ exponential = { mean = '20ms' } }",
        "{ normal = { mean = '50ms', sd = '10ms' } }",
        "{ lognormal = { p50 = '80ms', p99 = '400ms' } }",
        "{ pareto = { scale = '5ms', alpha = 5.0 } }",
    ] {
        let law = law(text);
        let drawn: Vec<f64> = draws(&law, 9).map(|ns| ns as f64 / MS).take(1_000_000).collect();
        let mean = law.mean_ns().expect("has a closed form") / MS;
        if text == "'7ms'" {
            assert!(drawn.iter().all(|ms| (ms - mean).abs() < 1e-6));
            continue;
        }
        assert_agrees(text, &drawn, mean);
        // E[X²] as the mean of the squared quantiles at the centres of a million equal cells.
        let cells = 1_000_000;
        let at =
            |cell: i32| law.quantile_ns((f64::from(cell) + 0.5) / f64::from(cells)) as f64 / MS;
        let square = (0..cells).map(|cell| at(cell).powi(2)).sum::<f64>() / f64::from(cells);
        assert_agrees(text, &drawn.iter().map(|ms| ms * ms).collect::<Vec<_>>(), square);
    }
}
