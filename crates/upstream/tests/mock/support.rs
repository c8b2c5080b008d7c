//! A mock in a thread, and a client that is nothing but a socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{LazyLock, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use scenario::law::{Distribution, Law};
use scenario::{Fault, FaultKind, SizeLaw, Timer, Upstream};
use tokio::sync::oneshot;
use upstream::{Config, Error, Report};

/// Longer than anything here takes; a test that waits for it has failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Latencies spread evenly between two bounds in milliseconds.
#[derive(Debug)]
pub(crate) struct Spread(pub(crate) f64, pub(crate) f64);

impl Distribution for Spread {
    fn quantile_ns(&self, u: f64) -> f64 {
        (self.0 + (self.1 - self.0) * u) * 1e6
    }

    fn cdf(&self, ns: f64) -> f64 {
        ((ns / 1e6 - self.0) / (self.1 - self.0)).clamp(0.0, 1.0)
    }

    fn describe(&self) -> String {
        format!("{} to {} ms", self.0, self.1)
    }
}

pub(crate) fn upstream(name: &str, latency: Spread) -> Upstream {
    Upstream { body: SizeLaw::fixed(100), ..Upstream::new(name, Law::new(latency)) }
}

/// An upstream that always does the same wrong thing.
pub(crate) fn faulty(name: &str, kind: FaultKind, rate: f64, latency: Spread) -> Upstream {
    Upstream { faults: vec![Fault { kind, rate }], ..upstream(name, latency) }
}

pub(crate) fn config(upstreams: Vec<Upstream>) -> Config {
    Config {
        upstreams,
        seed: 7,
        repeat: 2,
        timer: Timer::Timerfd,
        workers: 1,
        bind: Ipv4Addr::LOCALHOST.into(),
        ports: None,
        keep_log: true,
        long_turn: Duration::from_millis(1),
    }
}

/// A mock that serves until it is stopped.
pub(crate) struct Running {
    pub(crate) addresses: Vec<SocketAddr>,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<Report, Error>>,
}

/// Lets this process have as many descriptors as the OS allows it: mock and clients share them,
/// and so do all tests that run at once. Returns how many.
pub(crate) fn descriptors() -> u64 {
    static LIMIT: LazyLock<u64> = LazyLock::new(|| {
        let limit = getrlimit(Resource::Nofile);
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
        getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
    });
    *LIMIT
}

impl Running {
    pub(crate) fn start(config: Config) -> Self {
        descriptors();
        let (announce, announced) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let ready = move |addresses: &[SocketAddr]| announce.send(addresses.to_vec()).unwrap();
        let stop_seen = async move {
            let _ = stopped.await;
        };
        let thread = std::thread::spawn(move || upstream::serve(&config, ready, stop_seen));
        let addresses = announced.recv_timeout(PATIENCE).expect("the mock starts");
        Self { addresses, stop, thread }
    }

    /// A mock of one upstream, `api1`.
    pub(crate) fn of(upstream: Upstream) -> Self {
        Self::start(config(vec![upstream]))
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.addresses[0])
    }

    pub(crate) fn stop(self) -> Report {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap().unwrap()
    }

    /// Waits until the ledger says so: what the mock sees happens a little later than here.
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&serde_json::Value) -> bool) {
        for _ in 0..1_000 {
            let stats = self.client().get("/-/stats", "").json();
            if holds(&stats) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the mock never came to see: {what}");
    }
}

/// One connection.
pub(crate) struct Client {
    pub(crate) stream: BufReader<TcpStream>,
}

/// One response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) version: String,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    pub(crate) fn send(&mut self, text: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(text.as_ref()).unwrap();
    }

    /// Sends as much as the other side takes: it may close before the end.
    pub(crate) fn try_send(&mut self, text: impl AsRef<[u8]>) {
        let _ = self.stream.get_mut().write_all(text.as_ref());
    }

    /// A whole exchange; `headers` are lines that end in CRLF.
    pub(crate) fn get(&mut self, path: &str, headers: &str) -> Reply {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: mock\r\n{headers}\r\n"));
        self.reply()
    }

    pub(crate) fn fetch(&mut self, path: &str, id: u64) -> Reply {
        self.get(path, &format!("x-request-id: {id}\r\n"))
    }

    pub(crate) fn reply(&mut self) -> Reply {
        let mut reply = self.head();
        let length = reply.header("content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        reply.body = String::from_utf8(body).unwrap();
        reply
    }

    /// A response whose body comes in chunks, and their sizes.
    pub(crate) fn chunked(&mut self) -> (Reply, Vec<usize>) {
        let mut reply = self.head();
        assert_eq!(reply.header("transfer-encoding"), Some("chunked"));
        assert_eq!(reply.header("content-length"), None);
        let (mut body, mut sizes) = (Vec::new(), Vec::new());
        loop {
            let size = usize::from_str_radix(&self.line(), 16).unwrap();
            let start = body.len();
            body.resize(start + size, 0);
            self.stream.read_exact(&mut body[start..]).unwrap();
            assert_eq!(self.line(), "", "a chunk ends with CRLF");
            if size == 0 {
                reply.body = String::from_utf8(body).unwrap();
                return (reply, sizes);
            }
            sizes.push(size);
        }
    }

    /// A response's head alone, as after HEAD.
    pub(crate) fn head(&mut self) -> Reply {
        let status_line = self.line();
        let mut words = status_line.split(' ');
        let version = words.next().unwrap().to_owned();
        let status = words.next().and_then(|word| word.parse().ok());
        let status = status.unwrap_or_else(|| panic!("a status line, not {status_line:?}"));
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            if line.is_empty() {
                return Reply { version, status, headers, body: String::new() };
            }
            let (name, value) = line.split_once(": ").unwrap();
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        assert!(line.ends_with("\r\n"), "the connection ended at {line:?}");
        line.trim_end().to_owned()
    }

    /// Whether the mock closes without sending anything more.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.stream.read_to_end(&mut rest) {
            Ok(_) => rest.is_empty(),
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The `requested` and `held` of `Server-Timing`, in milliseconds.
    pub(crate) fn timing_ms(&self) -> (f64, f64) {
        let metric = |name: &str| self.metric_ms(name).expect("the metric is there");
        assert!(metric("queued").abs() < f64::EPSILON);
        (metric("requested"), metric("held"))
    }

    /// The `stalled` of `Server-Timing`, in milliseconds; `None` where there is none.
    pub(crate) fn stalled_ms(&self) -> Option<f64> {
        self.metric_ms("stalled")
    }

    fn metric_ms(&self, name: &str) -> Option<f64> {
        let text = self.header("server-timing").expect("Server-Timing is there");
        let part = text.split(", ").find_map(|part| part.strip_prefix(name))?;
        Some(part.strip_prefix(";dur=").unwrap().parse().unwrap())
    }
}
