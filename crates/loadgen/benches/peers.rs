//! CPU per HTTP exchange of the client's models beside wrk's, against the same mock, in one run.
//!
//! `cargo bench -p loadgen --bench peers [-- ROUNDS]`: interleaved rounds, wrk and each model in
//! turn, client on the first CPU, mock on the second. Prints medians and the ratio to wrk, paired
//! round by round. Needs `wrk` and `taskset` on the path. It judges nothing: machines are noisy.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Connections of wrk; each request of ours holds two.
const CONNECTIONS: usize = 32;

const SCENARIO: &str = concat!(
    include_str!("exchanges.toml"),
    r#"
[[model]]
kind = "thread-per-request"
[[model]]
kind = "thread-per-request"
threads = "lean"
label = "lean-thread-per-request"
[[model]]
kind = "rayon"
threads = 32
"#
);

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = std::env::args().find_map(|word| word.parse::<usize>().ok()).unwrap_or(5);
    let folder = tempfile::tempdir()?;
    let scenario = folder.path().join("peers.toml");
    fs::write(&scenario, SCENARIO)?;
    let mut figures: Vec<(String, Vec<f64>)> = Vec::new();
    for round in 0..rounds {
        note(&mut figures, "wrk", wrk(&scenario)?);
        for (label, us) in ours(&scenario, &folder.path().join(round.to_string()))? {
            note(&mut figures, &label, us);
        }
    }
    let wrk = figures.first().map(|(_, all)| all.clone()).unwrap_or_default();
    println!("CPU us per HTTP exchange, {CONNECTIONS} connections, {rounds} rounds");
    println!(
        "{:26} {:>8} {:>8} {:>8}   ratio to wrk (min median max)",
        "client", "min", "median", "max"
    );
    for (label, us) in &figures {
        let ratios: Vec<f64> = us.iter().zip(&wrk).map(|(own, wrk)| own / wrk).collect();
        let [low, mid, high] = spread(us);
        let [low_ratio, mid_ratio, high_ratio] = spread(&ratios);
        println!(
            "{label:26} {low:8.2} {mid:8.2} {high:8.2}   {low_ratio:.2} {mid_ratio:.2} {high_ratio:.2}"
        );
    }
    Ok(())
}

fn note(figures: &mut Vec<(String, Vec<f64>)>, label: &str, us: f64) {
    match figures.iter_mut().find(|(known, _)| known == label) {
        Some((_, all)) => all.push(us),
        None => figures.push((label.to_owned(), vec![us])),
    }
}

fn spread(values: &[f64]) -> [f64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    [sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1]]
}

/// CPU us per exchange of wrk for two seconds.
fn wrk(scenario: &Path) -> Result<f64, Box<dyn Error>> {
    let mut mock = Mock::start(scenario)?;
    let url = mock.url()?;
    let threads_before = children_cpu_us();
    let output = Command::new("taskset")
        .args(["-c", "0", "wrk", "-t1", "-d2s", &format!("-c{CONNECTIONS}"), &format!("{url}/a")])
        .output()?;
    let cpu_us = children_cpu_us() - threads_before;
    let text = String::from_utf8_lossy(&output.stdout);
    let requests = text
        .lines()
        .find(|line| line.contains("requests in"))
        .and_then(|line| line.split_ascii_whitespace().next()?.parse::<f64>().ok())
        .ok_or_else(|| format!("wrk said: {text}"))?;
    Ok(cpu_us / requests)
}

/// CPU us per exchange of each model: half of what a request of two fetches costs.
fn ours(scenario: &Path, out: &Path) -> Result<Vec<(String, f64)>, Box<dyn Error>> {
    let status = Command::new(env!("CARGO_BIN_EXE_loadgen"))
        .arg(scenario)
        .arg("--no-progress")
        .arg("--out")
        .arg(out)
        .stdout(Stdio::null())
        .status()?;
    let rows = fs::read_to_string(out.join("trials.jsonl"))
        .map_err(|error| format!("no rows ({status}): {error}"))?;
    let mut figures = Vec::new();
    for row in rows.lines() {
        let row: serde_json::Value = serde_json::from_str(row)?;
        let label = row["model"].as_str().unwrap_or_default().to_owned();
        let us = row["cpu_us_per_request"].as_f64().ok_or_else(|| row["reason"].to_string())?;
        figures.push((label, us / 2.0));
    }
    figures.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(figures)
}

/// The mock alone, on the second CPU.
struct Mock(Child);

impl Mock {
    fn start(scenario: &Path) -> Result<Self, Box<dyn Error>> {
        let child = Command::new("taskset")
            .args(["-c", "1", env!("CARGO_BIN_EXE_loadgen"), "upstream"])
            .arg(scenario)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self(child))
    }

    fn url(&mut self) -> Result<String, Box<dyn Error>> {
        let mut line = String::new();
        let stdout = self.0.stdout.take().ok_or("the mock has no stdout")?;
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(line.split_ascii_whitespace().nth(1).ok_or("the mock named no address")?.to_owned())
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// CPU time of ended children so far, from `/proc/self/stat` (ticks of 10 ms).
fn children_cpu_us() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after_name.split_ascii_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) * 10_000.0
}
