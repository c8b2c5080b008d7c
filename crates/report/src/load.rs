//! From a run directory's files to checked values: `run.json`, `trials.jsonl`, `histograms.hlog`.
//!
//! A run that was killed leaves a last line half written: that line is left out and noted. Anything else that does not parse is an error that names its file and line.
//! Deliberately not here: judging the figures; a row is taken as it stands.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use measurement::contradiction::{contradiction, histogram_contradiction};
use measurement::directory::{RUN_JSON, TRIALS_JSONL};
use measurement::histograms::{self, HISTOGRAMS_HLOG};
use measurement::row::{Swept, TrialRow};
use measurement::run::{RunInfo, RunStatus, SCHEMA_VERSION};
use serde::Deserialize;

use crate::analysis::attempts::{sort, standing};
use crate::analysis::{Analysis, Axis, Histograms, load_of};
use crate::error::{Error, Result};

/// A run directory, read.
#[derive(Debug, Clone)]
pub struct Run {
    /// `run.json`.
    pub info: RunInfo,
    /// `trials.jsonl`, in the order of (model, level, swept value, repeat, attempt, order).
    pub rows: Vec<TrialRow>,
    /// `histograms.hlog`, by the order of the trials.
    pub histograms: Histograms,
    /// Remarks on how complete the directory is, for the report.
    pub notes: Vec<String>,
}

impl Run {
    /// Reads `dir`. A missing `trials.jsonl` is a run without trials; without a
    /// `histograms.hlog` no percentile is pooled.
    pub fn read(dir: &Path) -> Result<Self> {
        let info_path = dir.join(RUN_JSON);
        let info = parse_info(&info_path, &read(&info_path)?)?;
        let rows_path = dir.join(TRIALS_JSONL);
        let text = if_there(read(&rows_path))?.unwrap_or_default();
        let mut notes = Vec::new();
        let histograms = read_histograms(&dir.join(HISTOGRAMS_HLOG), &mut notes)?;
        let rows = parse_rows(&rows_path, &text, (&info, &histograms), &mut notes)?;
        notes.extend(status_note(&info, standing(&rows).count()));
        notes.extend(histogram_note(&rows, &histograms));
        Ok(Self { info, rows, histograms, notes })
    }
}

impl Analysis {
    /// Of a run directory as read.
    pub fn of_run(run: Run) -> Self {
        let mut analysis = Self::with_histograms(run.info, run.rows, &run.histograms);
        analysis.notes.extend(run.notes);
        analysis
    }
}

fn read(path: &Path) -> Result<String> {
    // A write cut short may end inside a character; the last line is dropped anyway then.
    Ok(String::from_utf8_lossy(&read_bytes(path)?).into_owned())
}

fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|source| Error::Io { path: path.to_path_buf(), source })
}

/// `None` for a file that does not exist.
fn if_there<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

fn read_histograms(path: &Path, notes: &mut Vec<String>) -> Result<Histograms> {
    let mut all = Histograms::new();
    let Some(bytes) = if_there(read_bytes(path))? else { return Ok(all) };
    let cut_short = histograms::read(path, &bytes, |logged| {
        let trial = all.entry(logged.order).or_default();
        match logged.what.as_str() {
            "latency" => trial.latency = logged.counts,
            "added" => trial.added = logged.counts,
            "held" => trial.held = logged.counts,
            // Of a later version, and nobody's mistake.
            _ => {}
        }
    })
    .map_err(|error| match error {
        measurement::Error::Malformed { path, line, problem } => {
            Error::Malformed { path, line, problem }
        }
        other => Error::Malformed { path: path.to_path_buf(), line: 1, problem: other.to_string() },
    })?;
    if cut_short {
        notes.push("The last line of histograms.hlog was cut short; it is left out.".to_owned());
    }
    Ok(all)
}

/// Says how many trials that have percentiles have no histogram; `None`: every one has its own.
fn histogram_note(rows: &[TrialRow], histograms: &Histograms) -> Option<String> {
    let measured: Vec<&TrialRow> = rows.iter().filter(|row| row.latency_p50_ms.is_some()).collect();
    let absent = measured.iter().filter(|row| !histograms.contains_key(&row.order)).count();
    (absent > 0).then(|| {
        format!(
            "{HISTOGRAMS_HLOG} holds nothing of {absent} of {} trials: no percentile pooled over \
             repeats and no latency spectrum counts them.",
            measured.len()
        )
    })
}

fn parse_info(path: &Path, text: &str) -> Result<RunInfo> {
    /// The version alone, so that a newer file is named as such before its fields are missed.
    #[derive(Deserialize)]
    struct Version {
        schema_version: u32,
    }
    let malformed = |error: &serde_json::Error| Error::Malformed {
        path: path.to_path_buf(),
        line: error.line(),
        problem: error.to_string(),
    };
    let version: Version = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    if version.schema_version > SCHEMA_VERSION {
        return Err(Error::TooNew {
            path: path.to_path_buf(),
            found: version.schema_version,
            known: SCHEMA_VERSION,
        });
    }
    serde_json::from_str(text).map_err(|error| malformed(&error))
}

fn parse_rows(
    path: &Path,
    text: &str,
    (info, histograms): (&RunInfo, &Histograms),
    notes: &mut Vec<String>,
) -> Result<Vec<TrialRow>> {
    let mut rows = Vec::new();
    let lines = text.lines().count();
    let mut trusted = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let malformed =
            |problem| Error::Malformed { path: PathBuf::from(path), line: at + 1, problem };
        match serde_json::from_str::<TrialRow>(line) {
            Ok(row) => {
                check_row(&row, info, histograms).map_err(malformed)?;
                check_alone(&row, &mut trusted).map_err(malformed)?;
                rows.push(row);
            }
            // Rows are written with their newline: a last line without one was cut short.
            Err(_) if at + 1 == lines && !text.ends_with('\n') => notes.push(format!(
                "The last line of trials.jsonl (line {}) was cut short; it is left out.",
                at + 1
            )),
            Err(error) => return Err(malformed(not_a_row(&error))),
        }
    }
    sort(&mut rows);
    Ok(rows)
}

/// What serde says of a line, without its own count of lines: it saw but one.
fn not_a_row(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let words = text.strip_suffix(&place).unwrap_or(&text);
    format!("not a trial row: {words}, at column {}", error.column())
}

/// What a row must have to be placed in the report.
fn check_row(row: &TrialRow, info: &RunInfo, histograms: &Histograms) -> Result<(), String> {
    if !info.scenario.models.iter().any(|model| model.label == row.model) {
        return Err(format!("model `{}` is none of those in run.json", row.model));
    }
    if row.load != info.scenario.load {
        return Err(format!("a row of a {} loop in a run of another", row.load.name()));
    }
    if load_of(row).is_none() {
        return Err("the row has no load level (`concurrency` or `offered_rps`)".to_owned());
    }
    check_swept(row, info)?;
    if Axis::of(info).place(row).is_none() {
        return Err("the row does not say at which value of the sweep it ran (`swept`)".to_owned());
    }
    let of_trial = histograms.get(&row.order);
    let logged = || {
        let own = of_trial?;
        histogram_contradiction(row, &own.latency, &own.added, &own.held)
    };
    match contradiction(row).or_else(logged) {
        None => Ok(()),
        Some(problem) => Err(format!("the row contradicts itself: {problem}; was it edited?")),
    }
}

/// The trial of a row by what a report places it by: model, load, swept value, repeat.
type Trial = (String, u64, Option<u32>, u32);

/// Whether the row is the only one of its trial to be trusted, and no attempt after that one: a
/// trial counted twice would pass for two repeats. `trusted` has those so far, with their attempts.
fn check_alone(row: &TrialRow, trusted: &mut BTreeMap<Trial, u32>) -> Result<(), String> {
    let load = load_of(row).unwrap_or_default().to_bits();
    let swept = row.swept.as_ref().map(|swept| swept.index);
    let trial = (row.model.clone(), load, swept, row.repeat);
    let known = trusted.get(&trial);
    if known.is_some_and(|&attempt| row.verdict.trusted() || row.attempt >= attempt) {
        return Err("another row is of the same repeat and to be trusted".to_owned());
    }
    if row.verdict.trusted() {
        trusted.insert(trial, row.attempt);
    }
    Ok(())
}

/// Whether the row ran at a value of the run's sweep, or the run has none.
fn check_swept(row: &TrialRow, info: &RunInfo) -> Result<(), String> {
    match (&row.swept, &info.scenario.sweep) {
        (None, None) => Ok(()),
        (None, Some(sweep)) => Err(format!("the row has no value of the swept `{}`", sweep.key)),
        (Some(swept), None) => {
            Err(format!("the row is of a sweep of `{}`, the run has none", swept.key))
        }
        (Some(swept), Some(sweep)) => {
            let known = sweep.values.get(swept.index as usize) == Some(&swept.value);
            if known && swept.key == sweep.key && swept.position.is_finite() {
                return Ok(());
            }
            let Swept { key, value, .. } = swept;
            Err(format!("the value {value} of `{key}` is none of the sweep in run.json"))
        }
    }
}

fn status_note(info: &RunInfo, rows: usize) -> Option<String> {
    let planned = info.trials_planned;
    let how = match info.status {
        RunStatus::Complete if rows >= planned as usize => return None,
        RunStatus::Complete => "The run calls itself complete, yet rows are missing".to_owned(),
        RunStatus::Running => "The run did not come to its end (or is under way)".to_owned(),
        RunStatus::Interrupted => "The run was interrupted".to_owned(),
        RunStatus::Failed => match &info.failure {
            Some(failure) => format!("The run failed ({failure})"),
            None => "The run failed".to_owned(),
        },
    };
    Some(format!("{how}: {rows} of {planned} trials have a row."))
}
