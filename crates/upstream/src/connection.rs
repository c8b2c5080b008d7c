//! One connection: its socket, what stage it is in, and when it has idled for too long.
//!
//! hyper reads and writes; what it may take is decided here. A single sweep over all connections
//! does what a timer per request would do at a cost in every exchange.

use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::AsFd;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use rustix::event::{PollFd, PollFlags, poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use crate::service::Mock;
use crate::worker::Worker;

/// Largest request head (and the most that pipelined requests may pile up), in bytes.
const HEAD_LIMIT: usize = 32 * 1024;
/// From this size of body on, copying it into hyper's buffer costs more than a vectored write.
const VECTORED_FROM: u64 = 16 * 1024;
/// Connections looked at in one turn of the event loop.
const SWEEP_SHARE: usize = 256;

/// How long a connection may do nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) sweep_every: Duration,
    /// Sweeps in which a connection outside a hold may make no progress: a head or a body that
    /// is not complete, an answer that is not read, an idle connection.
    pub(crate) patience: u32,
}

impl Default for Limits {
    /// As patient as nginx with an idle connection.
    fn default() -> Self {
        Self { sweep_every: Duration::from_secs(1), patience: 75 }
    }
}

/// What a connection is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A whole request head.
    Head,
    /// The rest of a request's body.
    Body,
    /// A deadline of ours.
    Hold,
}

/// What socket, service and sweep share of one connection.
pub(crate) struct Connection {
    stream: RefCell<TcpStream>,
    stage: Cell<Stage>,
    /// Changes with every stage and every write: what the sweep takes for progress.
    beats: Cell<u32>,
    /// A request has come.
    opened: Cell<bool>,
    /// Answers given.
    answered: Cell<u32>,
    /// hyper waits for the socket to become readable, so it will see the client leave.
    watching: Cell<bool>,
}

impl Connection {
    pub(crate) fn enter(&self, stage: Stage) {
        self.stage.set(stage);
        self.beat();
    }

    /// Says that a request has come; gives whether it is the first.
    pub(crate) fn open(&self) -> bool {
        !self.opened.replace(true)
    }

    /// Counts an answer; gives how many there are with it.
    pub(crate) fn answer(&self) -> u32 {
        let answered = self.answered.get().saturating_add(1);
        self.answered.set(answered);
        answered
    }

    fn beat(&self) {
        self.beats.set(self.beats.get().wrapping_add(1));
    }

    /// Whether the client has closed its side. Asked only where hyper does not look: with
    /// requests still in its buffer it reads no further, and a client that had gone would hold
    /// its place for as long as the answer takes, or for ever.
    fn deserted(&self) -> bool {
        let stream = self.stream.borrow();
        let mut fds = [PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::RDHUP)];
        let gone = PollFlags::RDHUP | PollFlags::HUP | PollFlags::ERR;
        poll(&mut fds, Some(&rustix::time::Timespec { tv_sec: 0, tv_nsec: 0 }))
            .is_ok_and(|ready| ready > 0 && fds[0].revents().intersects(gone))
    }
}

/// The connections of one worker.
#[derive(Default)]
pub(crate) struct Connections {
    entries: Vec<Option<Entry>>,
    free: Vec<usize>,
}

struct Entry {
    connection: Rc<Connection>,
    task: AbortHandle,
    beats_seen: u32,
    idle_sweeps: u32,
}

impl Connections {
    fn add(&mut self, entry: Entry) -> usize {
        if let Some(place) = self.free.pop() {
            self.entries[place] = Some(entry);
            return place;
        }
        self.entries.push(Some(entry));
        self.entries.len() - 1
    }

    fn remove(&mut self, place: usize) {
        self.entries[place] = None;
        self.free.push(place);
    }

    /// Looks at the connections of one share, from `start`; gives those to be ended.
    fn sweep(&mut self, start: usize, patience: u32) -> Vec<(AbortHandle, Reason)> {
        let share = self.entries.iter_mut().skip(start).take(SWEEP_SHARE);
        let ended = |entry: &mut Entry| Some((entry.task.clone(), entry.inspect(patience)?));
        share.flatten().filter_map(ended).collect()
    }
}

/// Why a sweep ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Deserted,
    Stalled,
}

impl Entry {
    fn inspect(&mut self, patience: u32) -> Option<Reason> {
        let Connection { stage, beats, watching, .. } = &*self.connection;
        if stage.get() == Stage::Hold {
            self.idle_sweeps = 0;
            let deserted = !watching.get() && self.connection.deserted();
            return deserted.then_some(Reason::Deserted);
        }
        if beats.get() != self.beats_seen {
            self.beats_seen = beats.get();
            self.idle_sweeps = 0;
            return None;
        }
        self.idle_sweeps += 1;
        (self.idle_sweeps > patience).then_some(Reason::Stalled)
    }
}

/// Ends connections that have made no progress for too long, for as long as the worker lives.
pub(crate) async fn sweep(worker: Rc<Worker>) {
    let Limits { sweep_every, patience } = worker.shared.limits;
    loop {
        worker.queue.sleep(sweep_every).await;
        let mut start = 0;
        while start < worker.connections.borrow().entries.len() {
            for (task, reason) in worker.connections.borrow_mut().sweep(start, patience) {
                if reason == Reason::Stalled {
                    worker.counters().timed_out.add();
                }
                task.abort();
            }
            start += SWEEP_SHARE;
            tokio::task::yield_now().await;
        }
    }
}

/// Serves a connection in a task of its own.
pub(crate) fn serve(worker: &Rc<Worker>, stream: TcpStream, position: usize) {
    let connection = Rc::new(Connection {
        stream: RefCell::new(stream),
        stage: Cell::new(Stage::Head),
        beats: Cell::new(0),
        opened: Cell::new(false),
        answered: Cell::new(0),
        watching: Cell::new(false),
    });
    let place = Rc::new(Cell::new(None));
    let serving = Serving {
        http: protocol(worker.upstream(position).body.largest_bytes()).serve_connection(
            TokioIo::new(Socket(Rc::clone(&connection))),
            Mock::new(Rc::clone(worker), Rc::clone(&connection), position),
        ),
        worker: Rc::clone(worker),
        place: Rc::clone(&place),
    };
    let task = tokio::task::spawn_local(serving).abort_handle();
    let entry = Entry { connection, task, beats_seen: 0, idle_sweeps: 0 };
    place.set(Some(worker.connections.borrow_mut().add(entry)));
}

/// How HTTP/1.1 is spoken.
///
/// `pipeline_flush` stays off: it keeps a finished answer back for as long as its client has sent
/// more than that one request, even half a request, so a pipelined answer would leave only with
/// the next one's delay on top. Without pipelining it changes nothing.
fn protocol(largest_body_bytes: u64) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .auto_date_header(false)
        .max_buf_size(HEAD_LIMIT)
        .writev(largest_body_bytes >= VECTORED_FROM);
    builder
}

/// The task of a connection.
struct Serving {
    http: http1::Connection<TokioIo<Socket>, Mock>,
    worker: Rc<Worker>,
    /// Where the sweep finds it.
    place: Rc<Cell<Option<usize>>>,
}

impl Future for Serving {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.worker.active();
        match pin!(&mut self.http).poll(cx) {
            Poll::Ready(Err(error)) if error.is_parse() => {
                self.worker.counters().bad_requests.add();
            }
            Poll::Ready(_) => {}
            Poll::Pending => return Poll::Pending,
        }
        Poll::Ready(())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            self.worker.connections.borrow_mut().remove(place);
        }
    }
}

/// The socket as hyper sees it. It claims no vectored writes for small bodies by way of
/// [`protocol`], and has them in truth for large ones.
struct Socket(Rc<Connection>);

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = pin!(&mut *self.0.stream.borrow_mut()).poll_read(cx, into);
        self.0.watching.set(read.is_pending());
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.beat();
        pin!(&mut *self.0.stream.borrow_mut()).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.beat();
        pin!(&mut *self.0.stream.borrow_mut()).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(())) // A TCP socket has nothing to flush.
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        pin!(&mut *self.0.stream.borrow_mut()).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, SocketAddr};
    use std::sync::mpsc;

    use scenario::law::{Distribution, Law};
    use scenario::{Fault, FaultKind, SizeLaw, Timer, Upstream};

    use super::*;
    use crate::server::{Config, Report, serve_within};

    #[derive(Debug)]
    struct Nothing;

    impl Distribution for Nothing {
        fn quantile_ns(&self, _: f64) -> f64 {
            0.0
        }

        fn cdf(&self, _: f64) -> f64 {
            1.0
        }

        fn describe(&self) -> String {
            "nothing".to_owned()
        }
    }

    /// What a client sends is never complete, so the mock has to close. Its last words.
    fn closed_on(sent: &'static str, hangs: bool) -> (Vec<u8>, Report) {
        let hang = Fault { kind: FaultKind::Hang, rate: 1.0 };
        let upstream = Upstream {
            body: SizeLaw::fixed(50_000_000),
            faults: if hangs { vec![hang] } else { vec![] },
            ..Upstream::new("api1", Law::new(Nothing))
        };
        let config = Config {
            upstreams: vec![upstream],
            seed: 0,
            repeat: 0,
            timer: Timer::Timerfd,
            workers: 1,
            bind: Ipv4Addr::LOCALHOST.into(),
            ports: None,
            keep_log: true,
            long_turn: Duration::from_millis(1),
        };
        let limits = Limits { sweep_every: Duration::from_millis(10), patience: 5 };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (announce, announced) = mpsc::channel::<SocketAddr>();
        let client = std::thread::spawn(move || {
            let mut stream = std::net::TcpStream::connect(announced.recv().unwrap()).unwrap();
            stream.write_all(sent.as_bytes()).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
            // A large answer stays unread until the mock has given up on it.
            std::thread::sleep(Duration::from_millis(400));
            let mut words = Vec::new();
            let _ = stream.read_to_end(&mut words);
            drop(stop);
            (words, stream) // It stays open until the mock has ended.
        });
        let ready = |addresses: &[SocketAddr]| announce.send(addresses[0]).unwrap();
        let stop = async move { drop(stopped.await) };
        let report = serve_within(limits, &config, ready, stop).unwrap();
        (client.join().unwrap().0, report)
    }

    #[test]
    fn whoever_makes_no_progress_is_closed() {
        let starts = [
            "",
            "GET /api1 HTTP/1.1\r\nHost: ",
            "POST /api1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nab",
            "GET /-/health HTTP/1.1\r\nHost: m\r\n\r\n",
        ];
        for start in starts {
            assert_eq!(closed_on(start, false).1.stats.timed_out, 1, "{start:?}");
        }
        let (words, report) = closed_on("GET /api1 HTTP/1.1\r\nHost: m\r\n\r\n", false);
        assert!(words.len() < 50_000_000, "an answer that is not read is given up");
        assert_eq!(report.stats.timed_out, 1);
    }

    #[test]
    fn whoever_is_held_is_not() {
        let (_, report) = closed_on("GET /api1 HTTP/1.1\r\nHost: m\r\n\r\n", true);
        assert_eq!((report.stats.timed_out, report.stats.pending), (0, 1));
    }
}
