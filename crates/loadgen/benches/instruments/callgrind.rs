//! Instructions per request, counted by valgrind's callgrind.
//!
//! A trial under callgrind runs some fifty times slower, but executes the same instructions. What
//! a process does once drops out of the difference between a longer and a shorter trial. Only the
//! model's threads are counted: the supervisor's samples go by the clock, and would weigh fifty
//! times too much.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::table;
use crate::trial::{Ask, told};

/// Windows of the shorter and the longer trial.
const WINDOWS_MS: [u64; 2] = [2_000, 8_000];
/// Trials of each length; the spread of what they give is printed.
const TIMES: usize = 3;

/// Whether valgrind is installed.
pub(crate) fn is_there() -> bool {
    let asked = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// The table's row.
pub(crate) fn row(cpu: usize, mock: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        with.push(per_request(cpu, mock, true, folder.path())?);
        without.push(per_request(cpu, mock, false, folder.path())?);
    }
    let [(least, with, most), (least_without, without, most_without)] = [with, without].map(spread);
    Ok(vec![
        "instructions (callgrind)".to_owned(),
        format!("{with:.0}"),
        format!("{without:.0}"),
        format!("{:.3}", with / without),
        format!("{:.3} to {:.3} (range)", least / most_without, most / least_without),
    ])
}

/// What the row's figures are.
pub(crate) fn note() -> String {
    format!(
        "Instructions: in user mode, of the model's threads; medians of {TIMES}, each the \
         difference of a trial of {} s and one of {} s.",
        WINDOWS_MS[1] / 1_000,
        WINDOWS_MS[0] / 1_000
    )
}

/// Least, median and most.
fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    let middle = table::quantile(&mut values, 0.5);
    (values[0], middle, values[values.len() - 1])
}

fn per_request(
    cpu: usize,
    mock: &str,
    recording: bool,
    folder: &Path,
) -> Result<f64, Box<dyn Error>> {
    let mut counted = Vec::new();
    for window_ms in WINDOWS_MS {
        counted.push(count(cpu, mock, Ask { recording, window_ms }, folder)?);
    }
    let [(few, requests), (many, more)] = counted[..] else { return Err("two windows".into()) };
    Ok((many as f64 - few as f64) / (more as f64 - requests as f64))
}

/// Instructions of the model's threads in one trial, and its requests.
fn count(cpu: usize, mock: &str, ask: Ask, folder: &Path) -> Result<(u64, u64), Box<dyn Error>> {
    let out = folder.join("instructions");
    for old in fs::read_dir(folder)?.flatten() {
        fs::remove_file(old.path())?;
    }
    let mut command = Command::new("valgrind");
    command
        .args(["-q", "--tool=callgrind", "--separate-threads=yes", "--fair-sched=try"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(std::env::current_exe()?)
        .args(ask.words(cpu, mock)?);
    let requests = told(&mut command)?.requests;
    let mut instructions = 0;
    for file in fs::read_dir(folder)?.flatten() {
        // One file per thread, its number last; the first thread is the supervisor's.
        let name = file.file_name();
        let thread = name.to_str().and_then(|name| name.rsplit_once('-')?.1.parse::<u32>().ok());
        if thread.is_some_and(|thread| thread > 1) {
            instructions += total(&fs::read_to_string(file.path())?)?;
        }
    }
    if instructions == 0 {
        return Err("callgrind counted no thread of the model's".into());
    }
    Ok((instructions, requests))
}

/// What a callgrind file says it adds up to.
fn total(text: &str) -> Result<u64, Box<dyn Error>> {
    let line = text.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(line.ok_or("a callgrind file without its total")?.trim().parse()?)
}
