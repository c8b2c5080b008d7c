//! What holds for every model: each entry of the registry runs the same trial against the same
//! raw server, and none may lose a request, invent an outcome, or leave anything behind.
//!
//! One test, one process: threads and descriptors are counted before and after.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use client::trial::TrialSpec;
use measurement::output::TrialOutput;
use measurement::record::{LegOutcome, RequestRecord};
use measurement::stamps::LegStamps;
use scenario::{ModelSpec, OptionKind, Phase, Scenario, TrialLoad};

/// What no step of this may take, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(60);
const CONCURRENCY: u32 = 8;
/// Far fewer than a CPU does: it is the count that matters here.
const ITERATIONS_PER_US: f64 = 10.0;
/// Name of the server's threads, which are no model's.
const SERVER: &str = "server";

#[test]
fn every_model_answers_each_request_once_and_leaves_nothing_behind() {
    let scenario = scenario(&[]);
    assert!(scenario.models.len() > client::models::kinds().len());
    // The first runtime of a process opens tokio's pair of sockets for signals, which stays.
    drop(tokio::runtime::Builder::new_current_thread().enable_all().build());
    for model in &scenario.models {
        let (output, asked) = run(&scenario, model, &model.label);
        assert_eq!(output.account.exhausted, None, "{}", model.label);
        assert_records(&model.label, &output, &asked);
    }
    guards_keep_requests_apart();
    work_is_done_and_calls_block();
}

/// Under every model every request does its work and every tenth blocks, whoever it is that
/// combines, and whether the call is made in place or sent away.
fn work_is_done_and_calls_block() {
    for via in ["inline", "spawn-blocking"] {
        let blocking = format!("{{ every = 10, duration = \"2ms\", via = \"{via}\" }}");
        let set = [
            "combine.work=100us".to_owned(),
            format!("combine.blocking={blocking}"),
            "load.duration=100ms".to_owned(),
        ];
        let scenario = scenario(&set);
        for model in &scenario.models {
            let label = format!("{}, {via}", model.label);
            let (output, asked) = run(&scenario, model, &label);
            assert_records(&label, &output, &asked);
            let iterations = output.account.besides.work_iterations;
            assert_eq!(iterations, 100 * ITERATIONS_PER_US as u64, "{label}");
            for (id, record) in output.window.iter().enumerate() {
                assert!(record.work_ns > 0, "{label}: {id} did no work");
                let blocked_ns = if id % 10 == 0 { 2_000_000 } else { 0 };
                let least_ns = blocked_ns + record.work_ns;
                assert!(record.latency_ns() >= least_ns, "{label}: {id} was too short");
            }
        }
    }
}

/// Models that ask a guard in every way there is: own threads, tasks on one thread and on two, a
/// worker that blocks.
const GUARDED: [&str; 4] = ["small thread-pool", "tokio", "small tokio", "small tokio-blocking"];

/// Every guard under each: no request is lost at the shared table, and the same ones write.
fn guards_keep_requests_apart() {
    let mut writers: BTreeMap<u64, bool> = BTreeMap::new();
    for guard in client::kinds().guards {
        let set = format!(
            "combine.shared_state={{ guard = \"{}\", hold = \"5us\", write_ratio = \"50%\", keys = 3 }}",
            guard.name
        );
        let scenario = scenario(&[set, "load.duration=100ms".to_owned()]);
        for model in scenario.models.iter().filter(|m| GUARDED.contains(&m.label.as_str())) {
            let label = format!("{} with {}", model.label, guard.name);
            let (output, asked) = run(&scenario, model, &label);
            assert_records(&label, &output, &asked);
            for (id, record) in (0..).zip(&output.window) {
                assert!(record.hold_ns > 0, "{label}: {id} never had its entry");
                let wrote = *writers.entry(id).or_insert(record.wrote);
                assert_eq!(record.wrote, wrote, "{label}: {id} wrote here and not elsewhere");
            }
        }
    }
    assert!(writers.values().any(|wrote| *wrote) && writers.values().any(|wrote| !wrote));
}

/// Every kind of the registry, with its defaults, and with counts of two and the least sizes.
fn scenario(overrides: &[String]) -> Scenario {
    let kinds = client::models::kinds();
    let mut lines: Vec<String> = [
        "[upstream]",
        "a = { latency = \"1ms\" }",
        "b = { latency = \"1ms\" }",
        "[combine]",
        "timeout = \"5s\"",
        "[load]",
        "concurrency = [8]",
        "warmup = \"30ms\"",
        "duration = \"200ms\"",
        "repeats = 1",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut model = |kind: &str, label: &str, options: Vec<String>| {
        lines.extend(["[[model]]".to_owned(), format!("kind = \"{kind}\"")]);
        lines.push(format!("label = \"{label}\""));
        lines.extend(options);
    };
    for kind in &kinds {
        model(kind.kind, kind.kind, Vec::new());
        let small = |kind: &OptionKind| match kind {
            OptionKind::Count { .. } | OptionKind::Pool { .. } => Some("2".to_owned()),
            OptionKind::Size { min, .. } => Some(format!("\"{min}B\"")),
            OptionKind::Word(_) | OptionKind::Duration => None,
        };
        let options = kind.options.iter();
        let small: Vec<String> = options
            .filter_map(|option| Some(format!("{} = {}", option.key, small(&option.kind)?)))
            .collect();
        if !small.is_empty() {
            model(kind.kind, &format!("small {}", kind.kind), small);
        }
    }
    Scenario::parse(Path::new("conformance.toml"), &lines.join("\n"), overrides, &client::kinds())
        .expect("is valid")
}

/// What was asked of two fresh upstreams in one trial of `model`, which leaves nothing behind.
///
/// A trial that the machine is too slow for ends at its cap, whatever is under way then, and none
/// waits for a request of its warm-up that outlasts the window: it is run again, twice as long.
fn run(
    scenario: &Scenario,
    model: &ModelSpec,
    label: &str,
) -> (TrialOutput, [BTreeMap<u64, u32>; 2]) {
    let mut longer = 1;
    loop {
        let (first, second) = (upstream("a"), upstream("b"));
        let before = Held::now();
        let output = trial(scenario, model, [first.0, second.0], longer);
        before.wait_to_be_back(label);
        let warm = !output.warmup.is_empty() && output.warmup.iter().all(RequestRecord::is_ended);
        if warm && !output.account.generations_cut || longer * scenario.load.duration > PATIENCE {
            let asked = [first.1, second.1].map(|asked| asked.lock().expect("no panic").clone());
            return (output, asked);
        }
        longer *= 2;
    }
}

/// One trial in this process, as a conductor would read it.
fn trial(
    scenario: &Scenario,
    model: &ModelSpec,
    addresses: [SocketAddr; 2],
    longer: u32,
) -> TrialOutput {
    let spec = TrialSpec {
        model: model.clone(),
        load: TrialLoad::Closed { concurrency: CONCURRENCY },
        addresses,
        upstream_pid: None,
        warmup: longer * scenario.load.warmup,
        duration: longer * scenario.load.duration,
        mean_wait: Duration::from_millis(1),
        upstream_p99: Duration::from_millis(1),
        capacity: [100_000; 2],
        iterations_per_us: ITERATIONS_PER_US,
        recording: true,
    };
    let finished = client::trial::run(scenario, &spec, &mut |_| {}).expect("the model runs");
    let mut bytes = Vec::new();
    finished.write_to(&mut bytes).expect("memory takes it");
    let end = bytes.iter().position(|&byte| byte == b'\n').expect("a head line") + 1;
    let head = std::str::from_utf8(&bytes[..end]).expect("is text");
    TrialOutput::read(head, &mut &bytes[end..]).expect("reads back")
}

/// Every request that started ended, was asked of each upstream once, and went as its id says.
fn assert_records(label: &str, output: &TrialOutput, asked: &[BTreeMap<u64, u32>; 2]) {
    let phases = [(Phase::Warmup, &output.warmup), (Phase::Window, &output.window)];
    for (phase, records) in phases {
        assert!(!records.is_empty(), "{label}: {phase:?}");
        for (index, record) in (0_u64..).zip(records) {
            let id = phase.id(index);
            assert!(record.is_ended(), "{label}: {phase:?} {index} never ended");
            let begun = record.started_ns..=record.ended_ns;
            assert!(begun.contains(&record.begun_ns), "{label}: {phase:?} {index} never begun");
            for (leg, asked) in record.legs.iter().zip(asked) {
                assert_eq!(leg.outcome, fate(id), "{label}: {phase:?} {index}");
                assert_eq!(asked.get(&id), Some(&1), "{label}: {phase:?} {index}");
            }
        }
    }
    let started: u64 = output.account.started.iter().sum();
    for asked in asked {
        assert_eq!(asked.len() as u64, started, "{label}: ids never started, or never asked for");
    }
    for (id, stamps) in output.sample.iter() {
        let ended_ns = output.window[id as usize].ended_ns;
        let stamped = |leg: &LegStamps| {
            leg.began_ns > 0 && leg.began_ns <= leg.connected_ns && leg.ended_ns <= ended_ns
        };
        assert!(stamps.legs.iter().all(stamped), "{label}: {id} {stamps:?}");
        assert!((1..=ended_ns).contains(&stamps.joined_ns), "{label}: {id} {stamps:?}");
    }
}

/// What the server does with an id: the same for every model.
fn fate(id: u64) -> LegOutcome {
    match Phase::index(id) % 16 {
        3 => LegOutcome::Status,
        7 => LegOutcome::Closed,
        11 => LegOutcome::Malformed,
        _ => LegOutcome::Fetched,
    }
}

/// How often each id was asked for.
type Asked = Arc<Mutex<BTreeMap<u64, u32>>>;

/// An upstream that answers after a millisecond, as [`fate`] says.
fn upstream(name: &'static str) -> (SocketAddr, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("is bound");
    let asked = Asked::default();
    let counted = Arc::clone(&asked);
    thread(move || {
        for stream in listener.incoming().flatten() {
            let asked = Arc::clone(&counted);
            thread(move || {
                let mut requests = BufReader::new(stream);
                while let Some(id) = request(&mut requests) {
                    *asked.lock().expect("no panic").entry(id).or_default() += 1;
                    if !answer(requests.get_mut(), name, id) {
                        return;
                    }
                }
            });
        }
    });
    (address, asked)
}

fn thread(run: impl FnOnce() + Send + 'static) {
    let named = std::thread::Builder::new().name(SERVER.to_owned());
    named.spawn(run).expect("a thread starts");
}

/// The id of the next request; `None` at the connection's end.
fn request(stream: &mut impl Read) -> Option<u64> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).ok()?;
    head.lines().find_map(|line| line.strip_prefix("x-request-id: "))?.parse().ok()
}

/// Answers; whether the connection goes on.
fn answer(stream: &mut TcpStream, name: &str, id: u64) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    let body = match fate(id) {
        LegOutcome::Closed => return false,
        LegOutcome::Malformed => "this is no JSON".to_owned(),
        _ => format!(r#"{{"upstream":"{name}","id":{id}}}"#),
    };
    let status = if fate(id) == LegOutcome::Status { "500 No" } else { "200 OK" };
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(text.as_bytes()).is_ok()
}

/// What this process holds that a model could leave behind.
#[derive(Debug, Clone, Copy)]
struct Held {
    /// Threads that are not the server's.
    threads: usize,
    /// Sockets, event queues and timers.
    descriptors: usize,
}

impl Held {
    fn now() -> Self {
        let tasks = fs::read_dir("/proc/self/task").expect("there is /proc").flatten();
        let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
        let open = fs::read_dir("/proc/self/fd").expect("there is /proc").flatten();
        let targets = open.filter_map(|entry| fs::read_link(entry.path()).ok());
        let ours = |target: &Path| {
            let target = target.to_string_lossy();
            target.starts_with("socket:") || target.starts_with("anon_inode:")
        };
        Self {
            threads: names.filter(|name| name.trim() != SERVER).count(),
            descriptors: targets.filter(|target| ours(target)).count(),
        }
    }

    /// Waits until no more is held than at that time: threads that end take a moment.
    fn wait_to_be_back(self, label: &str) {
        let began = Instant::now();
        loop {
            let now = Self::now();
            if now.threads <= self.threads && now.descriptors <= self.descriptors {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{label} leaves {now:?}, there were {self:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
