//! An open loop under what goes wrong with load generators: one that sleeps too long, a schedule
//! that cannot be kept, a target that stops answering. And that every model takes the same
//! arrivals.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use measurement::clock::now_ns;
use measurement::output::TrialOutput;
use measurement::record::{LegOutcome, RequestRecord};
use scenario::plan::Timing;
use scenario::{Phase, Scenario, Schedule, TrialLoad};

use super::{Arrivals, Counters, Ticket, TrialSpec, capacity, run};
use crate::load;
use crate::models;

const MS: u64 = 1_000_000;

/// An open loop with these `[load]` keys, a fetch deadline of 300 ms.
fn scenario(load: &str) -> Scenario {
    let text = format!(
        "[upstream.api1]\nlatency = \"1ms\"\n[upstream.api2]\nlatency = \"1ms\"\n\
         [combine]\ntimeout = \"300ms\"\n[load]\n{load}\n[[model]]\nkind = \"tokio\"\n"
    );
    Scenario::parse(Path::new("open.toml"), &text, &[], &crate::kinds()).unwrap()
}

fn spec(scenario: &Scenario, addresses: [SocketAddr; 2]) -> TrialSpec {
    let timing = Timing::of(scenario, false);
    TrialSpec {
        model: scenario.models[0].clone(),
        load: scenario.trial_load(scenario.levels()[0], &timing, 0),
        addresses,
        upstream_pid: None,
        warmup: timing.warmup,
        duration: timing.duration,
        mean_wait: scenario.mean_wait(0),
        upstream_p99: timing.upstream_p99,
        capacity: [0, 0],
        iterations_per_us: 0.0,
        recording: true,
    }
}

fn schedule(spec: &TrialSpec) -> &Schedule {
    match &spec.load {
        TrialLoad::Open(schedule) => schedule,
        TrialLoad::Closed { .. } => panic!("an open loop has a schedule"),
    }
}

/// When the window's requests are due, from the load's beginning.
fn planned_ns(schedule: &Schedule) -> Vec<u64> {
    let due = schedule.dues().take_while(|due| due.phase != Phase::Cooldown);
    due.filter(|due| due.phase == Phase::Window).map(|due| due.at_ns).collect()
}

/// Runs the arrivals of a scenario without a model: `serve` gets each ticket on the dispatcher's
/// thread, and may end it. Returns the window's records and the load's beginning.
fn dispatch(
    scenario: &Scenario,
    mut serve: impl FnMut(&Counters, Ticket),
) -> (Vec<RequestRecord>, u64, Arc<Counters>) {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let spec = spec(scenario, [nobody; 2]);
    let counters = Arc::new(Counters::new(capacity(&spec), true));
    let load = load::of(&spec.load, Duration::ZERO);
    let mut arrivals = Arrivals::new(load, Arc::clone(&counters));
    while let Some(ticket) = arrivals.next_blocking() {
        serve(&counters, ticket);
        if Phase::of(ticket.id) == Some(Phase::Cooldown) {
            counters.stop(Duration::ZERO);
        }
    }
    let (records, count) = counters.records(1);
    let decoded = (0..count).map(|at| RequestRecord::from_words(&records.words(at)).unwrap());
    let began_ns = counters.load_began_ns().unwrap();
    (decoded.collect(), began_ns, Arc::clone(&counters))
}

fn end(counters: &Counters, ticket: &Ticket) {
    let record = RequestRecord { ended_ns: now_ns(), ..RequestRecord::default() };
    counters.end(ticket, &record);
}

#[test]
fn a_dispatcher_that_sleeps_too_long_moves_nothing_and_skips_nothing() {
    let scenario = scenario(
        "rate = [\"400/s\"]\narrivals = \"constant\"\nwarmup = \"100ms\"\nduration = \"600ms\"\nrepeats = 1",
    );
    let stalled_at = 40;
    let mut stall_ns = (0, 0);
    let (records, began_ns, counters) = dispatch(&scenario, |counters, ticket| {
        end(counters, &ticket);
        if ticket.id == stalled_at {
            stall_ns.0 = now_ns();
            std::thread::sleep(Duration::from_millis(300));
            stall_ns.1 = now_ns();
        }
    });
    let planned = planned_ns(schedule(&spec(&scenario, [SocketAddr::from(([0, 0, 0, 0], 1)); 2])));
    assert_eq!(records.len(), planned.len());
    assert_eq!(counters.shed_by_phase(), [0, 0, 0]);
    let mut late = 0;
    for (record, planned_ns) in records.iter().zip(planned) {
        assert_eq!(record.intended_ns, began_ns + planned_ns, "the schedule stands");
        assert!(record.started_ns >= record.intended_ns, "nobody starts early");
        if (stall_ns.0..stall_ns.1).contains(&record.intended_ns) {
            late += 1;
            // Due while nobody was there: its lag is what was left of the stall, or more.
            assert!(record.started_ns >= stall_ns.1);
        }
    }
    // 300 ms at 400/s.
    assert!(late >= 119, "{late}");
}

#[test]
fn a_schedule_that_cannot_be_kept_loses_no_request() {
    // Ten times what a dispatcher can do that takes 100 us for a start, and a place in flight for
    // every one of them until sixteen are taken.
    let scenario = scenario(
        "rate = [\"100000/s\"]\nmax_in_flight = 16\nwarmup = \"10ms\"\nduration = \"100ms\"\nrepeats = 1",
    );
    let mut waiting = std::collections::VecDeque::new();
    let (records, began_ns, counters) = dispatch(&scenario, |counters, ticket| {
        let until_ns = now_ns() + MS / 10;
        while now_ns() < until_ns {
            std::hint::spin_loop();
        }
        waiting.push_back(ticket);
        // Every other start, one ends.
        if waiting.len().is_multiple_of(2) {
            waiting.pop_front().iter().for_each(|ticket| end(counters, ticket));
        }
        if waiting.len() >= 16 {
            waiting.drain(..8).for_each(|ticket| end(counters, &ticket));
        }
    });
    let spec = spec(&scenario, [SocketAddr::from(([0, 0, 0, 0], 1)); 2]);
    let planned = planned_ns(schedule(&spec));
    let [started, shed] = [counters.started()[1], counters.shed_by_phase()[1]];
    assert_eq!(started + shed, planned.len() as u64, "due = started + shed");
    assert_eq!(records.iter().filter(|record| !record.is_started()).count() as u64, shed);
    let mut last_ns = 0;
    for (record, planned_ns) in records.iter().zip(planned) {
        assert_eq!(record.intended_ns, began_ns + planned_ns);
        if record.is_started() {
            assert!(record.started_ns >= record.intended_ns.max(last_ns), "in order, never early");
            last_ns = record.started_ns;
        }
    }
}

/// A server that treats each connection by `serve`, on a thread.
fn server(serve: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

/// Reads and never answers.
fn silent(mut stream: TcpStream) {
    let mut bytes = [0; 1024];
    while matches!(stream.read(&mut bytes), Ok(count) if count > 0) {}
}

/// Answers every request at once.
fn prompt(mut stream: TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0];
    while matches!(stream.read(&mut byte), Ok(1)) {
        head.push(byte[0]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8(std::mem::take(&mut head)).unwrap();
        let upstream = text.split(['/', ' ']).nth(2).unwrap();
        let id = text.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
        let body = format!(r#"{{"upstream":"{upstream}","id":{id}}}"#);
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// A whole trial of `kind` against two upstreams that are this server.
fn trial(scenario: &Scenario, kind: &str, serve: fn(TcpStream)) -> TrialOutput {
    let mut spec = spec(scenario, [server(serve), server(serve)]);
    kind.clone_into(&mut spec.model.kind);
    let finished = run(scenario, &spec, &mut |_| {}).unwrap();
    let mut bytes = Vec::new();
    finished.write_to(&mut bytes).unwrap();
    let cut = bytes.iter().position(|&byte| byte == b'\n').unwrap();
    let head = std::str::from_utf8(&bytes[..cut]).unwrap().to_owned();
    TrialOutput::read(&head, &mut &bytes[cut + 1..]).unwrap()
}

/// Most of these requests that were under way at once.
fn most_in_flight<'a>(records: impl Iterator<Item = &'a RequestRecord>) -> i64 {
    let mut changes: Vec<(u64, i64)> = records
        .filter(|record| record.is_started())
        .flat_map(|record| {
            let ended_ns = if record.is_ended() { record.ended_ns } else { u64::MAX };
            [(record.started_ns, 1), (ended_ns, -1)]
        })
        .collect();
    // At one time, ends come first: they made the place.
    changes.sort_unstable();
    let running = changes.iter().scan(0, |sum, &(_, change)| {
        *sum += change;
        Some(*sum)
    });
    running.max().unwrap_or(0)
}

#[test]
fn a_target_that_stops_answering_fills_the_places_and_the_rest_is_shed() {
    let scenario = scenario(
        "rate = [\"200/s\"]\nmax_in_flight = 8\nwarmup = \"200ms\"\nduration = \"800ms\"\nrepeats = 1",
    );
    for kind in ["tokio", "thread-per-request"] {
        let output = trial(&scenario, kind, silent);
        let planned = planned_ns(schedule(&spec(&scenario, [SocketAddr::from(([0; 4], 1)); 2])));
        let [started, shed] = [output.account.started[1], output.account.shed[1]];
        assert_eq!(started + shed, planned.len() as u64, "{kind}");
        assert_eq!(output.window.len(), planned.len(), "{kind}");
        // Eight places for 300 ms each take some 27 a second.
        assert!(shed > started && started >= 8, "{kind}: {started} started, {shed} shed");
        let all = || output.warmup.iter().chain(&output.window).chain(&output.cooldown);
        assert_eq!(most_in_flight(all()), 8, "{kind}");
        for record in output.window.iter().filter(|record| record.is_started()) {
            assert!(record.is_ended(), "{kind}: the deadline ends every one");
            assert!(record.latency_ns() >= 300 * MS, "{kind}");
            let outcomes = record.legs.map(|leg| leg.outcome);
            assert_eq!(outcomes, [LegOutcome::Timeout; 2], "{kind}");
        }
    }
}

#[test]
fn every_model_takes_the_same_arrivals() {
    let scenario =
        scenario("rate = [\"100/s\"]\nwarmup = \"100ms\"\nduration = \"400ms\"\nrepeats = 1");
    let planned = planned_ns(schedule(&spec(&scenario, [SocketAddr::from(([0; 4], 1)); 2])));
    for kind in models::kinds() {
        let output = trial(&scenario, kind.kind, prompt);
        let began_ns = output.account.open.as_ref().unwrap().began_ns;
        let intended: Vec<u64> = output.window.iter().map(|r| r.intended_ns - began_ns).collect();
        assert_eq!(intended, planned, "{}", kind.kind);
        assert_eq!(output.account.shed, [0, 0, 0], "{}", kind.kind);
        for record in &output.window {
            assert!(record.is_ended() && record.started_ns >= record.intended_ns, "{}", kind.kind);
            assert!(record.legs.iter().all(|leg| leg.outcome.is_fetched()), "{}", kind.kind);
        }
        let cpu = &output.account.open.as_ref().unwrap().cpu_ns;
        assert!(cpu.len() >= 2 && cpu.is_sorted(), "{}", kind.kind);
    }
}
