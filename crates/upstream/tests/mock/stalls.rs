//! A scheduled stall: what falls into it goes at its end, told apart from the delay drawn; all
//! else goes as if there were none.

use std::time::Duration;

use measurement::exchange::{Exchange, Fate, MockLog};
use scenario::{Phase, Stall, Timer, Upstream};

use crate::support::{Client, Running, Spread, config, descriptors, upstream};

const TIMERS: [Timer; 3] = [Timer::Hybrid, Timer::Timerfd, Timer::Tokio];

const MS: u64 = 1_000_000;

fn stalled(name: &str, latency: Spread, at_ms: u64, for_ms: u64) -> Upstream {
    let stall = Stall { at: Duration::from_millis(at_ms), length: Duration::from_millis(for_ms) };
    Upstream { stall: Some(stall), ..upstream(name, latency) }
}

fn request(name: &str, id: u64) -> String {
    format!("GET /{name} HTTP/1.1\r\nHost: m\r\nx-request-id: {id}\r\n\r\n")
}

/// When the window's first request came.
fn began_ns(log: &MockLog) -> u64 {
    let window = log.exchanges.iter().filter(|entry| Phase::of(entry.id) == Some(Phase::Window));
    window.map(|entry| entry.received_ns).min().expect("the window has requests")
}

/// What a stall in `at_ms..to_ms` of the window must have added, by arithmetic.
fn owed_ns(entry: &Exchange, began_ns: u64, at_ms: u64, to_ms: u64) -> u64 {
    let due_ns = entry.received_ns + entry.requested_ns;
    let stall = began_ns + at_ms * MS..began_ns + to_ms * MS;
    if stall.contains(&due_ns) { stall.end - due_ns } else { 0 }
}

#[test]
fn what_falls_into_a_stall_goes_at_its_end() {
    // A hundred and twenty connections, both ends of each in this process.
    if descriptors() < 1_000 {
        return;
    }
    for timer in TIMERS {
        let two =
            vec![stalled("api1", Spread(0.0, 60.0), 100, 200), upstream("api2", Spread(0.0, 60.0))];
        let mut config = config(two);
        config.timer = timer;
        let mock = Running::start(config);
        // The warm-up does not start the clock.
        let mut first = mock.client();
        first.fetch("/api1", Phase::Warmup.id(0));
        std::thread::sleep(Duration::from_millis(120));
        let mut waiting: Vec<(Client, u64)> = Vec::new();
        for id in 0..60 {
            for (&address, name) in mock.addresses.iter().zip(["api1", "api2"]) {
                let mut client = Client::connect(address);
                client.send(request(name, id));
                waiting.push((client, id));
            }
            std::thread::sleep(Duration::from_millis(6));
        }
        for (client, id) in &mut waiting {
            let reply = client.reply();
            assert_eq!(reply.json()["id"], *id);
            let (requested_ms, held_ms) = reply.timing_ms();
            let stalled_ms = reply.stalled_ms().unwrap_or(0.0);
            // Each is cut to whole microseconds.
            assert!(held_ms >= requested_ms + stalled_ms - 0.002, "{timer:?}: {reply:?}");
        }
        let report = mock.stop();
        let began_ns = began_ns(&report.log);
        let mut kept = 0;
        for entry in &report.log.exchanges {
            let owed_ns = if entry.upstream == 0 { owed_ns(entry, began_ns, 100, 300) } else { 0 };
            assert_eq!(entry.stalled_ns, owed_ns, "{timer:?}: {entry:?}");
            assert!(entry.held_ns >= entry.requested_ns + entry.stalled_ns);
            assert_eq!(entry.ended_ns - entry.received_ns, entry.held_ns);
            assert_eq!(entry.late_ns(), entry.held_ns - entry.requested_ns - entry.stalled_ns);
            kept += u64::from(owed_ns > 0);
        }
        assert!(kept > 0, "{timer:?}: some fall into it");
        // The stall is no lateness: the ledger's hold error knows nothing of it.
        let latest_ns = report.log.exchanges.iter().map(Exchange::late_ns).max().unwrap_or(0);
        assert!((report.stats.hold_error.max_us - latest_ns as f64 / 1e3).abs() < 1.0);
    }
}

#[test]
fn an_upstream_without_delay_stalls_too_and_one_on_its_own_from_its_first_request() {
    let mock = Running::of(stalled("api1", Spread(0.0, 0.0), 0, 150));
    let mut client = mock.client();
    let first = client.get("/api1", "");
    let (requested_ms, held_ms) = first.timing_ms();
    assert!(requested_ms.abs() < f64::EPSILON && held_ms >= 150.0, "{first:?}");
    assert_eq!(first.stalled_ms(), Some(150.0));
    let second = client.get("/api1", "");
    assert_eq!(second.stalled_ms(), None, "the stall is over");
    let log = mock.stop().log;
    let stalls: Vec<u64> = log.exchanges.iter().map(|entry| entry.stalled_ns).collect();
    assert_eq!(stalls, [150 * MS, 0]);
}

#[test]
fn all_that_has_piled_up_goes_at_once_in_the_order_it_came() {
    // Four hundred connections, both ends of each in this process.
    if descriptors() < 1_000 {
        return;
    }
    for timer in TIMERS {
        let mut config = config(vec![stalled("api1", Spread(1.0, 1.0), 5, 400)]);
        config.timer = timer;
        let mock = Running::start(config);
        mock.client().fetch("/api1", 0);
        std::thread::sleep(Duration::from_millis(10));
        let mut clients: Vec<Client> = (0..400).map(|_| mock.client()).collect();
        for (id, client) in (1_u64..).zip(&mut clients) {
            client.send(request("api1", id));
        }
        for client in &mut clients {
            client.reply();
        }
        let log = mock.stop().log;
        let began_ns = began_ns(&log);
        let mut piled: Vec<&Exchange> = log.exchanges.iter().filter(|e| e.stalled_ns > 0).collect();
        assert!(!piled.is_empty(), "{timer:?}");
        piled.sort_unstable_by_key(|entry| entry.received_ns);
        assert!(piled.iter().all(|entry| entry.ended_ns >= began_ns + 405 * MS), "{timer:?}");
        if timer != Timer::Tokio {
            assert!(piled.is_sorted_by_key(|entry| entry.ended_ns), "{timer:?}: first come");
        }
    }
}

#[test]
fn a_client_that_goes_during_a_stall_was_kept_that_long() {
    let mock = Running::of(stalled("api1", Spread(5.0, 5.0), 0, 60_000));
    let mut client = mock.client();
    client.send(request("api1", 0));
    mock.until("the request", |stats| stats["received"] == 1);
    std::thread::sleep(Duration::from_millis(50));
    drop(client);
    mock.until("that its client went", |stats| stats["abandoned"] == 1);
    let log = mock.stop().log;
    let entry = &log.exchanges[0];
    assert_eq!(entry.fate, Fate::Abandoned);
    assert_eq!(entry.stalled_ns, entry.held_ns - entry.requested_ns);
    assert!(entry.stalled_ns >= 40 * MS);
}
