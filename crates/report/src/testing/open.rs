//! A made-up open loop: rates that one model keeps up with longer than the other.

use measurement::open::{Distribution, GapTest, OpenFigures, TimeSlice};
use measurement::row::{LoadKind, TrialRow, Verdict};

use super::Fixture;

/// Offered rates, requests per second.
const RATES: [f64; 5] = [250.0, 500.0, 1_000.0, 2_000.0, 4_000.0];
/// Length of the windows, in slices of a second.
const SECONDS: u32 = 8;

/// tokio and thread-per-request of the closed fixture under a schedule.
pub(super) fn fixture() -> Fixture {
    let base = Fixture::high_latency().models(&["tokio", "thread-per-request"]);
    let mut fixture = base.keep(|row| row.level_index < RATES.len() as u32);
    let scenario = &mut fixture.run.scenario;
    "made_up_open".clone_into(&mut scenario.name);
    scenario.load = LoadKind::Open;
    scenario.levels = RATES.to_vec();
    scenario.arrivals = Some("poisson".to_owned());
    fixture.run.trials_planned = fixture.rows.len() as u32;
    for row in &mut fixture.rows {
        offer(row, RATES[row.level_index as usize]);
    }
    fixture
}

/// One trial whose rate goes up and comes down again.
pub(super) fn staged() -> Fixture {
    let mut fixture = fixture().keep(|row| row.offered_rps == Some(1_000.0));
    fixture.run.scenario.levels = vec![1_000.0];
    fixture.run.scenario.stages =
        ["500/s for 4 s", "2,000/s for 2 s", "500/s for 2 s"].map(str::to_owned).to_vec();
    for row in &mut fixture.rows {
        for slice in row.open.iter_mut().flat_map(|open| &mut open.timeline) {
            let surge = if (4.0..6.0).contains(&slice.at_s) { 2.0 } else { 0.5 };
            slice.due = (slice.due as f64 * surge) as u64;
            slice.completed = (slice.completed as f64 * surge) as u64;
            slice.in_flight *= surge;
            slice.p99_ms = slice.p99_ms.map(|ms| ms * surge.max(1.0));
        }
        settle(row);
    }
    fixture
}

/// Makes the counts of the row those of its timeline.
fn settle(row: &mut TrialRow) {
    let Some(open) = &mut row.open else { return };
    open.due = open.timeline.iter().map(|slice| slice.due).sum();
    open.shed = open.timeline.iter().map(|slice| slice.shed).sum();
    row.requests = open.due - open.shed;
    row.ok = row.requests;
}

/// What a closed loop has and a schedule has not.
fn forget_closed(row: &mut TrialRow) {
    row.concurrency = None;
    row.exhausted = None;
    row.ideal_rps = None;
    row.efficiency = None;
    row.pool_ceiling_rps = None;
    row.completions_by_tenth = Vec::new();
}

fn times(p50: f64, p99: f64) -> Distribution {
    Distribution {
        mean_ms: Some(p50),
        p50_ms: Some(p50),
        p90_ms: Some(f64::midpoint(p50, p99)),
        p99_ms: Some(p99),
        p999_ms: None,
        max_ms: Some(p99 * 1.5),
    }
}

fn offer(row: &mut TrialRow, rate: f64) {
    let most = if row.model == "tokio" { 7_000.0 } else { 1_250.0 };
    let seconds = f64::from(SECONDS);
    let achieved = rate.min(most);
    let over = (rate / most - 1.0).max(0.0);
    let due = (rate * seconds) as u64;
    let shed = if over > 1.0 { due / 4 } else { 0 };
    let completed = (achieved * seconds) as u64;
    row.load = LoadKind::Open;
    row.offered_rps = Some(rate);
    row.duration_s = Some(seconds);
    row.throughput_rps = Some(completed as f64 / seconds);
    row.goodput_rps = row.throughput_rps;
    row.requests = due - shed;
    (row.ok, row.degraded, row.failed, row.censored) = (row.requests, 0, 0, 0);
    forget_closed(row);
    let busy = achieved / most * 0.95;
    row.cpu_utilisation = Some(busy);
    row.cpu_user_s = Some(busy * seconds / 2.0);
    row.cpu_system_s = Some(busy * seconds / 2.0);
    row.cpu_us_per_request = Some(busy * seconds * 1e6 / completed as f64);
    (row.verdict, row.reason) = if over > 0.0 {
        (Verdict::Saturated, "its core 95 % busy".to_owned())
    } else {
        (Verdict::Valid, String::new())
    };
    // The backlog grows by the second: so does the wait in it.
    let backlog_ms = 1e3 * over * seconds;
    let service = 122.0 + 40.0 * over;
    row.latency_mean_ms = Some(service + backlog_ms / 2.0);
    row.latency_p50_ms = Some(service + backlog_ms / 2.0);
    row.latency_p90_ms = Some(service * 1.6 + backlog_ms * 0.9);
    row.latency_p99_ms = Some(service * 3.3 + backlog_ms);
    row.latency_p999_ms = None;
    row.latency_max_ms = Some(service * 6.0 + backlog_ms * 1.8);
    row.inflight_mean = Some(achieved * (service + backlog_ms / 2.0) / 1e3);
    row.send_lag_p99_ms = Some(0.2 + backlog_ms * 0.98);
    let slice = |second: u32| TimeSlice {
        at_s: f64::from(second),
        length_s: 1.0,
        due: rate as u64 + u64::from(second * 7 % 5),
        shed: shed / u64::from(SECONDS),
        completed: achieved as u64 - u64::from(second * 3 % 7),
        in_flight: achieved * service / 1e3 + rate * over * f64::from(second),
        p99_ms: Some(service * 3.3 + backlog_ms * f64::from(second) / seconds),
        cpu: Some(busy),
    };
    row.open = Some(OpenFigures {
        arrivals: "poisson".to_owned(),
        max_in_flight: 10_000,
        due,
        shed,
        service: times(service, service * 3.3),
        lag: times(0.05 + backlog_ms / 2.0, 0.2 + backlog_ms * 0.98),
        gaps: Some(GapTest { gaps: due - 1, a_squared: 0.8, p_value: 0.47, distance: 0.004 }),
        timeline: (0..SECONDS).map(slice).collect(),
        queue_grows: over > 0.0,
        ..OpenFigures::default()
    });
    settle(row);
}
