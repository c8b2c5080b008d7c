//! Rows of made-up trials: what each figure is, and what each check refuses.

use std::path::Path;

use scenario::{GuardKind, Kinds, ModelKind, Phase, Scenario};

use super::{Identity, MockCpus, row};
use crate::exchange::{Exchange, Fate, LoopSlot, MockLog};
use crate::output::{Account, Snapshot, TrialOutput, Window};
use crate::record::{LegOutcome, LegRecord, RequestRecord};
use crate::row::{CheckOutcome, Exhausted, TrialRow, Verdict};
use crate::stamps::Sample;

pub(super) const MS: u64 = 1_000_000;
/// The window's start, CLOCK_MONOTONIC.
pub(super) const START: u64 = 5_000 * MS;

/// A trial of one request at a time, each 11 ms of which the mock held 10, over one second.
pub(super) struct Trial {
    pub(super) output: TrialOutput,
    pub(super) log: MockLog,
    pub(super) upstream_cpus: MockCpus,
    /// `--set` texts.
    pub(super) overrides: Vec<String>,
}

pub(super) fn scenario(overrides: &[String]) -> Scenario {
    let text = "[upstream.a]\nlatency = \"10ms\"\n[upstream.b]\nlatency = \"4ms\"\n\
                [combine]\ntimeout = \"50ms\"\n[load]\nconcurrency = [1]\n[[model]]\nkind = \"m\"\n";
    let kinds = Kinds {
        models: vec![ModelKind { kind: "m", summary: "", options: &[] }],
        guards: vec![GuardKind { name: "moat", summary: "" }],
        cpus: None,
    };
    Scenario::parse(Path::new("s.toml"), text, overrides, &kinds).unwrap()
}

fn leg(held_ns: u64) -> LegRecord {
    LegRecord { requested_ns: held_ns, queued_ns: 0, held_ns, outcome: LegOutcome::Fetched }
}

pub(super) fn record(index: u64) -> RequestRecord {
    let started_ns = START + index * 11 * MS;
    RequestRecord {
        intended_ns: started_ns,
        started_ns,
        ended_ns: started_ns + 11 * MS,
        legs: [leg(10 * MS), leg(4 * MS)],
        ..RequestRecord::default()
    }
}

pub(super) fn exchange(id: u64, upstream: u8) -> Exchange {
    let held_ns = if upstream == 0 { 10 * MS } else { 4 * MS };
    Exchange {
        id,
        received_ns: START,
        ended_ns: START + held_ns,
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

impl Trial {
    /// 100 requests, of which the first 99 end inside a window of 1,089 ms.
    pub(super) fn sound() -> Self {
        Self::of(100)
    }

    /// The same of so many requests.
    pub(super) fn of(count: u64) -> Self {
        let end_ns = START + (count - 1) * 11 * MS;
        let start = Snapshot { at_ns: START, upstream_cpu_ns: Some(0), ..Snapshot::default() };
        let end = Snapshot {
            at_ns: end_ns,
            ended: count - 1,
            in_flight: 1,
            in_flight_ns: i128::from(end_ns - START),
            cpu_user_ns: 100 * MS,
            cpu_system_ns: 98 * MS,
            upstream_cpu_ns: Some(200 * MS),
            ..Snapshot::default()
        };
        let account = Account {
            window: Some(Window { start, end }),
            started: [0, count, 0],
            shed: [0; 3],
            open: None,
            exhausted: None,
            generations_cut: false,
            load_ns: (START, end_ns),
            rss_peak_bytes: Some(1),
            kernel_memory_bytes: None,
            threads_peak: 1,
            connects: 2,
            stale_connections: 0,
            pool_workers: None,
            besides: crate::output::Besides::default(),
            join_depth_max: None,
            thread_time: None,
            ended: [0, count, 0],
            stops: Vec::new(),
            cpus: 1,
            notes: Vec::new(),
        };
        let exchanges = (0..count).flat_map(|id| [exchange(id, 0), exchange(id, 1)]).collect();
        let window = (0..count).map(record).collect();
        Self {
            output: TrialOutput {
                account,
                warmup: Vec::new(),
                window,
                cooldown: Vec::new(),
                sample: Sample::default(),
            },
            log: MockLog { exchanges, ..MockLog::default() },
            upstream_cpus: MockCpus { count: 1, shared: 0, first: true },
            overrides: Vec::new(),
        }
    }

    pub(super) fn row(&self) -> TrialRow {
        let scenario = scenario(&self.overrides);
        let identity = Identity {
            model_index: 0,
            level_index: 0,
            level: scenario::Level::Concurrency(1),
            timing: scenario::plan::Timing::of(&scenario, false),
            repeat: 0,
            attempt: 1,
            order: 0,
        };
        row(&scenario, &identity, &self.output, &self.log, self.upstream_cpus).0
    }

    pub(super) fn end(&mut self) -> &mut Snapshot {
        &mut self.output.account.window.as_mut().unwrap().end
    }
}

fn close(value: Option<f64>, expected: f64) -> bool {
    value.is_some_and(|value| (value / expected - 1.0).abs() < 1e-9)
}

#[test]
fn a_sound_trial_gives_its_figures() {
    let row = Trial::sound().row();
    assert_eq!((row.verdict, row.reason.as_str()), (Verdict::Valid, ""));
    assert_eq!((row.requests, row.ok, row.censored), (100, 100, 0));
    assert!(close(row.duration_s, 1.089));
    assert!(close(row.throughput_rps, 99.0 / 1.089));
    assert!(close(row.latency_p50_ms, 11.0));
    assert_eq!(row.latency_p99_ms, None, "one sample beyond it is not ten");
    assert!(close(row.added_p50_ms, 1.0));
    assert!(close(row.ideal_rps, 100.0));
    assert!(close(row.efficiency, 99.0 / 108.9));
    assert!(close(row.inflight_mean, 1.0));
    assert!(close(row.cpu_us_per_request, 2_000.0));
    assert_eq!((row.upstream_received, row.upstream_answered), (Some(200), Some(200)));
    assert_eq!(row.completions_by_tenth.iter().sum::<u64>(), 98, "the last ends with the window");
    assert!(row.warmup_completions.is_empty(), "its warm-up is shorter than a tenth of the window");
    assert!(row.checks.iter().all(|check| check.outcome != CheckOutcome::Failed));
}

#[test]
fn requests_beyond_the_room_for_records_are_in_no_figure_made_from_those() {
    let mut trial = Trial::sound();
    trial.output.account.started[1] += 50;
    trial.end().ended += 50;
    let row = trial.row();
    assert!(close(row.throughput_rps, 149.0 / 1.089), "counted");
    assert_eq!((row.requests, row.goodput_rps), (100, None));
    assert!(row.completions_by_tenth.is_empty());
    assert_eq!(crate::contradiction::contradiction(&row), None);
}

#[test]
fn what_ends_before_the_window_is_counted_in_slices_as_long_as_its_tenths() {
    let mut trial = Trial::sound();
    // A tenth is 108.9 ms: it fits into 300 ms twice, and the rest is left out.
    trial.output.account.load_ns.0 = START - 300 * MS;
    let ended = |before_ns: u64| RequestRecord { ended_ns: START - before_ns, ..record(0) };
    trial.output.warmup =
        [1, 108 * MS, 110 * MS, 217 * MS, 250 * MS].into_iter().map(ended).collect();
    assert_eq!(trial.row().warmup_completions, [2, 2]);
}

#[test]
fn an_id_that_the_mock_never_saw_is_inconsistent() {
    let mut trial = Trial::sound();
    trial.log.exchanges.retain(|exchange| !(exchange.id == 7 && exchange.upstream == 1));
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Inconsistent);
    assert!(row.reason.contains("ledger of b") && row.reason.contains("id 7"), "{}", row.reason);
}

#[test]
fn an_id_received_twice_or_never_sent_is_inconsistent() {
    for id in [7, 4_000] {
        let mut trial = Trial::sound();
        trial.log.exchanges.push(exchange(id, 0));
        assert_eq!(trial.row().verdict, Verdict::Inconsistent, "{id}");
    }
    let mut trial = Trial::sound();
    trial.log.exchanges.push(exchange(Phase::Uncounted.id(4_000), 0));
    assert_eq!(trial.row().verdict, Verdict::Valid, "who brings no id is somebody else");
}

#[test]
fn an_error_that_the_mock_did_not_make_is_inconsistent() {
    for outcome in
        [LegOutcome::Status, LegOutcome::Timeout, LegOutcome::Closed, LegOutcome::Mismatch]
    {
        let mut trial = Trial::sound();
        trial.output.window[3].legs[0].outcome = outcome;
        assert_eq!(trial.row().verdict, Verdict::Inconsistent, "{outcome:?}");
    }
}

#[test]
fn a_timeout_after_its_deadline_is_accounted_for() {
    let mut trial = Trial::sound();
    let last = trial.output.window.last_mut().unwrap();
    last.ended_ns = last.started_ns + 51 * MS;
    last.legs[1] = LegRecord { outcome: LegOutcome::Timeout, ..LegRecord::default() };
    let abandoned = trial.log.exchanges.last_mut().unwrap();
    abandoned.fate = Fate::Abandoned;
    abandoned.held_ns = 50 * MS;
    let row = trial.row();
    assert_eq!((row.verdict, row.degraded), (Verdict::Valid, 1), "{}", row.reason);
    assert_eq!(row.errors.get("timeout"), Some(&1));
    assert!(row.added_mean_ms.unwrap() < 1.1, "the held time of the log is taken off");
}

#[test]
fn counters_that_disagree_with_the_records_are_inconsistent() {
    let mut trial = Trial::sound();
    trial.end().in_flight_ns += i128::from(3 * MS);
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Inconsistent);
    assert!(row.reason.contains("by counters"), "{}", row.reason);
}

#[test]
fn a_mock_that_is_late_or_busy_or_stalled_is_the_limit() {
    let mut late = Trial::sound();
    for exchange in late.log.exchanges.iter_mut().take(10) {
        exchange.held_ns += 2 * MS;
    }
    let mut busy = Trial::sound();
    busy.end().upstream_cpu_ns = Some(1_000 * MS);
    let mut stalled = Trial::sound();
    let slot = START / LoopSlot::LENGTH_NS;
    stalled.log.loop_slots = vec![LoopSlot {
        slot,
        turns: 100,
        turns_long: 9,
        turn_max_ns: 5 * MS,
        ..LoopSlot::default()
    }];
    for (name, trial) in [("late", late), ("busy", busy), ("stalled", stalled)] {
        assert_eq!(trial.row().verdict, Verdict::UpstreamLimited, "{name}");
    }
}

#[test]
fn spinning_is_no_work() {
    let mut trial = Trial::sound();
    trial.end().upstream_cpu_ns = Some(1_000 * MS);
    let first = START / LoopSlot::LENGTH_NS;
    let spun = |slot| LoopSlot { slot, spin_ns: 9 * MS, ..LoopSlot::default() };
    trial.log.loop_slots = (first..first + 100).map(spun).collect();
    assert_eq!(trial.row().verdict, Verdict::Valid);
}

#[test]
fn a_model_that_uses_all_its_cpu_or_pool_is_saturated() {
    let mut cpu = Trial::sound();
    cpu.end().cpu_user_ns = 1_000 * MS;
    let row = cpu.row();
    assert_eq!(row.verdict, Verdict::Saturated);
    assert!(row.checks.iter().all(|check| check.outcome != CheckOutcome::Failed));
    let mut pool = Trial::sound();
    // 14 ms of one worker a request allow 71.4/s: what was reached leaves none idle.
    pool.output.account.pool_workers = Some(1);
    assert_eq!(pool.row().verdict, Verdict::Saturated);
    pool.output.account.pool_workers = Some(2);
    assert_eq!(pool.row().verdict, Verdict::Valid);
}

#[test]
fn what_ran_out_comes_first() {
    let mut trial = Trial::sound();
    trial.log.exchanges.clear();
    trial.output.account.exhausted = Some(Exhausted {
        resource: "threads".to_owned(),
        reached: 120,
        limit: 121,
        because: "80 % of 151".to_owned(),
        in_flight: 40,
    });
    let row = trial.row();
    assert_eq!(row.verdict, Verdict::Exhausted);
    assert!(row.reason.contains("120") && row.reason.contains("40"), "{}", row.reason);
    trial.output.account.window = None;
    assert_eq!(trial.row().verdict, Verdict::Exhausted);
    trial.output.account.exhausted = None;
    assert_eq!(trial.row().verdict, Verdict::Failed);
}

#[test]
fn censored_requests_hide_what_lies_beyond_them() {
    let mut trial = Trial::sound();
    for record in trial.output.window.iter_mut().skip(45) {
        record.ended_ns = 0;
    }
    let row = trial.row();
    assert_eq!(row.censored, 55);
    assert_eq!(row.latency_p50_ms, None, "the median is among those never seen to end");
    assert_eq!(row.latency_max_ms, None);
}
