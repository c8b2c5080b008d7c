//! A made-up run for tests: plausible in shape, measured by nobody.
//!
//! Only for tests and for looking at renderers while no real run is at hand (cargo feature
//! `testing`); its title says what it is. Nothing rendered from it belongs in the repository.

mod environment;
mod histograms;
pub mod odd;
mod open;
mod shape;
mod swept;

use std::fs;
use std::io;
use std::path::Path;

use measurement::row::{Exhausted, TrialRow, Verdict};
use measurement::run::RunInfo;

use crate::analysis::Analysis;
use crate::load::Run;
use environment::run_info;
use shape::{Shape, row};

/// Concurrency levels of the made-up run.
pub const LEVELS: [u32; 6] = [1, 8, 64, 256, 512, 1024];

/// A made-up run: change what a test needs changed, then analyse or write it.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// `run.json`.
    pub run: RunInfo,
    /// `trials.jsonl`.
    pub rows: Vec<TrialRow>,
}

impl Fixture {
    /// tokio, thread-per-request, rayon (one thread) and rayon-256 over six levels, three repeats:
    /// saturated, exhausted, unsteady and upstream-limited rows among them.
    pub fn high_latency() -> Self {
        let shapes = [
            Shape::tokio(),
            Shape::threads(),
            Shape::pool("rayon", 1),
            Shape::pool("rayon-256", 256),
        ];
        let mut rows = Vec::new();
        for repeat in 0..3 {
            for (model, shape) in shapes.iter().enumerate() {
                for (level, &concurrency) in LEVELS.iter().enumerate() {
                    let mut row = row(shape, concurrency, repeat);
                    row.model_index = model as u32;
                    row.level_index = level as u32;
                    row.order = rows.len() as u32;
                    rows.push(row);
                }
            }
        }
        let mut fixture = Self { run: run_info(&shapes), rows };
        fixture.spoil();
        fixture
    }

    /// The same with an upstream that fails at times, and an `[slo]`.
    pub fn flaky() -> Self {
        let mut fixture = Self::high_latency();
        "made_up_flaky".clone_into(&mut fixture.run.scenario.name);
        fixture.run.scenario.timeout_ms = 500.0;
        fixture.run.scenario.slo_p99_ms = Some(450.0);
        fixture.run.scenario.slo_errors = Some(0.05);
        fixture.run.scenario.upstreams[0].faults = vec!["status 500 at 2 %".to_owned()];
        fixture.run.scenario.upstreams[1].faults = vec!["no answer at 1 %".to_owned()];
        for row in &mut fixture.rows {
            row.scenario.clone_from(&fixture.run.scenario.name);
            let ended = row.ok;
            row.degraded = ended * 3 / 100;
            row.failed = ended / 5_000;
            row.ok = ended - row.degraded - row.failed;
            let share = row.ok as f64 / ended.max(1) as f64;
            row.goodput_rps = row.throughput_rps.map(|rps| rps * share);
            row.errors.insert("status".to_owned(), row.degraded * 2 / 3 + row.failed);
            let timeouts = row.degraded - row.degraded * 2 / 3 + row.failed;
            row.errors.insert("timeout".to_owned(), timeouts);
        }
        fixture
    }

    /// tokio and thread-per-request in an open loop over five rates, of which the latter keeps up
    /// with three.
    pub fn open() -> Self {
        open::fixture()
    }

    /// The same at one mean rate, in stages.
    pub fn staged() -> Self {
        open::staged()
    }

    /// CPU work swept at 64 in flight, under three models.
    pub fn swept() -> Self {
        swept::work()
    }

    /// Guards of shared state swept at 256 in flight, under two models.
    pub fn guards() -> Self {
        swept::guards()
    }

    /// Kept connections and one per fetch, at 64 in flight, under two models.
    pub fn connections() -> Self {
        swept::connections()
    }

    /// 100 to 9,000 in flight, each at a latency of its own, under two models.
    pub fn c10k() -> Self {
        swept::c10k()
    }

    /// The threads of rayon's pool swept at 512 in flight, beside tokio.
    pub fn pool_size() -> Self {
        swept::pool()
    }

    /// CPU work swept at several loads.
    pub fn grid() -> Self {
        swept::grid()
    }

    /// Upstream latency swept at several loads.
    pub fn latency_grid() -> Self {
        swept::latency_grid()
    }

    /// Only the rows that `keep` says yes to; levels and repeats planned stay.
    #[must_use]
    pub fn keep(mut self, keep: impl Fn(&TrialRow) -> bool) -> Self {
        self.rows.retain(|row| keep(row));
        self
    }

    /// Only these models, in the run as in the rows.
    #[must_use]
    pub fn models(mut self, labels: &[&str]) -> Self {
        self.run.scenario.models.retain(|model| labels.contains(&model.label.as_str()));
        self.rows.retain(|row| labels.contains(&row.model.as_str()));
        for row in &mut self.rows {
            let at = self.run.scenario.models.iter().position(|model| model.label == row.model);
            row.model_index = at.unwrap_or_default() as u32;
        }
        self
    }

    /// Adds a model that is `of` again, called `label`, at these levels, with luck of its own.
    #[must_use]
    pub fn twin(mut self, of: &str, label: &str, levels: &[u32]) -> Self {
        let models = &mut self.run.scenario.models;
        let Some(mut model) = models.iter().find(|model| model.label == of).cloned() else {
            return self;
        };
        label.clone_into(&mut model.label);
        if levels.len() < LEVELS.len() {
            model.levels = levels.iter().copied().map(f64::from).collect();
        }
        let index = models.len() as u32;
        models.push(model);
        let own = |row: &&TrialRow| {
            row.model == of && row.concurrency.is_some_and(|level| levels.contains(&level))
        };
        let mut rows: Vec<TrialRow> = self.rows.iter().filter(own).cloned().collect();
        for (at, row) in rows.iter_mut().enumerate() {
            label.clone_into(&mut row.model);
            row.model_index = index;
            row.order = (self.rows.len() + at) as u32;
            let luck = 1.0 + [0.004, -0.006, 0.002][row.repeat as usize % 3];
            row.throughput_rps = row.throughput_rps.map(|rps| rps * luck);
            row.latency_p99_ms = row.latency_p99_ms.map(|ms| ms / luck);
        }
        self.rows.extend(rows);
        self
    }

    /// Two of the repeats of tokio at 64 in flight lost, the third one twice, and run again until they
    /// came out well. The refused attempts have a tenth of the throughput.
    #[must_use]
    pub fn mended(mut self) -> Self {
        for (repeat, refused) in [(1, 1), (2, 2)] {
            let own = |row: &TrialRow| {
                (row.model.as_str(), row.concurrency, row.repeat) == ("tokio", Some(64), repeat)
            };
            let Some(at) = self.rows.iter().position(own) else { continue };
            let good = self.rows[at].clone();
            let spoilt = TrialRow {
                verdict: Verdict::UpstreamLimited,
                reason: "the mock was late".to_owned(),
                throughput_rps: good.throughput_rps.map(|rps| rps / 10.0),
                ..good.clone()
            };
            for attempt in 2..=refused + 1 {
                let made = if attempt == refused + 1 { &good } else { &spoilt };
                let order = self.rows.len() as u32;
                self.rows.push(TrialRow { attempt, order, ..made.clone() });
            }
            self.rows[at] = spoilt;
        }
        self
    }

    /// Every row as a trial that did not finish: no figure but its place.
    #[must_use]
    pub fn all_failed(mut self) -> Self {
        for row in &mut self.rows {
            *row = TrialRow {
                scenario: row.scenario.clone(),
                model: row.model.clone(),
                kind: row.kind.clone(),
                concurrency: row.concurrency,
                repeat: row.repeat,
                order: row.order,
                model_index: row.model_index,
                level_index: row.level_index,
                verdict: Verdict::Failed,
                reason: "the trial process ended with status 101".to_owned(),
                ..TrialRow::default()
            };
        }
        self
    }

    /// The run as statistics, with histograms that agree with its rows.
    pub fn analysis(self) -> Analysis {
        let histograms = histograms::of(&self.rows);
        Analysis::with_histograms(self.run, self.rows, &histograms)
    }

    /// The run directory as it would be read, with histograms that agree with its rows.
    pub fn read(mut self) -> Run {
        crate::analysis::attempts::sort(&mut self.rows);
        let histograms = histograms::of(&self.rows);
        Run { info: self.run, rows: self.rows, histograms, notes: Vec::new() }
    }

    /// Writes the run directory, the rows with their times as the histograms have them: `run.json`, `trials.jsonl` and `histograms.hlog`.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        fs::create_dir_all(dir)?;
        fs::write(dir.join("run.json"), serde_json::to_string_pretty(&self.run)? + "\n")?;
        let mut lines = String::new();
        for row in &self.rows {
            lines += &serde_json::to_string(&histograms::agreeing(row))?;
            lines.push('\n');
        }
        fs::write(dir.join("trials.jsonl"), lines)?;
        histograms::write(&self.rows, dir)
    }

    /// What goes wrong in a real run: a point past a limit, one not steady, single bad rows.
    fn spoil(&mut self) {
        for row in &mut self.rows {
            let n = row.concurrency.unwrap_or_default();
            match (row.model.as_str(), n, row.repeat) {
                ("thread-per-request", 1024, _) => exhaust(row),
                ("rayon-256", 1024, _) => {
                    row.verdict = Verdict::Unsteady;
                    "first and last third 14 % apart, ±10 % allowed".clone_into(&mut row.reason);
                }
                ("rayon-256", 8, 1) => {
                    row.verdict = Verdict::UpstreamLimited;
                    "hold error p99 1.9 ms, 1.6 ms allowed".clone_into(&mut row.reason);
                }
                _ => {}
            }
        }
    }
}

fn exhaust(row: &mut TrialRow) {
    row.verdict = Verdict::Exhausted;
    "no threads beyond 2,400: 80 % of pid_max 3,000".clone_into(&mut row.reason);
    row.exhausted = Some(Exhausted {
        resource: "threads".to_owned(),
        reached: 2_400,
        limit: 2_400,
        because: "80 % of pid_max 3,000".to_owned(),
        in_flight: 797,
    });
    row.threads_peak = Some(2_402);
    row.latency_p99_ms = None;
    row.latency_p999_ms = None;
}
