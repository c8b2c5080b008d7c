//! Runs a scenario through the real program and reads back its rows and its requests.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use measurement::row::TrialRow;
use measurement::run::{Environment, RunInfo};
use scenario::Scenario;
use tempfile::TempDir;

/// Where scenarios are run.
pub(crate) struct Lab {
    folder: TempDir,
    runs: usize,
    /// The machine, as the first run saw it.
    pub(crate) environment: Option<Environment>,
    /// Remarks of the runs on themselves, such as another run at the same time.
    pub(crate) notes: Vec<String>,
    /// Trials that ended, those run again included.
    pub(crate) trials: usize,
    /// Trials that were not to be trusted and were run again: which, and why.
    pub(crate) again: Vec<String>,
}

/// One trial: its row, and what was recorded of every request.
pub(crate) struct Trial {
    pub(crate) row: TrialRow,
    /// Requests before the window, in the order they started.
    pub(crate) warmup: Vec<Request>,
    /// Requests of the window, by id.
    pub(crate) window: Vec<Request>,
}

/// One request. Times are nanoseconds since the load began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    pub(crate) intended_ns: u64,
    pub(crate) started_ns: u64,
    pub(crate) ended_ns: Option<u64>,
    pub(crate) legs: [Leg; 2],
}

/// One fetch.
#[expect(clippy::struct_field_names, reason = "every field is a time, and says its unit")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leg {
    /// How long the mock was asked to keep it, by its draw.
    pub(crate) requested_ns: u64,
    /// How long the mock kept it.
    pub(crate) held_ns: u64,
    /// When the mock had its request.
    pub(crate) received_ns: Option<u64>,
    /// When it began and ended at the client, where the request was sampled.
    pub(crate) span_ns: Option<(u64, u64)>,
}

impl Lab {
    pub(crate) fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            folder,
            runs: 0,
            environment: None,
            notes: Vec::new(),
            trials: 0,
            again: Vec::new(),
        })
    }

    /// Runs a scenario of one repeat; its trials by model and level, in the scenario's order. One
    /// that the machine spoilt is run again, whatever its figures: it meets the same arrivals and
    /// draws. The last attempt counts, trusted or not.
    pub(crate) fn run(&mut self, text: &str) -> Result<(Scenario, Vec<Trial>)> {
        self.runs += 1;
        let folder = self.folder.path().join(self.runs.to_string());
        fs::create_dir(&folder)?;
        let path = folder.join("validation.toml");
        fs::write(&path, text)?;
        let scenario = Scenario::load(&path, &[], &client::kinds())
            .map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let (out, records) = (folder.join("run"), folder.join("records"));
        // A status other than 0 says that rows are not to be trusted: the rows say so, too.
        let output = Command::new(env!("CARGO_BIN_EXE_loadgen"))
            .arg(&path)
            .arg("--no-progress")
            .arg("--out")
            .arg(&out)
            .arg("--records")
            .arg(&records)
            .stdout(Stdio::null())
            .output()?;
        let said = || String::from_utf8_lossy(&output.stderr).into_owned();
        let rows = fs::read_to_string(out.join("trials.jsonl")).with_context(said)?;
        let info: RunInfo = serde_json::from_slice(&fs::read(out.join("run.json"))?)?;
        self.notes.extend(info.notes);
        self.environment.get_or_insert(info.environment);
        let mut trials = Vec::new();
        for line in rows.lines() {
            let row: TrialRow = serde_json::from_str(line)?;
            let file = records.join(format!("{:04}.csv", row.order));
            let (warmup, window) =
                requests(&file).with_context(|| format!("no records: {}", row.reason))?;
            ensure!(!window.is_empty(), "an empty window: {}", row.reason);
            trials.push(Trial { row, warmup, window });
        }
        self.trials += trials.len();
        let point = |trial: &Trial| (trial.row.model_index, trial.row.level_index);
        trials.sort_by_key(|trial| (point(trial), trial.row.attempt));
        let mut standing: Vec<Trial> = Vec::new();
        for trial in trials {
            match standing.last_mut() {
                Some(last) if point(last) == point(&trial) => {
                    let place = place(&last.row);
                    eprintln!("        again: {place}, {}", last.row.verdict.name());
                    self.again.push(format!("{place}: {}", last.row.reason));
                    *last = trial;
                }
                _ => standing.push(trial),
            }
        }
        Ok((scenario, standing))
    }
}

/// Which trial, for people.
fn place(row: &TrialRow) -> String {
    match (row.concurrency, row.offered_rps) {
        (Some(places), _) => format!("{} at N = {places}", row.model),
        (None, Some(rps)) => format!("{} at {rps:.0}/s", row.model),
        (None, None) => row.model.clone(),
    }
}

/// Requests of the warm-up and of the window.
fn requests(path: &Path) -> Result<(Vec<Request>, Vec<Request>)> {
    let text = fs::read_to_string(path)?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().context("an empty file")?.split(',').collect();
    let at = |name: &str| {
        header.iter().position(|column| *column == name).with_context(|| format!("no {name}"))
    };
    let columns = ["intended_ns", "started_ns", "ended_ns"];
    let [intended, started, ended] = columns.map(at);
    let (intended, started, ended) = (intended?, started?, ended?);
    let legs = [1, 2].map(|leg| -> Result<[usize; 5]> {
        let of = |name: &str| at(&format!("leg{leg}_{name}"));
        Ok([
            of("requested_ns")?,
            of("held_ns")?,
            of("received_ns")?,
            of("began_ns")?,
            of("fetched_ns")?,
        ])
    });
    let [first, second] = legs;
    let legs = [first?, second?];
    let (mut warmup, mut window) = (Vec::new(), Vec::new());
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |column: usize| cells.get(column).and_then(|cell| cell.parse::<u64>().ok());
        let leg = |[requested, held, received, began, fetched]: [usize; 5]| Leg {
            requested_ns: number(requested).unwrap_or(0),
            held_ns: number(held).unwrap_or(0),
            received_ns: number(received),
            span_ns: number(began).zip(number(fetched)),
        };
        let request = Request {
            intended_ns: number(intended).context("a request without a time")?,
            started_ns: number(started).unwrap_or(0),
            ended_ns: number(ended),
            legs: legs.map(leg),
        };
        if cells.first() == Some(&"window") { &mut window } else { &mut warmup }.push(request);
    }
    Ok((warmup, window))
}
