//! One fetch against raw sockets, in both worlds: what each way of failing is called.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use measurement::clock::now_ns;
use measurement::limits::Limit;
use measurement::record::LegOutcome;

use super::{Fetched, Sockets, Target};
use crate::admission::Exhaustion;
use crate::executor::block_on;
use crate::transport::{Poll2, Reactor, Transport};
use crate::trial::LegWatch;

const TIMEOUT: Duration = Duration::from_millis(300);

/// A server that hands each accepted connection, with its number, to `serve` on a thread.
fn server(serve: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (stream, serve) = (stream.unwrap(), Arc::clone(&serve));
            std::thread::spawn(move || serve(number, stream));
        }
    });
    address
}

/// Reads one request head and returns its id; `None` at the connection's end.
fn request(stream: &mut TcpStream) -> Option<u64> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("GET /api HTTP/1.1\r\n"), "{head}");
    let line = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    Some(line.parse().unwrap())
}

fn answer(stream: &mut TcpStream, id: u64, extra: &str) {
    let body = format!(r#"{{"upstream":"api","id":{id}}}"#);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nserver-timing: requested;dur=1.5, queued;dur=0, held;dur=1.75\r\n{extra}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // In two pieces, so that a body need not come with its head.
    std::thread::sleep(Duration::from_millis(5));
    stream.write_all(body.as_bytes()).unwrap();
}

fn target<T: Transport>(address: SocketAddr, keep_alive: bool) -> (Target<T>, Arc<Sockets>) {
    let sockets = Sockets::new(100);
    let limit = Limit { limit: 100, because: String::new() };
    let exhaustion = Arc::new(Exhaustion::new(limit));
    (Target::new("api", address, keep_alive, Arc::clone(&sockets), exhaustion).unwrap(), sockets)
}

/// Fetches ids 0, 1, … in both worlds; the outcomes must be the same. Returns them and the
/// connections opened.
fn fetch(
    address: SocketAddr,
    keep_alive: bool,
    count: u64,
    pause: Duration,
) -> (Vec<Fetched>, u64) {
    let (blocking, blocking_sockets) = target::<Poll2>(address, keep_alive);
    let deadline = || now_ns() + TIMEOUT.as_nanos() as u64;
    let in_poll: Vec<Fetched> = (0..count)
        .map(|id| {
            std::thread::sleep(pause);
            block_on(blocking.fetch(id, LegWatch::UNSAMPLED), deadline())
                .unwrap_or_else(|_| Fetched::failed(LegOutcome::Timeout))
        })
        .collect();
    let (tasks, task_sockets) = target::<Reactor>(address, keep_alive);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let in_reactor: Vec<Fetched> = runtime.block_on(async {
        let mut all = Vec::new();
        for id in 0..count {
            tokio::time::sleep(pause).await;
            let fetched = tokio::time::timeout(TIMEOUT, tasks.fetch(id, LegWatch::UNSAMPLED)).await;
            all.push(fetched.unwrap_or_else(|_| Fetched::failed(LegOutcome::Timeout)));
        }
        all
    });
    let outcomes = |all: &[Fetched]| all.iter().map(|f| f.leg).collect::<Vec<_>>();
    assert_eq!(outcomes(&in_poll), outcomes(&in_reactor), "both worlds see the same");
    assert_eq!(blocking_sockets.connects(), task_sockets.connects());
    assert_eq!(blocking_sockets.stale(), task_sockets.stale());
    (in_poll, blocking_sockets.connects())
}

fn outcome(serve: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> LegOutcome {
    let address = server(move |_, mut stream| {
        if request(&mut stream).is_some() {
            serve(&mut stream);
        }
    });
    let (fetched, _) = fetch(address, true, 1, Duration::ZERO);
    fetched[0].leg.outcome
}

#[test]
fn an_answer_is_taken_whole_and_its_connection_used_again() {
    let address = server(|_, mut stream| {
        while let Some(id) = request(&mut stream) {
            answer(&mut stream, id, "");
        }
    });
    let (fetched, connects) = fetch(address, true, 3, Duration::ZERO);
    assert_eq!(connects, 1);
    assert_eq!(fetched[2].body, r#"{"upstream":"api","id":2}"#);
    assert_eq!(fetched[2].leg.outcome, LegOutcome::Fetched);
    assert_eq!(fetched[2].leg.requested_ns, 1_500_000);
    assert_eq!(fetched[2].leg.held_ns, 1_750_000);
}

#[test]
fn per_request_connections_are_opened_anew() {
    let address = server(|_, mut stream| {
        while let Some(id) = request(&mut stream) {
            answer(&mut stream, id, "");
        }
    });
    assert_eq!(fetch(address, false, 3, Duration::ZERO).1, 3);
}

#[test]
fn a_connection_the_upstream_gives_up_is_not_used_again() {
    let address = server(|_, mut stream| {
        let id = request(&mut stream).unwrap();
        answer(&mut stream, id, "connection: close\r\n");
    });
    let (fetched, connects) = fetch(address, true, 2, Duration::ZERO);
    assert!(fetched.iter().all(|fetched| fetched.leg.outcome.is_fetched()));
    assert_eq!(connects, 2);
}

#[test]
fn an_idle_connection_closed_meanwhile_is_found_stale() {
    static STALE: AtomicUsize = AtomicUsize::new(0);
    let address = server(|_, mut stream| {
        let id = request(&mut stream).unwrap();
        STALE.fetch_add(1, Ordering::Relaxed);
        answer(&mut stream, id, "");
        // An end that comes together with the answer is seen with it, and nothing goes stale.
        std::thread::sleep(Duration::from_millis(50));
    });
    // Longer than the pause after which an idle connection is looked at.
    let (fetched, connects) = fetch(address, true, 2, Duration::from_millis(400));
    assert!(fetched.iter().all(|fetched| fetched.leg.outcome.is_fetched()), "{fetched:?}");
    assert_eq!(connects, 2);
    assert_eq!(STALE.load(Ordering::Relaxed), 4);
}

#[test]
fn every_way_of_failing_has_its_name() {
    assert_eq!(
        outcome(|stream| {
            let text = "HTTP/1.1 503 No\r\ncontent-length: 2\r\n\r\nno";
            stream.write_all(text.as_bytes()).unwrap();
        }),
        LegOutcome::Status
    );
    assert_eq!(outcome(|_| {}), LegOutcome::Closed);
    assert_eq!(
        outcome(|stream| {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").unwrap();
        }),
        LegOutcome::Closed
    );
    assert_eq!(
        outcome(|stream| stream.write_all(b"this is not HTTP\r\n\r\n").unwrap()),
        LegOutcome::Malformed
    );
    assert_eq!(
        outcome(|stream| {
            // Closing with a linger of zero sends a reset.
            let linger = Some(Duration::ZERO);
            rustix::net::sockopt::set_socket_linger(stream, linger).unwrap();
        }),
        LegOutcome::Reset
    );
    let begun = now_ns();
    assert_eq!(
        outcome(|stream| {
            let _ = stream.read(&mut [0]);
        }),
        LegOutcome::Timeout
    );
    assert!(now_ns() - begun >= 2 * TIMEOUT.as_nanos() as u64, "each world waited its deadline");
}

#[test]
fn nobody_listening_is_a_connect_error() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = unused.local_addr().unwrap();
    drop(unused);
    let (fetched, connects) = fetch(address, true, 1, Duration::ZERO);
    assert_eq!(fetched[0].leg.outcome, LegOutcome::Connect);
    assert_eq!(connects, 1);
}
