//! How the made-up models behave: a few parameters each, and a row computed from them.

use measurement::budget::{Budget, BudgetPart};
use measurement::row::{Check, CheckOutcome, LoadKind, TrialRow, Verdict};

/// Mean of the longer of the two made-up waits.
const FLOOR_MEAN_MS: f64 = 138.0;
/// Median of the same.
const FLOOR_P50_MS: f64 = 120.0;
/// 99th percentile of the same.
const FLOOR_P99_MS: f64 = 400.0;
/// Mean of the sum of the two waits: what one worker is blocked for, running one after the other.
const BLOCKED_MS: f64 = 224.0;
/// Length of the made-up windows.
const WINDOW_S: f64 = 2.0;

/// A made-up model.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Its label.
    pub(super) label: String,
    /// Its kind.
    pub(super) kind: &'static str,
    /// Workers of its pool, if it has one.
    pub(super) pool: Option<u32>,
    /// CPU per request at many in flight.
    cpu_us: f64,
    /// What a lone request costs on top.
    lone_cpu_us: f64,
    /// User memory per request in flight.
    bytes_in_flight: f64,
    /// Threads started per request.
    threads_per_request: u64,
    /// Context switches per request at many in flight.
    switches: f64,
}

impl Shape {
    pub(super) fn tokio() -> Self {
        Self {
            label: "tokio".to_owned(),
            kind: "tokio",
            pool: None,
            cpu_us: 42.0,
            lone_cpu_us: 240.0,
            bytes_in_flight: 48_000.0,
            threads_per_request: 0,
            switches: 0.09,
        }
    }

    pub(super) fn threads() -> Self {
        Self {
            label: "thread-per-request".to_owned(),
            kind: "thread-per-request",
            cpu_us: 366.0,
            lone_cpu_us: 210.0,
            bytes_in_flight: 61_000.0,
            threads_per_request: 3,
            switches: 7.1,
            ..Self::tokio()
        }
    }

    pub(super) fn pool(label: &str, threads: u32) -> Self {
        Self {
            label: label.to_owned(),
            kind: "rayon",
            pool: Some(threads),
            cpu_us: 78.0,
            lone_cpu_us: 200.0,
            threads_per_request: 0,
            switches: 3.9,
            ..Self::tokio()
        }
    }

    /// The same with so much more CPU work in each request.
    pub(super) fn working(self, us: f64) -> Self {
        Self { cpu_us: self.cpu_us + us, ..self }
    }
}

/// The row of one model at one concurrency in one repeat.
pub(super) fn row(shape: &Shape, concurrency: u32, repeat: u32) -> TrialRow {
    let n = f64::from(concurrency);
    let luck = Luck::of(&shape.label, concurrency, repeat);
    let cpu_us = (shape.cpu_us + shape.lone_cpu_us / n) * luck.around(0.04, 11);
    let ideal_rps = n * 1e3 / FLOOR_MEAN_MS;
    let pool_rps = shape.pool.map(|threads| f64::from(threads) * 1e3 / BLOCKED_MS);
    let cpu_rps = 1e6 / cpu_us;
    let reach = ideal_rps.min(pool_rps.unwrap_or(f64::INFINITY)).min(cpu_rps * 0.93);
    let throughput = reach * (0.99 + 0.005 * luck.signed(3));
    let requests = (throughput * WINDOW_S).round() as u64;
    let mean_ms = n * 1e3 / throughput;
    // How far beyond the least bound the load lies: the queue that latency is made of.
    let queue = (mean_ms / FLOOR_MEAN_MS - 1.0).max(0.0);
    let p50_ms = FLOOR_P50_MS * (1.0 + queue) + 0.4;
    let p99_ms = FLOOR_P99_MS * (1.0 + 2.0 * queue) * luck.around(0.02, 12) + 1.5;
    let enough = |beyond: u64| requests >= beyond;
    let utilisation = throughput * cpu_us / 1e6;
    let saturated = utilisation > 0.9 || pool_rps.is_some_and(|rps| reach >= rps * 0.999);
    let completions = throughput * WINDOW_S;
    TrialRow {
        scenario: "made_up".to_owned(),
        model: shape.label.clone(),
        kind: shape.kind.to_owned(),
        load: LoadKind::Closed,
        concurrency: Some(concurrency),
        repeat,
        attempt: 1,
        verdict: if saturated { Verdict::Saturated } else { Verdict::Valid },
        reason: if utilisation > 0.9 {
            format!("its core {:.0} % busy", utilisation * 100.0)
        } else if saturated {
            "no idle worker in its pool".to_owned()
        } else {
            String::new()
        },
        duration_s: Some(WINDOW_S),
        requests,
        ok: requests,
        throughput_rps: Some(throughput),
        goodput_rps: Some(throughput),
        ideal_rps: Some(ideal_rps),
        efficiency: Some(throughput / ideal_rps),
        latency_mean_ms: Some(mean_ms),
        latency_p50_ms: enough(20).then_some(p50_ms),
        latency_p90_ms: enough(100).then_some(p50_ms + (p99_ms - p50_ms) * 0.5),
        latency_p99_ms: enough(1_000).then_some(p99_ms),
        latency_p999_ms: enough(10_000).then_some(p99_ms * 1.5),
        latency_max_ms: Some(p99_ms * 1.8),
        added_mean_ms: Some(mean_ms - FLOOR_MEAN_MS),
        added_p50_ms: enough(20).then_some(p50_ms - FLOOR_P50_MS),
        added_p99_ms: enough(1_000).then_some(p99_ms - FLOOR_P99_MS + 1.0),
        cpu_user_s: Some(cpu_us * 0.45 * completions / 1e6),
        cpu_system_s: Some(cpu_us * 0.55 * completions / 1e6),
        cpu_us_per_request: Some(cpu_us),
        cpu_utilisation: Some(utilisation),
        inflight_mean: Some(n),
        little_residual: Some(0.0),
        floor_mean_ms: Some(FLOOR_MEAN_MS),
        floor_p50_ms: Some(FLOOR_P50_MS),
        floor_p99_ms: Some(FLOOR_P99_MS),
        pool_ceiling_rps: pool_rps,
        pool_workers: shape.pool.map(u64::from),
        client_cpus: 1,
        ..account(shape, n, completions, &luck)
    }
}

/// Completions spread over the window's tenths, none lost.
fn tenths(completions: f64) -> Vec<u64> {
    let by = |tenth: u32| (completions * f64::from(tenth) / 10.0).round() as u64;
    (0..10).map(|tenth| by(tenth + 1) - by(tenth)).collect()
}

/// What the kernel and the mock would have counted.
fn account(shape: &Shape, n: f64, completions: f64, luck: &Luck) -> TrialRow {
    let switches = (shape.switches + 3.0 / n) * completions * luck.around(0.05, 13);
    let waiting = shape.pool.map_or(n, |threads| n.min(f64::from(threads)));
    let alive = match shape.pool {
        Some(threads) => u64::from(threads) + 2,
        None => 2 + (shape.threads_per_request as f64 * waiting) as u64,
    };
    let spawned = (shape.threads_per_request as f64 * completions).round() as u64;
    let memory = 2.1e6 + shape.bytes_in_flight * n;
    TrialRow {
        rss_peak_bytes: Some((memory * luck.around(0.03, 14)) as u64),
        kernel_memory_bytes: Some((1.2e6 + 21_000.0 * alive as f64) as u64),
        threads_peak: Some(alive),
        threads_spawned: Some(spawned),
        kernel_forks: Some(spawned + 1),
        ctx_voluntary: Some((switches * 0.96) as u64),
        ctx_involuntary: Some((switches * 0.04) as u64),
        upstream_received: Some(2 * completions.round() as u64),
        upstream_answered: Some(2 * completions.round() as u64),
        upstream_cpu_s: Some(completions * 24e-6),
        hold_error_p50_us: Some(31.0 * luck.around(0.1, 15)),
        hold_error_p99_us: Some(410.0 * luck.around(0.2, 16)),
        started: [(completions * 0.5) as u64, completions as u64, (completions * 0.2) as u64],
        total_s: Some(3.6),
        connects: 2 * n as u64,
        steal: Some(0.002),
        thread_running_ms: Some(shape.cpu_us / 1e3),
        thread_runnable_ms: Some(shape.cpu_us * shape.switches / 5e4),
        thread_waiting_ms: Some(if shape.threads_per_request > 0 {
            348.0
        } else {
            alive as f64 / n
        }),
        budget: Some(budget(shape, luck)),
        completions_by_tenth: tenths(completions),
        checks: vec![
            check("ledger", "ids sent = received = answered = recorded", "any difference"),
            check("hold error", "p99 0.41 ms", "over 1 ms or 2 % of the delay"),
        ],
        ..TrialRow::default()
    }
}

/// A budget whose parts add up.
fn budget(shape: &Shape, luck: &Luck) -> Budget {
    let parts = [
        ("start", 0.2, "from dispatch to the first line of the request"),
        ("connection", 0.05, "getting a connection"),
        ("send", 0.15, "writing the request"),
        ("held", FLOOR_MEAN_MS * 1e3 / shape.cpu_us, "deliberately held back by the mock"),
        ("wake-up", 0.8, "from the answer's arrival to its reader"),
        ("receive", 0.3, "reading and parsing"),
        ("combine", 0.1, "making the answer"),
    ];
    let part = |(at, (name, share, doc)): (usize, (&str, f64, &str))| {
        let mean_us = share * shape.cpu_us * luck.around(0.03, 20 + at as u32);
        BudgetPart {
            name: name.to_owned(),
            doc: doc.to_owned(),
            mean_us,
            p50_us: mean_us * 0.9,
            p99_us: Some(mean_us * 3.0),
        }
    };
    let parts: Vec<BudgetPart> = parts.into_iter().enumerate().map(part).collect();
    let total_mean_us = parts.iter().map(|part| part.mean_us).sum();
    Budget { sampled: 5, total_mean_us, parts, ..Budget::default() }
}

fn check(name: &str, value: &str, threshold: &str) -> Check {
    Check {
        name: name.to_owned(),
        value: value.to_owned(),
        threshold: threshold.to_owned(),
        outcome: CheckOutcome::Passed,
        of_threshold: None,
    }
}

/// Scatter between repeats: a hash of where the row stands, so that it is the same every time.
struct Luck(u64);

impl Luck {
    fn of(label: &str, concurrency: u32, repeat: u32) -> Self {
        let place = format!("{label}/{concurrency}/{repeat}");
        // 64-bit FNV-1a.
        Self(place.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    /// Uniform on −1 to 1, another one for each `salt`.
    fn signed(&self, salt: u32) -> f64 {
        // FNV moves its high bits little for the last byte: the finaliser of SplitMix64 does.
        let mut z = self.0.wrapping_add(u64::from(salt).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// A factor within `spread` of 1, another one for each `salt`.
    fn around(&self, spread: f64, salt: u32) -> f64 {
        1.0 + spread * self.signed(salt)
    }
}
