//! Bodies of many sizes, framed in two ways, on connections that are closed now and then.

use std::collections::BTreeSet;
use std::io::Read;
use std::num::NonZeroU32;

use scenario::{Draws, FaultKind, Framing, SizeLaw, Upstream};

use crate::support::{Client, Reply, Running, Spread, config, faulty, upstream};

fn immediate() -> Upstream {
    upstream("api1", Spread(0.0, 0.0))
}

fn varied() -> Upstream {
    Upstream { body: SizeLaw::uniform(60, 40_000), ..immediate() }
}

fn closing(after: u32) -> Running {
    Running::of(Upstream { close_after: NonZeroU32::new(after), ..immediate() })
}

/// What a mock of this upstream answers to these ids, in this order, on one connection.
fn bodies(upstream: &Upstream, seed: u64, ids: impl Iterator<Item = u64>) -> Vec<String> {
    let mut config = config(vec![upstream.clone()]);
    config.seed = seed;
    let mock = Running::start(config);
    let mut client = mock.client();
    let fetch = |id| {
        let reply = client.fetch("/api1", id);
        assert_eq!(reply.json()["id"], id, "a document that says whose it is");
        reply.body
    };
    ids.map(fetch).collect()
}

#[test]
fn sizes_follow_their_law_whatever_the_order() {
    let forward = bodies(&varied(), 7, 0..200);
    let mut backward = bodies(&varied(), 7, (0..200).rev());
    backward.reverse();
    assert_eq!(forward, backward);
    let upstream = varied();
    let draws = Draws::new(7, 2, 0, &upstream);
    for (id, body) in (0..).zip(&forward) {
        assert_eq!(body.len() as u64, draws.draw(id).body_bytes, "id {id}");
    }
    let sizes = |bodies: &[String]| bodies.iter().map(String::len).collect::<Vec<_>>();
    let distinct: BTreeSet<usize> = sizes(&forward).into_iter().collect();
    assert!(distinct.len() > 150, "{distinct:?}");
    assert_ne!(sizes(&forward), sizes(&bodies(&varied(), 8, 0..200)), "another seed");
}

#[test]
fn chunks_bear_the_same_documents() {
    let whole = bodies(&varied(), 7, 0..100);
    let mock = Running::of(Upstream { framing: Framing::Chunked, ..varied() });
    let mut client = mock.client();
    for (id, whole) in (0..).zip(whole) {
        client.send(format!("GET /api1 HTTP/1.1\r\nHost: m\r\nx-request-id: {id}\r\n\r\n"));
        let (reply, sizes) = client.chunked();
        assert_eq!(reply.body, whole);
        assert!(sizes.len() >= 2, "{sizes:?}");
        assert!(sizes.iter().all(|size| *size <= 16_384), "{sizes:?}");
    }
    assert_eq!(mock.stop().log.connections, 1);
}

#[test]
fn a_large_body_arrives_in_chunks_to_pipelined_requests_too() {
    let body = SizeLaw::fixed(3_000_000);
    let mock = Running::of(Upstream { framing: Framing::Chunked, body, ..immediate() });
    let mut client = mock.client();
    let one = |id| format!("GET /api1 HTTP/1.1\r\nHost: m\r\nx-request-id: {id}\r\n\r\n");
    client.send((0..3).map(one).collect::<String>());
    for id in 0..3 {
        let (reply, _) = client.chunked();
        assert_eq!((reply.body.len(), &reply.json()["id"]), (3_000_000, &id.into()));
    }
}

#[test]
fn chunks_are_only_for_those_who_know_them() {
    let chunked = |upstream| Running::of(Upstream { framing: Framing::Chunked, ..upstream });
    let mock = chunked(immediate());
    let mut client = mock.client();
    client.send("HEAD /api1 HTTP/1.1\r\nHost: m\r\n\r\n");
    let head = client.head();
    assert_eq!((head.status, head.header("content-length")), (200, None));
    let pages = client.get("/-/health", "");
    assert_eq!(pages.body, "ok\n", "nothing was left over, and pages have a length");
    client.send("GET /api1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    let old = client.head();
    assert!(says_close(&old), "{old:?}");
    assert_eq!((old.version.as_str(), old.header("transfer-encoding")), ("HTTP/1.0", None));
    let mut body = String::new();
    client.stream.read_to_string(&mut body).unwrap();
    assert_eq!(body.len(), 100, "it ends where the connection does");
    serde_json::from_str::<serde_json::Value>(&body).unwrap();

    let mock = chunked(faulty("api1", FaultKind::Status(503), 1.0, Spread(0.0, 0.0)));
    let mut client = mock.client();
    client.send("GET /api1 HTTP/1.1\r\nHost: m\r\n\r\n");
    assert_eq!(client.chunked().0.status, 503);
}

fn says_close(reply: &Reply) -> bool {
    reply.header("connection") == Some("close")
}

#[test]
fn the_nth_answer_closes_its_connection() {
    let mock = closing(3);
    for _ in 0..2 {
        let mut client = mock.client();
        for answer in 1..=3 {
            assert_eq!(client.get("/-/health", "").status, 200, "pages do not count");
            let reply = client.get("/api1", "");
            assert_eq!((reply.status, reply.body.len()), (200, 100));
            assert_eq!(says_close(&reply), answer == 3, "answer {answer}");
        }
        assert!(client.is_closed());
    }
    assert_eq!(mock.stop().log.exchanges.len(), 6);
}

#[test]
fn close_means_after_every_answer_also_of_http_1_0() {
    let mock = closing(1);
    for request in ["HTTP/1.1\r\nHost: m\r\n", "HTTP/1.0\r\nConnection: keep-alive\r\n"] {
        let mut client = mock.client();
        client.send(format!("GET /api1 {request}\r\n"));
        let reply = client.reply();
        assert!(reply.status == 200 && says_close(&reply), "{reply:?}");
        assert!(client.is_closed());
    }
}

#[test]
fn what_is_pipelined_behind_the_last_answer_is_not_taken() {
    let mock = closing(2);
    let mut client = Client::connect(mock.addresses[0]);
    client.send("GET /api1 HTTP/1.1\r\nHost: m\r\n\r\n".repeat(5));
    assert!(!says_close(&client.reply()));
    assert!(says_close(&client.reply()));
    assert!(client.is_closed());
    let stats = mock.stop().stats;
    assert_eq!((stats.received, stats.answered, stats.abandoned), (2, 2, 0));
}

#[test]
fn errors_count_as_answers() {
    let failing = faulty("api1", FaultKind::Status(500), 1.0, Spread(0.0, 0.0));
    let mock = Running::of(Upstream { close_after: NonZeroU32::new(2), ..failing });
    let mut client = mock.client();
    assert!(!says_close(&client.get("/api1", "")));
    let last = client.get("/api1", "");
    assert!(last.status == 500 && says_close(&last));
    assert!(client.is_closed());
}
