//! The run as statistics: per model and level, every repeat, its median and its interval.
//!
//! What every renderer works from: charts, tables, findings and the verdict read the same points.
//! Deliberately not here: text, colours, files.

pub mod metric;

pub(crate) mod attempts;
pub(crate) mod axis;
mod bound;
mod compare;
mod grid;
mod late;
mod open;
mod pairs;
mod point;
mod pooled;
mod reference;
mod series;
mod split;

use measurement::row::{LoadKind, TrialRow};
use measurement::run::RunInfo;

pub use axis::{Axis, Spacing};
pub(crate) use axis::{connections, law, load_of, swept_words};
pub use bound::{Bound, CpuCeiling, Peak};
pub(crate) use bound::{busy, cores_had, cores_words, cpu_ceiling_rps, pool_ceiling_rps};
pub use compare::{Comparison, Place};
pub use metric::Metric;
pub use open::{Capacity, Omission, keeps_up, omission};
pub use point::{Basis, Estimate, Point};
pub use pooled::{Histograms, Pooled, TrialCounts};
pub use series::Series;

/// What every renderer works from.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// The run.
    pub run: RunInfo,
    /// All rows, sorted by model, level, repeat.
    pub rows: Vec<TrialRow>,
    /// One series per model, in scenario order; a model without rows has no points. In a grid of
    /// loads and swept values one per model and value.
    pub series: Vec<Series>,
    /// Remarks on the whole run: those it made itself and those on reading it.
    pub notes: Vec<String>,
    /// What lies across.
    axis: Axis,
    /// The level that charts and findings of one level are of, where it was chosen.
    level: Option<f64>,
    /// Position in `series` of the model others are compared with: see [`Analysis::baseline`].
    baseline: Option<usize>,
    /// The primary comparisons with the baseline, Holm-corrected: see [`Analysis::comparisons`].
    comparisons: Vec<Comparison>,
    /// Each model with itself, where it runs twice: see [`Analysis::a_a`].
    a_a: Vec<Comparison>,
}

impl Analysis {
    /// Of a run and its rows, in whatever order. Rows of models that the run does not name, or
    /// without a load level, find no place; [`crate::load::Run::read`] refuses such rows.
    pub fn of(run: RunInfo, rows: Vec<TrialRow>) -> Self {
        Self::with_histograms(run, rows, &Histograms::new())
    }

    /// The same with the histograms of its trials, for percentiles over pooled repeats.
    pub fn with_histograms(run: RunInfo, mut rows: Vec<TrialRow>, histograms: &Histograms) -> Self {
        attempts::sort(&mut rows);
        let axis = Axis::of(&run);
        let mut series = split::series(&run, &rows, &axis, histograms);
        pairs::mark(&mut series);
        let mut notes = run.notes.clone();
        notes.extend(late::note(&run.environment, &rows));
        let mut analysis = Self {
            run,
            rows,
            series,
            notes,
            axis,
            level: None,
            baseline: None,
            comparisons: Vec::new(),
            a_a: Vec::new(),
        };
        analysis.baseline = analysis.best();
        analysis.comparisons = compare::primary(&analysis);
        analysis.a_a = pairs::compared(&analysis);
        analysis
    }

    /// What lies across: the load, or what a sweep varies.
    pub fn axis(&self) -> &Axis {
        &self.axis
    }

    /// Closed or open loop.
    pub fn load(&self) -> LoadKind {
        self.run.scenario.load
    }

    /// Whether the rate changes in stages inside each trial: then there is one level, and what
    /// counts happens over time.
    pub fn staged(&self) -> bool {
        !self.run.scenario.stages.is_empty()
    }

    /// The levels planned for a series, ascending: those of its own, or all, or the values of a sweep.
    pub(crate) fn planned(&self, series: &Series) -> Vec<f64> {
        match (&self.run.scenario.sweep, series.model.levels.as_slice()) {
            (Some(sweep), _) if series.swept => {
                let mut positions = sweep.positions.clone();
                positions.sort_by(f64::total_cmp);
                positions
            }
            (_, []) => self.run.scenario.levels.clone(),
            (_, own) => own.to_vec(),
        }
    }

    /// The one level of a run that has one: there is nothing across then.
    pub fn one_level(&self) -> Option<f64> {
        match self.levels().as_slice() {
            [level] => Some(*level),
            _ => None,
        }
    }

    /// Every level that some model has a point at, ascending.
    pub fn levels(&self) -> Vec<f64> {
        let mut levels: Vec<f64> =
            self.series.iter().flat_map(|s| s.points.iter().map(|point| point.level)).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels
    }

    /// Compares the others with the model of this label; `Err` lists those it may be.
    pub(crate) fn compare_with(&mut self, label: &str) -> Result<(), Vec<String>> {
        let may = |series: &&Series| series.peak().is_some();
        let found = self.distinct().filter(may).find(|series| series.model.label == label);
        let Some(found) = found.map(|series| series.index) else {
            return Err(self.distinct().filter(may).map(|s| s.model.label.clone()).collect());
        };
        self.baseline = Some(found);
        self.comparisons = compare::primary(self);
        Ok(())
    }

    /// Makes the level of these words that of charts and findings of one level; `Err` lists those
    /// there are.
    pub(crate) fn look_at(&mut self, word: &str) -> Result<(), Vec<String>> {
        let bare = |text: &str| -> String {
            let text = text.trim_end_matches("/s");
            let written = text.chars().filter(|c| !c.is_whitespace() && *c != ',');
            written.map(|c| if c == 'µ' { 'u' } else { c }).collect()
        };
        let levels = self.levels();
        // A value of a sweep with a load of its own goes by itself, too.
        let alone = |text: &str| text.split('×').next().map(bare);
        let found = levels.iter().find(|level| bare(&self.axis.word(**level)) == bare(word));
        let found = found.or_else(|| {
            levels.iter().find(|level| alone(&self.axis.word(**level)) == Some(bare(word)))
        });
        let Some(found) = found.copied() else {
            return Err(levels.iter().map(|level| self.axis.word(*level)).collect());
        };
        self.level = Some(found);
        Ok(())
    }

    /// The levels that a chart or a finding of one level may be of, the most telling first: the one
    /// chosen, or all, the highest first.
    pub fn single_levels(&self) -> Vec<f64> {
        match self.level {
            Some(level) => vec![level],
            None => self.levels().into_iter().rev().collect(),
        }
    }

    /// Whether the level of charts and findings of one level was chosen by whoever rendered.
    pub fn level_chosen(&self) -> bool {
        self.level.is_some()
    }

    /// The model that the others are compared with, unless another was chosen: the one with the
    /// highest peak throughput (over
    /// a sweep: the highest mean of logs), the first of equals in scenario order, and no A/A twin;
    /// `None` where no model has a trusted throughput. It is the data's choice, not the author's,
    /// so that no other reached more.
    pub fn baseline(&self) -> Option<&Series> {
        self.series.get(self.baseline?)
    }

    /// The other models that reached a trusted throughput, the highest peak first; scenario order
    /// where equal. In a grid those at the baseline's value: what differs in model and value says
    /// nothing of either.
    pub fn rivals(&self) -> Vec<&Series> {
        let Some(best) = self.baseline() else { return Vec::new() };
        let mut rivals: Vec<(&Series, f64)> = self
            .series
            .iter()
            .filter(|series| series.index != best.index && series.again.is_none())
            .filter(|series| self.comparable(best, series))
            .filter_map(|series| Some((series, self.rank(series)?)))
            .collect();
        rivals.sort_by(|a, b| b.1.total_cmp(&a.1));
        rivals.into_iter().map(|(series, _)| series).collect()
    }

    /// The primary comparisons (throughput and p99 of the baseline ÷ each other model, at every
    /// level both are trusted at and, for the p99, keep up with; throughput also peak against
    /// peak), corrected after Holm for each of the two metrics.
    pub fn comparisons(&self) -> &[Comparison] {
        &self.comparisons
    }

    /// The comparisons of a model with itself, where it runs twice under two labels: throughput
    /// and p99 at every level both are trusted at, corrected after Holm among themselves, for each
    /// of the two metrics. They are called by the rule of all others, so that a false call shows;
    /// they are a family of their own, so that they cost the others no power.
    pub fn a_a(&self) -> &[Comparison] {
        &self.a_a
    }

    /// The series that are not another one again.
    pub fn distinct(&self) -> impl Iterator<Item = &Series> {
        self.series.iter().filter(|series| series.again.is_none())
    }

    /// The highest level at which every one of `series` is trusted.
    pub fn highest_common_trusted(&self, series: &[&Series]) -> Option<f64> {
        self.single_levels().into_iter().find(|&level| {
            !series.is_empty() && series.iter().all(|s| s.point(level).is_some_and(Point::trusted))
        })
    }

    /// Rows to be trusted.
    pub fn trusted_rows(&self) -> usize {
        self.rows.iter().filter(|row| row.verdict.trusted()).count()
    }

    fn best(&self) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for series in self.distinct() {
            let Some(rank) = self.rank(series) else { continue };
            if best.is_none_or(|(_, highest)| rank > highest) {
                best = Some((series.index, rank));
            }
        }
        best.map(|(at, _)| at)
    }

    /// What models are ranked by: the peak throughput; over a sweep, where the highest figure is
    /// but that of the easiest value, the geometric mean over the values at which all models that
    /// have any are trusted, or over its own where there is none.
    fn rank(&self, series: &Series) -> Option<f64> {
        if self.axis.is_load() {
            return Some(series.peak()?.throughput.median);
        }
        let trusted = |s: &Series, level| s.point(level).is_some_and(Point::trusted);
        let measured: Vec<&Series> = self.distinct().filter(|s| s.peak().is_some()).collect();
        let shared = |level: &f64| measured.iter().all(|s| trusted(s, *level));
        let any = self.levels().iter().any(shared);
        let logs: Vec<f64> = series
            .trusted_points()
            .filter(|point| !any || shared(&point.level))
            .filter_map(|point| point.median(&metric::THROUGHPUT))
            .filter(|rps| *rps > 0.0)
            .map(f64::ln)
            .collect();
        (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
    }
}
