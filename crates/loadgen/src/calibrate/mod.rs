//! What this machine can do, measured without any scenario of the user's.
//!
//! ```text
//! PROBES, a child process each ┐
//! trials of built-in scenarios ┴─▶ figures ─▶ limits ─▶ Calibration ─▶ cache ─▶ run.json, report
//! ```
//!
//! A probe is one file and one entry in [`PROBES`]: a small measurement on the CPUs that client
//! and mock get in a run. Deliberately not here: how the figures look.

pub(crate) mod cache;
pub(crate) mod work;

mod clock_read;
mod limits;
mod park;
mod switch;
mod tcp;
mod thread;
mod timer;
mod trials;

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use measurement::calibration::{Calibration, CalibrationFigure};
use measurement::derive::{percentile, supports};
use serde::{Deserialize, Serialize};

use crate::conductor::lab::Lab;
use crate::conductor::post::{self, Post, Posted};
use crate::exit::Exit;
use crate::terminal::in_words;

/// A small measurement in a child process of its own.
#[derive(Debug, Clone, Copy)]
struct Probe {
    /// Unique name; the figure's.
    name: &'static str,
    /// What is measured, in words.
    doc: &'static str,
    /// Unit of the figure: `ns` or `us`.
    unit: &'static str,
    /// Takes samples, in nanoseconds, until the time is up.
    run: fn(&Ground) -> Result<Vec<u64>>,
}

/// Every probe, in the order of the report.
const PROBES: &[Probe] = &[
    clock_read::PROBE,
    timer::PROBE,
    tcp::PROBE,
    park::PROBE,
    switch::PROBE,
    thread::STD,
    thread::LEAN,
];

/// How long each probe measures.
const PROBE_TIME: Duration = Duration::from_millis(500);

/// Where a probe measures: its process is on the client's CPUs.
#[derive(Debug, Serialize, Deserialize)]
struct Ground {
    /// Name of the probe.
    probe: String,
    /// The post of a trial: the CPUs of the client.
    post: Post,
    /// CPUs of the mock.
    upstream: Vec<usize>,
}

impl Posted for Ground {
    fn post(&self) -> &Post {
        &self.post
    }
}

impl Ground {
    /// Takes one sample after the other for [`PROBE_TIME`], after a tenth of that unrecorded.
    #[expect(clippy::unused_self, reason = "only who stands on the ground may measure")]
    fn sample(&self, mut one: impl FnMut() -> Result<u64>) -> Result<Vec<u64>> {
        let began = Instant::now();
        while began.elapsed() < PROBE_TIME / 10 {
            one()?;
        }
        let mut samples = Vec::with_capacity(1 << 16);
        while began.elapsed() < PROBE_TIME {
            samples.push(one()?);
        }
        Ok(samples)
    }
}

/// What a probe's process prints.
#[derive(Debug, Serialize, Deserialize)]
struct Probed {
    p50_ns: u64,
    p99_ns: Option<u64>,
    samples: u64,
}

/// Measures everything; `tell` hears what comes next. A figure that cannot be measured says why.
/// `None` after Ctrl-C.
pub(crate) fn measure(
    lab: &Lab,
    overrides: &[String],
    machine: String,
    tell: &mut dyn FnMut(&str),
) -> Result<Option<Calibration>> {
    let began = Instant::now();
    let mut figures = Vec::new();
    for probe in PROBES {
        tell(probe.name);
        let measured = probed(lab, probe);
        if lab.interrupted() {
            return Ok(None);
        }
        figures.push(measured);
    }
    let Some(ceilings) = trials::measure(lab, overrides, tell)? else { return Ok(None) };
    figures.extend(ceilings);
    let mut calibration = Calibration {
        made: jiff::Timestamp::now().to_string(),
        took_s: began.elapsed().as_secs_f64(),
        machine,
        figures,
        ..Calibration::default()
    };
    limits::conclude(&mut calibration);
    if lab.has_neighbours() {
        let note = "A run was under way at the same time and shared the CPUs: calibrate again.";
        calibration.limits.push(note.to_owned());
    }
    Ok(Some(calibration))
}

fn probed(lab: &Lab, probe: &Probe) -> CalibrationFigure {
    let ground = Ground {
        probe: probe.name.to_owned(),
        post: Post::new(&lab.split().client, lab.split().client_standing()),
        upstream: lab.split().upstream.clone(),
    };
    let measured = lab.child("child-probe", "the probe", &ground).and_then(|text| {
        serde_json::from_str::<Probed>(&text).with_context(|| format!("it printed {text:?}"))
    });
    let mut figure = blank(probe.name, probe.doc, probe.unit);
    let divisor = if probe.unit == "us" { 1e3 } else { 1.0 };
    match measured {
        Ok(probed) => {
            figure.p50 = probed.p50_ns as f64 / divisor;
            figure.p99 = probed.p99_ns.map(|ns| ns as f64 / divisor);
            figure.samples = probed.samples;
        }
        Err(error) => figure.failed = Some(in_words(&error)),
    }
    figure
}

/// A figure not measured yet.
fn blank(name: &str, doc: &str, unit: &str) -> CalibrationFigure {
    CalibrationFigure {
        name: name.to_owned(),
        doc: doc.to_owned(),
        unit: unit.to_owned(),
        ..CalibrationFigure::default()
    }
}

/// A probe's process.
pub(crate) fn child() -> Result<Exit> {
    let ground: Ground = post::receive()?;
    let probe = PROBES.iter().find(|probe| probe.name == ground.probe);
    let probe = probe.with_context(|| format!("there is no probe {:?}", ground.probe))?;
    let mut samples = (probe.run)(&ground)?;
    samples.sort_unstable();
    let p50_ns = percentile(&samples, 0, 0.5).context("no sample was taken")?;
    let p99_ns = percentile(&samples, 0, 0.99).filter(|_| supports(samples.len(), 0.99));
    let probed = Probed { p50_ns, p99_ns, samples: samples.len() as u64 };
    let mut text = serde_json::to_vec(&probed)?;
    text.push(b'\n');
    std::io::stdout().lock().write_all(&text)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::conductor::priority::Standing;

    #[test]
    fn probes_are_unique_documented_and_yield_samples() {
        let names: BTreeSet<&str> = PROBES.iter().map(|probe| probe.name).collect();
        assert_eq!(names.len(), PROBES.len());
        // Wherever this process may run: one CPU for both sides does.
        let cpus = crate::conductor::cpus::allowed().expect("this process runs somewhere");
        for probe in PROBES {
            assert!(!probe.doc.is_empty() && ["ns", "us"].contains(&probe.unit), "{}", probe.name);
            let ground = Ground {
                probe: probe.name.to_owned(),
                post: Post::new(&cpus, Standing::Ordinary),
                upstream: cpus.clone(),
            };
            // On a thread of its own: a probe may move its thread to a CPU.
            let run = probe.run;
            let samples = std::thread::spawn(move || run(&ground)).join().expect("no panic");
            let samples = samples.unwrap_or_else(|error| panic!("{}: {error:#}", probe.name));
            assert!(!samples.is_empty(), "{}", probe.name);
        }
    }
}
