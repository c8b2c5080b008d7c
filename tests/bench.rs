//! What the tests share: a folder to run in, the program with a watchdog, run directories read
//! back, and two runs that several tests look at.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use measurement::row::{TrialRow, Verdict};
use measurement::run::RunInfo;
use rustix::process::{Resource, getrlimit};
use scenario::Scenario;
use tempfile::TempDir;

/// What no run of these tests may take, however slow the machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Three models at two levels; the longer delay is 20 ms.
pub(crate) const TINY: &str = r#"# Small and short: three models, two levels.
title = "Tiny"
seed = 5

[upstream.api1]
latency = "20ms"

[upstream.api2]
latency = "10ms"
body = "2KiB"

[combine]
timeout = "10s"

[load]
concurrency = [2, 16]
warmup = "100ms"
duration = "300ms"
repeats = 1
reruns = 0

[[model]]
kind = "tokio"
workers = 1

[[model]]
kind = "thread-per-request"

[[model]]
kind = "rayon"
threads = 64
"#;

/// Errors and hangs. The timeout is long beside the delay, so that only hangs reach it; the seed
/// deals hangs and requests that fail on both sides among the first ids.
pub(crate) const FLAKY: &str = r#"# Errors and hangs.
title = "Flaky"
seed = 2

[upstream.api1]
latency = "20ms"
errors = "15%"
hangs = "0.9%"

[upstream.api2]
latency = "20ms"
errors = "15%"
hangs = "0.9%"

[combine]
timeout = "1s"

[load]
concurrency = [16]
warmup = "100ms"
duration = "500ms"
repeats = 1
reruns = 0

[[model]]
kind = "tokio"

[[model]]
kind = "thread-per-request"

[[model]]
kind = "rayon"
threads = 64
"#;

/// A run that was made once, for every test that looks at it.
pub(crate) struct Sample {
    pub(crate) ended: Ended,
    pub(crate) dir: PathBuf,
    pub(crate) scenario: Scenario,
    pub(crate) place: Place,
}

pub(crate) static TINY_RUN: LazyLock<Sample> = LazyLock::new(|| Sample::of("tiny", TINY));
pub(crate) static FLAKY_RUN: LazyLock<Sample> = LazyLock::new(|| Sample::of("flaky", FLAKY));

impl Sample {
    fn of(name: &str, text: &str) -> Self {
        let place = Place::new();
        let path = place.file(&format!("{name}.toml"), text);
        let dir = place.path().join("run");
        let _alone = alone();
        let ended = place.loadgen(&[name_of(&path), "--out", "run"]);
        let scenario = Scenario::load(&path, &[], &client::kinds()).expect("is valid");
        Self { ended, dir, scenario, place }
    }
}

/// Held by a test that makes load: one at a time, so that tests do not spoil each other's trials.
pub(crate) fn alone() -> File {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("load.lock");
    let lock = File::create(path).expect("cargo's folder for tests is writable");
    lock.lock().expect("can be locked");
    lock
}

/// A folder of its own for one test: working folder, and place of the program's temporary files,
/// so that runs of other people on this machine are no neighbours.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("there is a temporary folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file into it.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).expect("the folder is writable");
        path
    }

    /// The program, about to be started here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
        command.args(arguments);
        self.settle(&mut command);
        command
    }

    /// Makes `command` run here, its streams to be read.
    pub(crate) fn settle(&self, command: &mut Command) {
        command.current_dir(self.path()).env("TMPDIR", self.path());
        // A calibration of the user's is neither looked at nor written.
        command.env("XDG_CACHE_HOME", self.path().join("cache"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }

    /// Runs the program here to its end.
    pub(crate) fn loadgen(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).wait()
    }

    /// Starts the program here.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::of(self.command(arguments).spawn().expect("the program starts"))
    }
}

/// A started program. Dropping it kills it.
pub(crate) struct Running {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its status; `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Running {
    pub(crate) fn of(mut child: Child) -> Self {
        let stdout = child.stdout.take().map(gather);
        let stderr = child.stderr.take().map(gather);
        Self { child, stdout, stderr }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Ended {
        let status = until("the program ends", || self.child.try_wait().expect("is a child"));
        let text = |stream: &mut Option<JoinHandle<String>>| {
            stream.take().map(|thread| thread.join().expect("reads")).unwrap_or_default()
        };
        let stdout = text(&mut self.stdout);
        let stderr = text(&mut self.stderr);
        Ended { code: status.code(), stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn gather(mut stream: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits for something that must come, however slow the machine.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "in vain waited until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The file's name alone: tests run beside it.
fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).expect("a file has a name")
}

/// The rows of a run directory, in the order they came; none yet where there is no file.
pub(crate) fn rows(dir: &Path) -> Vec<TrialRow> {
    let text = fs::read_to_string(dir.join("trials.jsonl")).unwrap_or_default();
    // A last line without its end is still being written.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

/// `run.json` of a run directory.
pub(crate) fn run_info(dir: &Path) -> RunInfo {
    let text = fs::read(dir.join("run.json")).expect("there is a run.json");
    serde_json::from_slice(&text).expect("run.json is what the program reads")
}

/// Whether the OS lets a process of ours have so many descriptors open.
pub(crate) fn may_open(descriptors: u64) -> bool {
    getrlimit(Resource::Nofile).maximum.is_none_or(|most| most >= descriptors)
}

/// Every file below `dir`, by its path relative to it.
pub(crate) fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).expect("lies below").display().to_string();
                found.insert(name, fs::read(&path).expect("a file can be read"));
            }
        }
    }
    found
}

/// The exit status is the one its rows call for: 0, or 1 where noise left no row to be trusted.
pub(crate) fn assert_status_fits(ended: &Ended, rows: &[TrialRow]) {
    let trusted = rows.iter().any(|row| row.verdict.trusted());
    let expected = i32::from(!trusted);
    assert_eq!(ended.code, Some(expected), "{ended:?}");
}

/// A row that noise may have spoiled, but that ran and whose books balance.
pub(crate) fn assert_sound(row: &TrialRow) {
    let broken = matches!(row.verdict, Verdict::Inconsistent | Verdict::Failed);
    assert!(!broken, "{} at {:?}: {}", row.model, row.concurrency, row.reason);
}
