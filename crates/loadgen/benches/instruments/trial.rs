//! The two child processes: the mock, and one trial with or without its instruments.

use std::error::Error;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use client::trial::{TrialSpec, run};
use scenario::{Scenario, Timer, TrialLoad};
use serde::{Deserialize, Serialize};

use crate::child;

/// Requests in flight.
pub(crate) const CONCURRENCY: u32 = 16;

const SCENARIO: &str = include_str!("../exchanges.toml");

/// Room for the records of the longest window here, natively: far more than are filled. The same
/// for all, so that making room costs all the same.
const CAPACITY: [usize; 2] = [100_000, 600_000];

/// A trial to run.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Ask {
    /// With instruments.
    pub(crate) recording: bool,
    pub(crate) window_ms: u64,
}

/// What it says at its end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Told {
    /// Requests that ended inside the window.
    pub(crate) window_requests: u64,
    /// CPU time of the whole process inside it.
    pub(crate) window_cpu_ns: u64,
    /// Requests started in all.
    pub(crate) requests: u64,
}

impl Ask {
    /// Runs it on this CPU against the mock at these addresses.
    pub(crate) fn run(self, cpu: usize, mock: &str) -> Result<Told, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(self.words(cpu, mock)?);
        told(&mut command)
    }

    /// The words that make a child of this program do it.
    pub(crate) fn words(self, cpu: usize, mock: &str) -> Result<Vec<String>, Box<dyn Error>> {
        let ask = serde_json::to_string(&self)?;
        let words = [child::MARK, &cpu.to_string(), "trial", mock, &ask];
        Ok(words.map(str::to_owned).to_vec())
    }
}

/// Runs a trial's process to its end and reads what it says.
pub(crate) fn told(command: &mut Command) -> Result<Told, Box<dyn Error>> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::piped()).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("a trial ended with {}: {said}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The child that these words describe.
pub(crate) fn be(words: &[String]) -> Result<(), Box<dyn Error>> {
    let kinds = client::kinds();
    let scenario = Scenario::parse(Path::new("exchanges.toml"), SCENARIO, &[], &kinds)?;
    match words {
        [role] if role == "mock" => mock(&scenario),
        [role, mock, ask] if role == "trial" => {
            let told = trial(&scenario, mock, serde_json::from_str(ask)?)?;
            println!("{}", serde_json::to_string(&told)?);
            Ok(())
        }
        _ => Err(format!("{words:?} describe no child").into()),
    }
}

fn trial(scenario: &Scenario, mock: &str, ask: Ask) -> Result<Told, Box<dyn Error>> {
    let addresses: Vec<SocketAddr> = serde_json::from_str(mock)?;
    let spec = TrialSpec {
        model: scenario.models[0].clone(),
        load: TrialLoad::Closed { concurrency: CONCURRENCY },
        addresses: addresses.try_into().map_err(|_| "two upstreams have two addresses")?,
        upstream_pid: None,
        warmup: scenario.load.warmup,
        duration: Duration::from_millis(ask.window_ms),
        mean_wait: Duration::ZERO,
        upstream_p99: Duration::ZERO,
        capacity: CAPACITY,
        iterations_per_us: 0.0,
        recording: ask.recording,
    };
    let finished = run(scenario, &spec, &mut |_| {})?;
    let account = finished.account();
    let window = account.window.ok_or("the trial came to no window")?;
    let cpu_ns = |at: &measurement::output::Snapshot| {
        at.cpu_user_ns + at.cpu_system_ns + at.supervisor_cpu_ns
    };
    Ok(Told {
        window_requests: window.end.ended - window.start.ended,
        window_cpu_ns: cpu_ns(&window.end) - cpu_ns(&window.start),
        requests: account.started.iter().sum(),
    })
}

/// Serves both upstreams until standard input ends; says where.
fn mock(scenario: &Scenario) -> Result<(), Box<dyn Error>> {
    let config = upstream::Config {
        upstreams: scenario.upstreams.clone(),
        seed: scenario.seed,
        repeat: 0,
        timer: Timer::Hybrid,
        workers: 1,
        bind: Ipv4Addr::LOCALHOST.into(),
        ports: None,
        keep_log: false,
        long_turn: scenario.checks.turn_p99,
    };
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(ended);
    });
    let announce = |addresses: &[SocketAddr]| {
        println!("{}", serde_json::to_string(addresses).unwrap_or_default());
    };
    let stop = async move {
        let _ = end.await;
    };
    upstream::serve(&config, announce, stop)?;
    Ok(())
}
