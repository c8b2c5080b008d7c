//! The report as files: what is rendered, and the one edge that writes.

pub mod comparison;

use std::fs;
use std::path::Path;

use crate::analysis::Analysis;
use crate::charts::{CHARTS, Chart, Outcome, Theme, file};
use crate::choices::Choices;
use crate::error::{Error, Result};
use crate::findings::{self, Finding};
use crate::headline::headline;
use crate::load::Run;
use crate::sentence::Span;
use crate::verdict::Verdict;
use crate::{csv, html, markdown};

/// Everything a renderer works from; made once.
pub struct Report {
    /// The statistics.
    pub analysis: Analysis,
    /// What was found in them.
    pub findings: Vec<Finding>,
    /// The report in a sentence.
    pub headline: Vec<Span>,
    /// The same for machines.
    pub verdict: Verdict,
    /// Every chart with what became of it, in the order of the report.
    pub charts: Vec<(&'static Chart, Outcome)>,
    /// What was chosen.
    choices: Choices,
}

/// A rendered report, not yet written.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Every file: path relative to the run directory (`/` between folders), and content.
    pub files: Vec<(String, Vec<u8>)>,
    /// What the report concludes: decides the exit status, prints the closing table.
    pub verdict: Verdict,
    /// What the run directory lacks, and what was asked for and could not be done: a line each.
    pub remarks: Vec<String>,
}

/// Files by their path in a directory.
type Files = Vec<(String, Vec<u8>)>;

/// Every kind of output: one entry each.
const OUTPUTS: &[fn(&Report) -> Result<Files>] = &[
    |report| Ok(vec![("trials.csv".to_owned(), csv::render(&report.analysis.rows)?)]),
    |report| Ok(vec![("verdict.json".to_owned(), report.verdict.to_json()?)]),
    |report| Ok(vec![("summary.md".to_owned(), markdown::render(report).into_bytes())]),
    |report| Ok(vec![("report.html".to_owned(), page(report).into_bytes())]),
    |report| Ok(chart_files(report.charts.iter().map(|(chart, outcome)| (chart.key, outcome)))),
];

impl Report {
    /// Concludes and draws, as chosen.
    pub fn chosen(mut analysis: Analysis, choices: &Choices) -> Result<Self> {
        choices.apply(&mut analysis)?;
        Ok(Self { choices: choices.clone(), ..Self::with(analysis, &choices.charts()?) })
    }

    /// Concludes and draws all there is.
    pub fn of(analysis: Analysis) -> Self {
        Self::with(analysis, &CHARTS.iter().collect::<Vec<_>>())
    }

    fn with(analysis: Analysis, charts: &[&'static Chart]) -> Self {
        let mut charts = charts.to_vec();
        if analysis.staged() {
            // Where the rate changes inside a trial, what happened over time is the main chart.
            charts.sort_by_key(|chart| chart.key != "timeline");
        }
        let findings = findings::all(&analysis);
        Self {
            headline: headline(&analysis),
            verdict: Verdict::of(&analysis, &findings),
            charts: charts.iter().map(|chart| (*chart, chart.drawn(&analysis))).collect(),
            findings,
            analysis,
            choices: Choices::default(),
        }
    }

    /// The charts that were asked for by name and that the run does not support.
    fn not_drawn(&self) -> Vec<String> {
        let named = self.charts.iter().filter(|_| !self.choices.charts.is_empty());
        named
            .filter_map(|(chart, outcome)| match outcome {
                Outcome::Drawn(_) => None,
                Outcome::LeftOut(why) => Some(format!("no chart {}: {why}", chart.key)),
            })
            .collect()
    }

    /// Every file of the report.
    pub fn render(&self) -> Result<Rendered> {
        let mut files = Vec::new();
        for output in OUTPUTS {
            files.extend(output(self)?);
        }
        let mut remarks = self.not_drawn();
        if self.choices.png {
            match pngs(&files) {
                Ok(pngs) => files.extend(pngs?),
                Err(why) => remarks.push(format!("no PNGs: {why}")),
            }
        }
        Ok(Rendered { files, verdict: self.verdict.clone(), remarks })
    }
}

/// The PNG of every chart's SVG beside it; the outer error says why there can be none.
#[cfg(feature = "png")]
fn pngs(files: &Files) -> std::result::Result<Result<Files>, &'static str> {
    let painter = crate::png::Painter::new().ok_or("this machine has no font to write with")?;
    let charts = files.iter().filter_map(|(path, svg)| Some((path.strip_suffix(".svg")?, svg)));
    let draw = |(path, svg): (&str, &Vec<u8>)| {
        let path = format!("{path}.png");
        let png = painter.png(&path, &String::from_utf8_lossy(svg))?;
        Ok((path, png))
    };
    Ok(charts.map(draw).collect())
}

#[cfg(not(feature = "png"))]
fn pngs(_files: &Files) -> std::result::Result<Result<Files>, &'static str> {
    Err("this program was built without them (cargo feature `png`)")
}

/// Reads a run directory and renders its report; writes nothing. The same directory gives the
/// same bytes, whatever the time, the place and the machine.
pub fn render(dir: &Path) -> Result<Rendered> {
    render_chosen(dir, &Choices::default())
}

/// The same, as chosen.
pub fn render_chosen(dir: &Path, choices: &Choices) -> Result<Rendered> {
    let run = Run::read(dir)?;
    let incomplete = run.notes.clone();
    let mut rendered = Report::chosen(Analysis::of_run(run), choices)?.render()?;
    rendered.remarks.splice(..0, incomplete);
    Ok(rendered)
}

/// Writes a rendered report into `dir`, and removes charts of an earlier rendering that this one has
/// not: the directory holds what the page shows.
pub fn write(dir: &Path, rendered: &Rendered) -> Result<()> {
    write_files(dir, &rendered.files)?;
    for path in stale(&rendered.files) {
        let path = dir.join(path);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::Io { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Every place of a chart that is not among `files`. Only of charts that this program draws: whatever
/// else lies there is somebody's own.
fn stale(files: &Files) -> Vec<String> {
    let places = CHARTS.iter().flat_map(|chart| {
        let folders = ["charts", "charts/dark"].into_iter();
        folders
            .flat_map(|folder| ["svg", "png"].map(|kind| format!("{folder}/{}.{kind}", chart.key)))
    });
    places.filter(|place| files.iter().all(|(path, _)| path != place)).collect()
}

/// Writes files into `dir`, with the folders they need.
fn write_files(dir: &Path, files: &[(String, Vec<u8>)]) -> Result<()> {
    for (path, bytes) in files {
        let path = dir.join(path);
        let written = match path.parent() {
            Some(folder) => fs::create_dir_all(folder),
            None => Ok(()),
        };
        written
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|source| Error::Io { path: path.clone(), source })?;
    }
    Ok(())
}

fn page(report: &Report) -> String {
    let charts: Vec<(&Chart, &Outcome)> =
        report.charts.iter().map(|(chart, outcome)| (*chart, outcome)).collect();
    html::page(&report.analysis, &report.findings, &report.verdict, &charts)
}

/// Charts as files of their own, light and dark, by their keys.
fn chart_files<'a>(charts: impl Iterator<Item = (&'a str, &'a Outcome)>) -> Files {
    let mut files = Vec::new();
    for (key, outcome) in charts {
        if let Outcome::Drawn(drawing) = outcome {
            for (folder, theme) in [("charts", Theme::Light), ("charts/dark", Theme::Dark)] {
                let path = format!("{folder}/{key}.svg");
                files.push((path, file(key, drawing, theme).into_bytes()));
            }
        }
    }
    files
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
