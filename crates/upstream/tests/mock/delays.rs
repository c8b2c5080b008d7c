//! What is asked of the delay queue, what it does, and what the ledger says about it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use measurement::exchange::{Exchange, Fate, MockLog};
use scenario::{Draws, FaultKind, Phase, Timer};

use crate::support::{Client, Running, Spread, config, descriptors, faulty, upstream};

const TIMERS: [Timer; 3] = [Timer::Hybrid, Timer::Timerfd, Timer::Tokio];

fn by_id(log: &MockLog) -> BTreeMap<u64, &Exchange> {
    log.exchanges.iter().map(|entry| (entry.id, entry)).collect()
}

#[test]
fn held_is_never_less_than_requested_whatever_the_timer() {
    for timer in TIMERS {
        let mut config = config(vec![upstream("api1", Spread(0.0, 20.0))]);
        config.timer = timer;
        let draws_of = config.upstreams[0].clone();
        let draws = Draws::new(config.seed, config.repeat, 0, &draws_of);
        let mock = Running::start(config);
        let fetches = |ids: std::ops::Range<u64>| {
            let mut client = mock.client();
            for id in ids {
                let started = Instant::now();
                let (requested_ms, held_ms) = client.fetch("/api1", id).timing_ms();
                let seen_ms = started.elapsed().as_secs_f64() * 1e3;
                let drawn_us = draws.draw(id).delay.as_nanos() / 1_000;
                assert_eq!((requested_ms * 1e3).round() as u128, drawn_us, "{timer:?}");
                assert!(held_ms >= requested_ms, "{timer:?}: {held_ms} < {requested_ms}");
                assert!(seen_ms >= held_ms, "{timer:?}: held {held_ms}, seen {seen_ms}");
            }
        };
        std::thread::scope(|scope| {
            (0..8)
                .for_each(|share| drop(scope.spawn(move || fetches(share * 10..share * 10 + 10))));
        });
        let report = mock.stop();
        assert_eq!(report.stats.hold_error.count, 80);
        for entry in &report.log.exchanges {
            assert!(entry.held_ns >= entry.requested_ns, "{timer:?}: {entry:?}");
            assert_eq!(entry.requested_ns, draws.draw(entry.id).delay.as_nanos() as u64);
            assert_eq!(entry.ended_ns - entry.received_ns, entry.held_ns);
        }
    }
}

#[test]
fn many_at_once_are_all_answered_at_their_own_time() {
    // Four hundred connections, both ends of each in this process.
    if descriptors() < 1_000 {
        return;
    }
    for timer in TIMERS {
        let mut config = config(vec![upstream("api1", Spread(1.0, 150.0))]);
        config.timer = timer;
        let mock = Running::start(config);
        let mut clients: Vec<Client> = (0..400).map(|_| mock.client()).collect();
        for (id, client) in (0_u64..).zip(&mut clients) {
            client.send(format!("GET /api1 HTTP/1.1\r\nHost: m\r\nx-request-id: {id}\r\n\r\n"));
        }
        for (id, client) in (0_u64..).zip(&mut clients) {
            let reply = client.reply();
            assert_eq!(reply.json()["id"], id);
            let (requested_ms, held_ms) = reply.timing_ms();
            assert!((requested_ms..requested_ms + 2_000.0).contains(&held_ms), "{timer:?}");
        }
        assert_eq!(mock.stop().stats.answered, 400);
    }
}

#[test]
fn the_same_id_meets_the_same_luck_in_whatever_order_and_concurrency() {
    let new = || {
        let flaky = faulty("api2", FaultKind::Status(503), 0.3, Spread(0.0, 3.0));
        let mut config = config(vec![upstream("api1", Spread(0.0, 3.0)), flaky]);
        config.workers = 2;
        Running::start(config)
    };
    let facts = |log: &MockLog| -> BTreeSet<(u8, u64, u64, u16)> {
        log.exchanges.iter().map(|e| (e.upstream, e.id, e.requested_ns, e.status)).collect()
    };
    let forward = new();
    for (address, name) in forward.addresses.iter().zip(["/api1", "/api2"]) {
        let mut client = Client::connect(*address);
        (0..200).for_each(|id| drop(client.fetch(name, id)));
    }
    let crowded = new();
    std::thread::scope(|scope| {
        for share in 0..10 {
            let addresses = crowded.addresses.clone();
            scope.spawn(move || {
                let mut clients: Vec<Client> = addresses.into_iter().map(Client::connect).collect();
                for id in (0..200).rev().filter(|id| id % 10 == share) {
                    clients[1].fetch("/api2", id);
                    clients[0].fetch("/api1", id);
                }
            });
        }
    });
    let (forward, crowded) = (forward.stop(), crowded.stop());
    assert_eq!(facts(&forward.log).len(), 400);
    assert_eq!(facts(&forward.log), facts(&crowded.log));
}

#[test]
fn faults_fall_where_the_pure_function_says() {
    let flaky = faulty("api1", FaultKind::Status(500), 0.25, Spread(0.0, 1.0));
    let config = config(vec![flaky.clone()]);
    let draws = Draws::new(config.seed, config.repeat, 0, &flaky);
    let mock = Running::start(config);
    let mut client = mock.client();
    let mut failed = 0;
    for id in 0..300 {
        let due = draws.draw(id).fault.map_or(200, |_| 500);
        let reply = client.fetch("/api1", id);
        assert_eq!(reply.status, due, "id {id}");
        assert_eq!(reply.json()["id"], id);
        failed += u64::from(due == 500);
    }
    assert!(failed > 0);
    let stats = mock.stop().stats;
    assert_eq!(stats.upstreams[0].faults[0].count, failed);
    assert_eq!(stats.answered, 300);
}

#[test]
fn a_hang_is_never_answered_and_abandoned_when_its_client_goes() {
    let mock = Running::of(faulty("api1", FaultKind::Hang, 1.0, Spread(0.0, 0.0)));
    let mut client = mock.client();
    client.send("GET /api1 HTTP/1.1\r\nHost: m\r\nx-request-id: 4\r\n\r\n");
    mock.until("the request", |stats| stats["received"] == 1);
    client.stream.get_mut().set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut none = [0];
    let silence = std::io::Read::read(client.stream.get_mut(), &mut none).unwrap_err();
    assert_eq!(silence.kind(), std::io::ErrorKind::WouldBlock);
    drop(client);
    mock.until("that its client went", |stats| stats["abandoned"] == 1);
    let report = mock.stop();
    let entry = by_id(&report.log)[&4];
    assert_eq!((entry.fate, entry.status), (Fate::Abandoned, 0));
    assert!(entry.held_ns >= 100_000_000);
    assert_eq!(report.stats.upstreams[0].faults[0].kind, "hang");
}

#[test]
fn clients_that_go_mid_delay_free_their_places() {
    for timer in TIMERS {
        let mut config = config(vec![upstream("api1", Spread(60_000.0, 60_000.0))]);
        config.timer = timer;
        let mock = Running::start(config);
        let mut clients: Vec<Client> = (0..50).map(|_| mock.client()).collect();
        for (id, client) in (0..).zip(&mut clients) {
            client.send(format!("GET /api1 HTTP/1.1\r\nHost: m\r\nx-request-id: {id}\r\n\r\n"));
        }
        mock.until("all requests", |stats| stats["received"] == 50);
        clients.truncate(20);
        mock.until("that thirty went", |stats| stats["abandoned"] == 30);
        let report = mock.stop();
        for (id, entry) in by_id(&report.log) {
            let fate = if id < 20 { Fate::Pending } else { Fate::Abandoned };
            assert_eq!(entry.fate, fate, "id {id}");
            assert_eq!(entry.requested_ns, 60_000_000_000);
        }
        assert_eq!((report.stats.abandoned, report.stats.pending), (30, 20));
    }
}

#[test]
fn a_client_that_goes_with_requests_still_unread_is_noticed() {
    let mock = Running::of(faulty("api1", FaultKind::Hang, 1.0, Spread(0.0, 0.0)));
    let mut client = mock.client();
    client.send("GET /api1 HTTP/1.1\r\nHost: m\r\n\r\n".repeat(3));
    mock.until("the first request", |stats| stats["received"] == 1);
    drop(client);
    mock.until("that its client went", |stats| stats["abandoned"] == 1);
    assert_eq!(mock.stop().stats.received, 1);
}

#[test]
fn a_body_that_comes_late_is_no_hold() {
    let mock = Running::of(upstream("api1", Spread(5.0, 5.0)));
    let mut client = mock.client();
    client.send("POST /api1 HTTP/1.1\r\nHost: m\r\nContent-Length: 3\r\n\r\n");
    std::thread::sleep(Duration::from_millis(400));
    client.send("abc");
    let (_, held_ms) = client.reply().timing_ms();
    assert!((5.0..300.0).contains(&held_ms), "{held_ms}");
}

#[test]
fn every_request_is_in_the_log_once_and_the_log_survives_a_pipe() {
    let two = vec![upstream("api1", Spread(0.0, 2.0)), upstream("api2", Spread(0.0, 2.0))];
    let mut config = config(two);
    config.workers = 2;
    let mock = Running::start(config);
    std::thread::scope(|scope| {
        for share in 0..8_u64 {
            let addresses = mock.addresses.clone();
            scope.spawn(move || {
                for (address, name) in addresses.iter().zip(["/api1", "/api2"]) {
                    let mut client = Client::connect(*address);
                    for index in 0..50 {
                        let id = Phase::Warmup.id(share * 50 + index);
                        client.fetch(name, id);
                    }
                }
            });
        }
    });
    let log = mock.stop().log;
    let seen: BTreeSet<_> = log.exchanges.iter().map(|entry| (entry.upstream, entry.id)).collect();
    let sent = |upstream| (0..400).map(move |index| (upstream, Phase::Warmup.id(index)));
    assert_eq!(seen, sent(0).chain(sent(1)).collect());
    assert_eq!(log.exchanges.len(), 800);
    assert_eq!(log.connections, 16);
    assert!(log.loop_slots.is_sorted_by_key(|slot| slot.slot) && !log.loop_slots.is_empty());

    let mut bytes = Vec::new();
    log.write_to(&mut bytes).unwrap();
    assert_eq!(MockLog::read_from(&mut bytes.as_slice()).unwrap(), log);
}

#[test]
fn without_a_log_only_counts_remain() {
    let mut config = config(vec![upstream("api1", Spread(0.0, 2.0))]);
    config.keep_log = false;
    let mock = Running::start(config);
    let mut client = mock.client();
    (0..50).for_each(|id| drop(client.fetch("/api1", id)));
    let report = mock.stop();
    assert!(report.log.exchanges.is_empty() && report.log.loop_slots.is_empty());
    assert_eq!((report.stats.answered, report.stats.hold_error.count), (50, 50));
}

#[test]
fn what_stops_it_may_use_timers_of_its_own() {
    let mut config = config(vec![upstream("api1", Spread(0.0, 0.0))]);
    for workers in [1, 3] {
        config.workers = workers;
        let stop = async { tokio::time::sleep(Duration::from_millis(20)).await };
        let report = upstream::serve(&config, |addresses| assert_eq!(addresses.len(), 1), stop);
        assert_eq!(report.unwrap().stats.received, 0);
    }
}
