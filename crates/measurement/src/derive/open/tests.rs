//! Rows of made-up open-loop trials: each figure, and what each check says of it.

use std::ops::Range;
use std::path::Path;

use scenario::plan::Timing;
use scenario::{ModelKind, Phase, Scenario};

use super::super::{Identity, MockCpus, row};
use crate::exchange::{Exchange, Fate, MockLog};
use crate::histograms::TrialHistograms;
use crate::open::OpenFigures;
use crate::output::{Account, OpenAccount, Snapshot, TrialOutput, Window};
use crate::record::{LegOutcome, LegRecord, RequestRecord};
use crate::row::{CheckOutcome, TrialRow, Verdict};
use crate::stamps::Sample;

const MS: u64 = 1_000_000;
/// When the load began, CLOCK_MONOTONIC.
const BEGAN: u64 = 7_000 * MS;
/// From dispatch to the combined answer.
const SERVICE: u64 = 11 * MS;
/// From dispatch to the first instruction of the request's own unit.
const QUEUED: u64 = MS;
/// So much later than planned the supervisor reads the window's accounts.
const READ_LATE: u64 = 5 * MS;

/// Every request of a schedule, each dispatched `lag_ns` late.
struct Trial {
    scenario: Scenario,
    /// By phase; one that was shed has never started.
    records: [Vec<RequestRecord>; 3],
    /// Share of the one CPU that the client uses.
    cpu: f64,
    /// When it uses all of it, from the load's beginning.
    burst_ns: Range<u64>,
}

impl Trial {
    fn new(load: &str, lag_ns: u64) -> Self {
        let text = format!(
            "[upstream.a]\nlatency = \"10ms\"\n[upstream.b]\nlatency = \"4ms\"\n[combine]\n\
             timeout = \"50ms\"\n[load]\nwarmup = \"100ms\"\nrepeats = 1\n{load}\n[[model]]\nkind = \"m\"\n"
        );
        let kind = ModelKind { kind: "m", summary: "", options: &[] };
        let scenario =
            Scenario::parse(Path::new("s.toml"), &text, &[], &scenario::Kinds::of_models(&[kind]))
                .unwrap();
        let timing = Timing::of(&scenario, false);
        let schedule = scenario.trial_schedule(scenario.levels()[0], &timing, 0).unwrap();
        let until_ns = schedule.window_ns().end + 50 * MS;
        let mut records = [Vec::new(), Vec::new(), Vec::new()];
        for due in schedule.dues().take_while(|due| due.at_ns < until_ns) {
            let phase = match due.phase {
                Phase::Warmup => 0,
                Phase::Window => 1,
                _ => 2,
            };
            records[phase].push(record(BEGAN + due.at_ns, lag_ns));
        }
        Self { scenario, records, cpu: 0.2, burst_ns: 0..0 }
    }

    /// 200 requests a second for a second, at equal distances.
    fn constant(lag_ns: u64) -> Self {
        let load = "rate = [\"200/s\"]\narrivals = \"constant\"\nduration = \"1s\"";
        Self::new(load, lag_ns)
    }

    fn snapshot(&self, at_ns: u64) -> Snapshot {
        let started = self.records.iter().flatten().filter(|r| r.is_started());
        let until = |ns: u64| i128::from(if ns == 0 { at_ns } else { ns.min(at_ns) });
        let mut snapshot = Snapshot {
            at_ns,
            cpu_user_ns: self.cpu_ns(at_ns),
            upstream_cpu_ns: Some((at_ns - BEGAN) / 10),
            ..Snapshot::default()
        };
        for record in started.filter(|record| record.started_ns < at_ns) {
            let ended = record.is_ended() && record.ended_ns < at_ns;
            snapshot.ended += u64::from(ended);
            snapshot.in_flight += u64::from(!ended);
            snapshot.in_flight_ns += until(record.ended_ns) - i128::from(record.started_ns);
        }
        snapshot
    }

    fn cpu_ns(&self, at_ns: u64) -> u64 {
        let after_ns = at_ns - BEGAN;
        let burst_ns = after_ns.min(self.burst_ns.end).saturating_sub(self.burst_ns.start);
        (after_ns as f64 * self.cpu + burst_ns as f64 * (1.0 - self.cpu)) as u64
    }

    fn account(&self) -> Account {
        let (from_ns, to_ns) = (BEGAN + 100 * MS + READ_LATE, BEGAN + 1_100 * MS + READ_LATE);
        let count = |phase: usize, wanted: fn(&RequestRecord) -> bool| {
            self.records[phase].iter().filter(|record| wanted(record)).count() as u64
        };
        Account {
            window: Some(Window { start: self.snapshot(from_ns), end: self.snapshot(to_ns) }),
            started: [0, 1, 2].map(|phase| count(phase, RequestRecord::is_started)),
            shed: [0, 1, 2].map(|phase| count(phase, |record| !record.is_started())),
            open: Some(OpenAccount {
                began_ns: BEGAN,
                cpu_ns: (1..=11)
                    .map(|tenth| BEGAN + tenth * 100 * MS + READ_LATE)
                    .map(|at_ns| (at_ns, self.cpu_ns(at_ns)))
                    .collect(),
            }),
            exhausted: None,
            generations_cut: false,
            load_ns: (BEGAN, to_ns + 100 * MS),
            rss_peak_bytes: None,
            kernel_memory_bytes: None,
            threads_peak: 1,
            connects: 2,
            stale_connections: 0,
            pool_workers: None,
            besides: crate::output::Besides::default(),
            thread_time: None,
            join_depth_max: None,
            ended: [0, 1, 2].map(|phase| count(phase, RequestRecord::is_ended)),
            stops: Vec::new(),
            cpus: 1,
            notes: Vec::new(),
        }
    }

    fn log(&self) -> MockLog {
        let phases = [Phase::Warmup, Phase::Window, Phase::Cooldown];
        let sent = phases.into_iter().zip(&self.records).flat_map(|(phase, records)| {
            let sent = records.iter().enumerate().filter(|(_, record)| record.is_started());
            sent.flat_map(move |(index, record)| {
                [0, 1].map(|upstream| exchange(phase.id(index as u64), upstream, record.started_ns))
            })
        });
        MockLog { exchanges: sent.collect(), ..MockLog::default() }
    }

    fn derive(&self, log: &MockLog) -> (TrialRow, Option<TrialHistograms>) {
        let [warmup, window, cooldown] = self.records.clone();
        let sample = Sample::default();
        let output = TrialOutput { account: self.account(), warmup, window, cooldown, sample };
        let identity = Identity {
            model_index: 0,
            level_index: 0,
            level: self.scenario.levels()[0],
            timing: Timing::of(&self.scenario, false),
            repeat: 0,
            attempt: 1,
            order: 0,
        };
        row(&self.scenario, &identity, &output, log, MockCpus { count: 1, shared: 0, first: true })
    }

    fn row(&self) -> TrialRow {
        let row = self.derive(&self.log()).0;
        assert_eq!(crate::contradiction::contradiction(&row), None);
        row
    }
}

fn record(intended_ns: u64, lag_ns: u64) -> RequestRecord {
    let leg = |held_ns| LegRecord {
        requested_ns: held_ns,
        queued_ns: 0,
        held_ns,
        outcome: LegOutcome::Fetched,
    };
    let started_ns = intended_ns + lag_ns;
    RequestRecord {
        intended_ns,
        started_ns,
        begun_ns: started_ns + QUEUED,
        ended_ns: started_ns + SERVICE,
        legs: [leg(10 * MS), leg(4 * MS)],
        ..RequestRecord::default()
    }
}

fn exchange(id: u64, upstream: u8, started_ns: u64) -> Exchange {
    let held_ns = if upstream == 0 { 10 * MS } else { 4 * MS };
    // The second leg is sent a moment before the first.
    let received_ns = started_ns + 30_000 - u64::from(upstream) * 10_000;
    Exchange {
        id,
        received_ns,
        ended_ns: received_ns + held_ns,
        requested_ns: held_ns,
        queued_ns: 0,
        stalled_ns: 0,
        held_ns,
        upstream,
        fate: Fate::Answered,
        status: 200,
        opened: false,
    }
}

fn figures(row: &TrialRow) -> &OpenFigures {
    row.open.as_ref().expect("an open loop has them")
}

fn outcome(row: &TrialRow, name: &str) -> CheckOutcome {
    let check = row.checks.iter().find(|check| check.name.starts_with(name));
    check.unwrap_or_else(|| panic!("no check {name}")).outcome
}

fn close(value: Option<f64>, expected: f64) -> bool {
    value.is_some_and(|value| (value - expected).abs() < 1e-9 * expected.abs().max(1.0))
}

#[test]
fn each_clock_has_its_figures() {
    let trial = Trial::constant(MS / 2);
    let (row, histograms) = trial.derive(&trial.log());
    assert_eq!((row.verdict, row.reason.as_str()), (Verdict::Valid, ""));
    let open = figures(&row);
    assert!(close(row.latency_p50_ms, 11.5) && close(row.latency_mean_ms, 11.5));
    assert!(close(open.service.p50_ms, 11.0) && close(open.service.max_ms, 11.0));
    assert!(close(open.uncorrected.p50_ms, 10.0) && close(open.uncorrected.mean_ms, 10.0));
    assert!(close(open.lag.mean_ms, 0.5) && close(open.lag.p90_ms, 0.5));
    assert_eq!(row.send_lag_p99_ms, None, "200 requests carry no 99th percentile");
    assert!(close(row.added_p50_ms, 1.5), "the lag is added latency");
    assert_eq!((open.due, open.shed, open.undispatched), (200, 0, 0));
    assert_eq!((open.arrivals.as_str(), open.queue_grows), ("constant", false));
    assert!(close(row.ideal_rps, 200.0) && close(row.offered_rps, 200.0));
    assert!(close(row.efficiency, 1.0) && close(row.throughput_rps, 200.0));
    let clocks = histograms.unwrap().clocks;
    let medians: Vec<_> = clocks
        .iter()
        .map(|(tag, h)| (*tag, h.len(), h.value_at_quantile(0.5) / (MS / 10)))
        .collect();
    assert_eq!(medians, [("service", 200, 110), ("uncorrected", 200, 100), ("lag", 200, 5)]);
    assert_eq!(open.gaps, None);
    assert!(open.gaps_tested.starts_with("nothing"), "{}", open.gaps_tested);
}

#[test]
fn the_timeline_adds_up() {
    let row = Trial::constant(0).row();
    let slices = &figures(&row).timeline;
    assert_eq!(slices.len(), 10);
    for slice in slices {
        assert_eq!((slice.due, slice.shed, slice.completed), (20, 0, 20));
        assert!((slice.in_flight - 0.2 * 11.0).abs() < 1e-6, "{slice:?}");
        assert!(close(slice.p99_ms, 11.0));
        assert!((slice.cpu.unwrap() - 0.2).abs() < 1e-6);
    }
}

#[test]
fn accounts_read_late_balance_all_the_same() {
    let row = Trial::constant(0).row();
    let checks = ["bookkeeping", "ledger", "generator: every", "open loop", "steady: N"];
    for name in checks {
        assert_eq!(outcome(&row, name), CheckOutcome::Passed, "{name}");
    }
    let bookkeeping = row.checks.iter().find(|check| check.name.starts_with("bookkeeping"));
    assert!(bookkeeping.unwrap().value.starts_with("0.000 %"), "{bookkeeping:?}");
}

#[test]
fn a_generator_that_is_late_for_no_reason_is_refused() {
    let mut trial = Trial::constant(2 * MS);
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Inconsistent);
    assert!(row.reason.contains("sent late") && row.reason.contains("2.000 ms"), "{}", row.reason);
    trial.cpu = 0.95;
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Saturated, "the model left it no CPU: {}", row.reason);
    assert_eq!(outcome(&row, "generator: lag"), CheckOutcome::NotChecked);
}

#[test]
fn lag_in_a_burst_of_the_models_own_work_is_told_and_counts() {
    let mut trial = Trial::constant(0);
    // Readings are 100 ms apart. Thirty requests are due in 150 ms, and wait for their turn.
    let burst_ns = 500 * MS + READ_LATE..700 * MS + READ_LATE;
    for record in &mut trial.records[1] {
        if (BEGAN + burst_ns.start..BEGAN + burst_ns.end - 50 * MS).contains(&record.intended_ns) {
            record.started_ns += 8 * MS;
            record.begun_ns += 8 * MS;
            record.ended_ns += 8 * MS;
        }
    }
    let idle = trial.row();
    assert_eq!(idle.verdict, Verdict::Inconsistent, "{}", idle.reason);
    assert!(!idle.reason.contains("own threads"), "{}", idle.reason);
    trial.burst_ns = burst_ns;
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Inconsistent);
    // Those of the 100 ms after it are counted with it.
    let told = "p99 8.000 ms of 200 requests; 60 of them were due while the client’s own threads had all of the CPU, the p99 of the others is 0.000 ms";
    assert!(row.reason.contains(told), "{}", row.reason);
    assert!(close(row.latency_max_ms, 19.0), "it counts in the response");
}

#[test]
fn a_request_at_another_time_than_planned_is_refused() {
    let mut trial = Trial::constant(0);
    trial.records[1][17].intended_ns += 1;
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Inconsistent);
    assert!(row.reason.contains("request 17"), "{}", row.reason);
}

#[test]
fn shed_requests_are_no_latency_and_no_loss() {
    let mut trial = Trial::constant(0);
    for record in trial.records[1].iter_mut().step_by(4) {
        *record = RequestRecord { intended_ns: record.intended_ns, ..RequestRecord::default() };
    }
    let row = trial.row();
    assert_eq!((row.requests, row.ok, row.censored), (150, 150, 0));
    assert_eq!((figures(&row).due, figures(&row).shed), (200, 50));
    assert!(close(row.latency_p50_ms, 11.0));
    assert_eq!(figures(&row).timeline.iter().map(|slice| slice.shed).sum::<u64>(), 50);
    assert_eq!(row.verdict, Verdict::Saturated, "{}", row.reason);
    assert!(row.reason.contains("25.0 % shed"), "{}", row.reason);
    assert!(!figures(&row).queue_grows, "what is shed does not pile up");
    assert_eq!(outcome(&row, "steady: N"), CheckOutcome::NotChecked);
    let mut log = trial.log();
    log.exchanges.push(exchange(0, 0, trial.records[1][0].intended_ns));
    assert_eq!(trial.derive(&log).0.verdict, Verdict::Inconsistent, "shed, and yet received");
}

#[test]
fn what_the_dispatcher_never_came_to_is_counted() {
    let mut trial = Trial::constant(0);
    trial.records[1].truncate(150);
    trial.records[2].clear();
    let row = trial.row();
    assert_eq!((row.requests, row.ok, row.censored), (200, 150, 50));
    assert_eq!((figures(&row).due, figures(&row).undispatched), (200, 50));
    assert_eq!(row.latency_max_ms, None);
    assert!(figures(&row).queue_grows);
    assert_eq!(row.verdict, Verdict::Unsteady, "{}", row.reason);
    assert!(row.reason.contains("nothing known is used up"), "{}", row.reason);
    trial.cpu = 0.97;
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Saturated);
    assert!(row.reason.starts_with("capacity reached: 151/s of 200/s"), "{}", row.reason);
    assert!(row.notes.iter().any(|note| note.contains("window’s length")), "{:?}", row.notes);
}

#[test]
fn stages_are_no_steady_state_and_are_not_judged_by_one() {
    let stages = "stages = [{ rate = \"100/s\", for = \"500ms\" }, { rate = \"300/s\", for = \"500ms\" }]\n\
                  arrivals = \"constant\"";
    let row = Trial::new(stages, 0).row();
    assert_eq!((row.verdict, row.reason.as_str()), (Verdict::Valid, ""));
    assert_eq!(figures(&row).due, 200);
    for name in ["open loop", "steady: N", "steady: first"] {
        assert_eq!(outcome(&row, name), CheckOutcome::NotChecked, "{name}");
    }
    let due: Vec<u64> = figures(&row).timeline.iter().map(|slice| slice.due).collect();
    assert_eq!(due, [10, 10, 10, 10, 10, 30, 30, 30, 30, 30]);
}

#[test]
fn gaps_are_tested_where_there_is_a_law() {
    for load in [
        "rate = [\"2000/s\"]\nduration = \"1s\"",
        "stages = [{ ramp_to = \"4000/s\", for = \"1s\" }]",
    ] {
        let mut trial = Trial::new(load, 0);
        let open = figures(&trial.row()).clone();
        let received = open.gaps.unwrap();
        assert_eq!(received.gaps, open.due - 1);
        assert!(received.p_value > 1e-3 && received.distance < 0.05, "{load}: {received:?}");
        // A dispatcher that looks once in 2 ms sends what is due by then in one go.
        for record in trial.records.iter_mut().flatten() {
            record.started_ns = record.intended_ns.next_multiple_of(2 * MS);
            record.ended_ns = record.started_ns + SERVICE;
        }
        let open = figures(&trial.row()).clone();
        let sent = open.gaps.unwrap();
        assert!(sent.p_value < 1e-4 && sent.distance > 0.3, "{load}: {sent:?}");
    }
}

#[test]
fn what_no_model_noted_is_not_known() {
    let mut trial = Trial::constant(0);
    for record in trial.records.iter_mut().flatten() {
        record.begun_ns = 0;
    }
    assert!(figures(&trial.row()).uncorrected.is_empty());
}
