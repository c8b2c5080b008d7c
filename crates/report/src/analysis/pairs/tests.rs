//! What an A/A pair may and may not do, and how often noise alone is called a difference.

use measurement::row::Verdict;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::analysis::metric::{LATENCY_P99, THROUGHPUT};
use crate::analysis::{Analysis, Place};
use crate::format;
use crate::headline::headline;
use crate::sentence::to_text;
use crate::stats::Decision;
use crate::testing::Fixture;

/// The made-up run with a second tokio at `levels`.
fn with_twin(levels: &[u32]) -> Fixture {
    Fixture::high_latency().twin("tokio", "tokio-again", levels)
}

#[test]
fn the_same_kind_with_the_same_options_is_a_pair() {
    let analysis = with_twin(&[256]).analysis();
    let again: Vec<Option<usize>> = analysis.series.iter().map(|series| series.again).collect();
    assert_eq!(again, [None, None, None, None, Some(0)], "rayon and rayon-256 differ");
    let places: Vec<(&str, usize, usize)> =
        analysis.a_a().iter().map(|c| (c.metric.key, c.of, c.over)).collect();
    assert_eq!(places, [(THROUGHPUT.key, 0, 4), (LATENCY_P99.key, 0, 4)]);
    assert!(Fixture::high_latency().analysis().a_a().is_empty());
}

#[test]
fn a_twin_changes_nothing_of_what_is_said_of_the_others() {
    let said = |analysis: &Analysis| {
        let decisions: Vec<(usize, Decision)> =
            analysis.comparisons().iter().map(|c| (c.over, c.decision)).collect();
        let rivals: Vec<usize> = analysis.rivals().iter().map(|series| series.index).collect();
        (decisions, rivals, to_text(&headline(analysis), analysis, str::to_owned))
    };
    let plain = said(&Fixture::high_latency().analysis());
    assert_eq!(said(&with_twin(&[1, 8, 64, 256, 512, 1024]).analysis()), plain);
}

#[test]
fn a_twin_that_is_faster_is_no_winner() {
    let mut fixture = with_twin(&[1, 8, 64, 256, 512, 1024]).models(&["tokio", "tokio-again"]);
    for row in fixture.rows.iter_mut().filter(|row| row.model == "tokio-again") {
        row.throughput_rps = row.throughput_rps.map(|rps| rps * 1.5);
    }
    let analysis = fixture.analysis();
    assert_eq!(analysis.baseline().map(|series| series.index), Some(0));
    assert!(analysis.rivals().is_empty() && analysis.comparisons().is_empty());
    assert!(analysis.a_a().iter().any(|pair| pair.decision == Decision::Different), "it shows");
    let text = format::plain(&to_text(&headline(&analysis), &analysis, str::to_owned));
    assert!(!text.contains("tokio-again"), "{text}");
}

/// A draw from the standard normal law, by Box and Muller.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let mut unit = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let (a, b) = (1.0 - unit(), unit());
    (-2.0_f64 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// Share of runs in which noise alone is called a difference, per primary family. Repeats share
/// some luck (a busy minute of the host) and have some of their own.
fn false_calls(repeats: u32, levels: &[u32], noise: f64, runs: u32) -> [f64; 2] {
    let mut random = ChaCha8Rng::seed_from_u64(u64::from(repeats) << 32 | levels.len() as u64);
    let mut calls = [0_u32; 2];
    let base = with_twin(levels)
        .models(&["tokio", "tokio-again"])
        .keep(|row| row.repeat == 0 && levels.contains(&row.concurrency.unwrap_or(0)));
    for _ in 0..runs {
        let mut fixture = base.clone();
        fixture.rows.clear();
        for repeat in 0..repeats {
            let shared = noise * normal(&mut random);
            for row in &base.rows {
                let mut row = row.clone();
                row.repeat = repeat;
                row.throughput_rps = Some(1e3 * (shared + noise * normal(&mut random)).exp());
                row.latency_p99_ms = Some(50.0 * (shared + noise * normal(&mut random)).exp());
                fixture.rows.push(row);
            }
        }
        let analysis = fixture.analysis();
        for (family, metric) in [THROUGHPUT, LATENCY_P99].iter().enumerate() {
            let mut pairs = analysis.a_a().iter().filter(|pair| pair.metric.key == metric.key);
            let called = pairs.any(|pair| pair.decision == Decision::Different);
            calls[family] += u32::from(called);
        }
    }
    calls.map(|calls| f64::from(calls) / f64::from(runs))
}

/// Repeats that scatter by 5 % and less, as on a machine fit for measuring: a difference must also
/// be 5 % large, so that fewer than one run of twenty calls one. Seeded: always the same share.
#[test]
fn noise_alone_is_called_a_difference_in_at_most_one_run_of_twenty() {
    for (repeats, levels, noise) in [
        (3, &[256_u32][..], 0.02),
        (3, &[256], 0.05),
        (4, &[256], 0.04),
        (5, &[256], 0.05),
        (3, &[64, 256, 512], 0.05),
    ] {
        let shares = false_calls(repeats, levels, noise, 500);
        let place = format!("{repeats} repeats, {} levels, noise {noise}", levels.len());
        assert!(shares.iter().all(|share| *share <= 0.05), "{place}: {shares:?}");
    }
}

/// Where noise is so large that every effect counts, the rule is that of its intervals: one run
/// of twenty in the long run, so as many in this sample as chance allows (99.9 %).
#[test]
fn however_loud_the_noise_the_rule_keeps_its_level() {
    for (repeats, levels) in [(3, &[256_u32][..]), (5, &[256]), (3, &[64, 256, 512])] {
        let runs = 1_000;
        let shares = false_calls(repeats, levels, 0.5, runs);
        let allowed = 0.05 + 3.1 * (0.05 * 0.95 / f64::from(runs)).sqrt();
        let place = format!("{repeats} repeats, {} levels", levels.len());
        assert!(shares.iter().all(|share| *share <= allowed), "{place}: {shares:?}");
    }
}

/// Which model the others are compared with is the data's choice: of four that are alike the one
/// with the highest peak of three levels. That choice must not make false calls more frequent.
#[test]
fn choosing_the_best_by_its_figures_calls_no_more_differences() {
    let (runs, levels) = (500, [8_u32, 64, 256]);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let base = Fixture::high_latency()
        .keep(|row| row.repeat < 3 && levels.contains(&row.concurrency.unwrap_or(0)));
    let mut calls = 0_u32;
    for _ in 0..runs {
        let mut fixture = base.clone();
        for row in &mut fixture.rows {
            row.verdict = Verdict::Valid;
            row.throughput_rps = Some(1e3 * (0.5 * normal(&mut random)).exp());
        }
        let analysis = fixture.analysis();
        assert_eq!(analysis.comparisons().iter().filter(|c| c.place == Place::Peaks).count(), 3);
        let mut own = analysis.comparisons().iter().filter(|c| c.metric.key == THROUGHPUT.key);
        calls += u32::from(own.any(|c| c.decision == Decision::Different));
    }
    let allowed = 0.05 + 3.1 * (0.05 * 0.95 / f64::from(runs)).sqrt();
    let share = f64::from(calls) / f64::from(runs);
    assert!(share <= allowed, "{share} of {runs} runs, {allowed:.3} allowed");
}
