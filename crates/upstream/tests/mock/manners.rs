//! HTTP as clients in the wild speak it.

use scenario::SizeLaw;

use crate::support::{Client, Running, Spread, config, upstream};

fn immediate() -> Running {
    Running::of(upstream("api1", Spread(0.0, 0.0)))
}

#[test]
fn a_connection_is_kept_for_many_requests() {
    let mock = immediate();
    let mut client = mock.client();
    for id in 0..200 {
        let reply = client.fetch("/api1", id);
        assert_eq!((reply.status, reply.version.as_str()), (200, "HTTP/1.1"));
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.body.len(), 100);
        let json = reply.json();
        assert_eq!((&json["upstream"], &json["id"]), (&"api1".into(), &id.into()));
    }
    let report = mock.stop();
    assert_eq!(report.log.connections, 1);
    assert_eq!(report.log.exchanges.len(), 200);
}

#[test]
fn a_large_body_arrives_whole() {
    let mut large = upstream("api1", Spread(0.0, 0.0));
    large.body = SizeLaw::fixed(3_000_000);
    let mock = Running::of(large);
    let reply = mock.client().fetch("/api1", 5);
    assert_eq!(reply.body.len(), 3_000_000);
    assert_eq!(reply.json()["id"], 5);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let mock = immediate();
    let mut client = mock.client();
    let one = |id| format!("GET /api1 HTTP/1.1\r\nHost: m\r\nx-request-id: {id}\r\n\r\n");
    let many: Vec<String> = (0..100).map(one).collect();
    client.send(many.concat());
    for id in 0..100 {
        assert_eq!(client.reply().json()["id"], id);
    }
}

#[test]
fn an_answer_leaves_although_half_of_the_next_request_has_come() {
    let mock = immediate();
    let mut client = mock.client();
    client.send("GET /api1 HTTP/1.1\r\nHost: m\r\n\r\nGET /api1 HTTP/1.1\r\nHo");
    assert_eq!(client.reply().status, 200);
    client.send("st: m\r\n\r\n");
    assert_eq!(client.reply().status, 200);
}

#[test]
fn head_is_get_without_the_body() {
    let mock = immediate();
    let mut client = mock.client();
    for _ in 0..2 {
        client.send("HEAD /api1 HTTP/1.1\r\nHost: m\r\n\r\n");
        let head = client.head();
        assert_eq!((head.status, head.header("content-length")), (200, Some("100")));
    }
    assert_eq!(client.get("/api1", "").status, 200, "nothing was left over");
}

#[test]
fn http_1_0_closes_unless_asked_to_keep() {
    let mock = immediate();
    let mut client = mock.client();
    for _ in 0..2 {
        client.send("GET /api1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        let reply = client.reply();
        assert_eq!((reply.status, reply.version.as_str()), (200, "HTTP/1.0"));
        assert_eq!(reply.header("connection"), Some("keep-alive"));
    }
    client.send("GET /api1 HTTP/1.0\r\n\r\n");
    assert_eq!(client.reply().body.len(), 100);
    assert!(client.is_closed());
}

#[test]
fn connection_close_is_obeyed() {
    let mock = immediate();
    let mut client = mock.client();
    assert_eq!(client.get("/api1", "Connection: close\r\n").status, 200);
    assert!(client.is_closed());
}

#[test]
fn a_body_is_read_and_dropped() {
    let mock = immediate();
    let mut client = mock.client();
    let large = "x".repeat(2_000_000);
    for body in ["", "abc", &large] {
        let length = body.len();
        client.send(format!(
            "POST /api1 HTTP/1.1\r\nHost: m\r\nContent-Length: {length}\r\n\r\n{body}"
        ));
        assert_eq!(client.reply().status, 200);
    }
    client.send("PUT /api1 HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("3\r\nabc\r\n0\r\n\r\n");
    assert_eq!(client.reply().status, 200);
    assert_eq!(client.get("/api1", "").status, 200, "nothing was left over");
}

#[test]
fn a_client_that_asks_first_is_told_to_continue() {
    let mock = immediate();
    let mut client = mock.client();
    client.send(
        "POST /api1 HTTP/1.1\r\nHost: m\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(client.head().status, 100);
    client.send("abc");
    assert_eq!(client.reply().status, 200);
}

#[test]
fn too_large_a_body_is_refused_without_delay() {
    let mock = Running::of(upstream("api1", Spread(1.0, 1.0)));
    let mut client = mock.client();
    client.send("POST /api1 HTTP/1.1\r\nHost: m\r\nContent-Length: 99999999\r\n\r\n");
    assert_eq!(client.reply().status, 413);
    let mut client = mock.client();
    client.send("POST /api1 HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    (0..140).for_each(|_| client.try_send(&chunk));
    mock.until("both refusals", |stats| stats["answered"] == 2);
    assert_eq!(mock.client().get("/api1", "").status, 200);
    let log = mock.stop().log;
    let statuses: Vec<u16> = log.exchanges.iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [413, 413, 200]);
    let delays: Vec<u64> = log.exchanges.iter().map(|entry| entry.requested_ns).collect();
    assert_eq!(delays, [0, 0, 1_000_000]);
}

#[test]
fn only_what_is_served_is_found() {
    let two = vec![upstream("api1", Spread(0.0, 0.0)), upstream("api2", Spread(0.0, 0.0))];
    let mock = Running::start(config(two));
    for (address, name) in mock.addresses.iter().zip(["api1", "api2"]) {
        let mut client = Client::connect(*address);
        assert_eq!(client.get(&format!("/{name}?a=b"), "").status, 200);
        assert_eq!(client.get("/api3", "").status, 404);
        assert_eq!(client.get(&format!("/{name}/"), "").status, 404);
        let index = client.get("/", "").body;
        for address in &mock.addresses {
            assert!(index.contains(&address.to_string()), "{index}");
        }
        assert_eq!(client.get("/-/health", "").body, "ok\n");
    }
    assert_eq!(Client::connect(mock.addresses[0]).get("/api2", "").status, 404);
    let report = mock.stop();
    assert_eq!(report.stats.not_found, 5);
    assert_eq!(report.log.exchanges.len(), 2, "pages are no exchanges");
}

#[test]
fn a_malformed_id_is_refused_and_the_connection_kept() {
    let mock = immediate();
    let mut client = mock.client();
    for wrong in ["abc", "", "-1", "18446744073709551616"] {
        let reply = client.get("/api1", &format!("x-request-id: {wrong}\r\n"));
        assert_eq!(reply.status, 400, "{wrong:?}");
    }
    assert_eq!(client.fetch("/api1", u64::MAX).json()["id"], u64::MAX);
    assert_eq!(mock.stop().stats.bad_ids, 4);
}

#[test]
fn requests_without_an_id_are_numbered_apart() {
    let mock = immediate();
    let mut client = mock.client();
    for number in 0..3 {
        let id = scenario::Phase::Uncounted.id(number);
        assert_eq!(client.get("/api1", "").json()["id"], id);
    }
}

#[test]
fn the_ledger_can_be_read_while_it_serves() {
    let mock = immediate();
    let mut client = mock.client();
    (0..10).for_each(|id| assert_eq!(client.fetch("/api1", id).status, 200));
    let stats = client.get("/-/stats", "").json();
    assert_eq!((&stats["received"], &stats["answered"]), (&10.into(), &10.into()));
    assert_eq!(stats["upstreams"][0]["name"], "api1");
    let shown = mock.stop().stats.to_string();
    assert!(shown.starts_with("api1: received 10, answered 10"), "{shown}");
}
