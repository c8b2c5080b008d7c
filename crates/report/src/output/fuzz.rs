//! Whatever figures a row brings, a report comes out: holes, zeros, extremes.

use measurement::row::{TrialRow, Verdict};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::testing::Fixture;

/// A figure as a broken or a strange trial may bring it.
fn figure() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        2 => Just(None),
        1 => Just(Some(0.0)),
        1 => Just(Some(-1.0)),
        1 => Just(Some(1e-12)),
        1 => Just(Some(1e15)),
        6 => (0.01..1e5_f64).prop_map(Some),
    ]
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX / 4), 0..100_000_u64]
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        6 => Just(Verdict::Valid),
        2 => Just(Verdict::Saturated),
        1 => Just(Verdict::Exhausted),
        1 => Just(Verdict::UpstreamLimited),
        1 => Just(Verdict::Unsteady),
        1 => Just(Verdict::Failed),
    ]
}

/// A verdict, figures and counts for one row.
type Change = (Verdict, Vec<Option<f64>>, Vec<u64>);

fn change() -> impl Strategy<Value = Change> {
    (verdict(), prop::collection::vec(figure(), 18), prop::collection::vec(count(), 8))
}

fn apply(row: &mut TrialRow, (verdict, f, n): Change) {
    row.verdict = verdict;
    (row.duration_s, row.throughput_rps, row.goodput_rps) = (f[0], f[1], f[2]);
    (row.ideal_rps, row.efficiency, row.latency_mean_ms) = (f[3], f[4], f[5]);
    (row.latency_p50_ms, row.latency_p90_ms, row.latency_p99_ms) = (f[6], f[7], f[8]);
    (row.latency_p999_ms, row.latency_max_ms, row.added_p50_ms) = (f[9], f[10], f[11]);
    (row.added_p99_ms, row.cpu_us_per_request, row.cpu_utilisation) = (f[12], f[13], f[14]);
    (row.pool_ceiling_rps, row.floor_p50_ms, row.floor_p99_ms) = (f[15], f[16], f[17]);
    (row.ok, row.degraded, row.failed) = (n[0], n[1], n[2]);
    (row.rss_peak_bytes, row.threads_peak) = (Some(n[3]), Some(n[4]));
    (row.threads_spawned, row.kernel_forks) = (Some(n[5]), Some(n[6]));
    (row.ctx_voluntary, row.ctx_involuntary) = (Some(n[7]), Some(n[5]));
}

proptest! {
    // One seed and no memory: a gate that says the same of the same code.
    #![proptest_config(ProptestConfig {
        cases: 64,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn any_figures_render(changes in prop::collection::vec((0..72_usize, change()), 1..72)) {
        let mut fixture = Fixture::flaky();
        for (at, change) in changes {
            apply(&mut fixture.rows[at], change);
        }
        let rendered = Report::of(fixture.analysis()).render().expect("renders");
        for (path, bytes) in &rendered.files {
            let text = std::str::from_utf8(bytes).expect("is text");
            prop_assert!(!text.contains("NaN"), "NaN in {}", path);
        }
    }
}
