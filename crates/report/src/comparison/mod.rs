//! Two runs of one scenario, before and after: every figure of the later one ÷ that of the earlier.
//!
//! Models are matched by label, points by level and by the value of a sweep. Where both runs meet
//! the same luck (same seed, same draws) repeats are paired; where not, the ratio is Welch's on
//! logs, and the comparison says so. Throughput and p99 are primary: Holm's correction runs over
//! all models and levels of each. Everything else is exploratory. The two runs are not interleaved,
//! so that whatever changed on the machine between them is in every ratio: no statistics can tell
//! that apart. Deliberately not here: text, markup and charts of it, which live with the renderers.

mod conditions;
mod diff;
mod family;
mod json;
mod points;
mod ratio;
mod told;
mod words;

use measurement::row::LoadKind;
use measurement::run::RunInfo;

pub use conditions::{Condition, Weight};
pub use family::{Change, PRIMARY, QUANTITIES, Quantity};
pub use points::{LeftOut, MatchedPoint, Spot};
pub use ratio::{Pairing, RunRatio};
pub use told::Told;

use crate::load::Run;
use crate::look::Look;
use crate::sentence::{Span, text_of};
use crate::stats::Decision;

/// Two runs compared.
#[derive(Debug, Clone)]
pub struct RunComparison {
    /// The earlier run.
    pub before: Side,
    /// The later run.
    pub after: Side,
    /// What differs between them besides the figures, in the order of weight.
    pub conditions: Vec<Condition>,
    /// Whether and why repeats are paired.
    pub pairing: Pairing,
    /// Labels of the models that both have, in the order of the run before, and how they are
    /// drawn there.
    pub models: Vec<(Look, String)>,
    /// The points that both have and that are to be trusted in both, by model, then place.
    pub points: Vec<MatchedPoint>,
    /// What could not be compared, and why.
    pub left_out: Vec<LeftOut>,
    /// Whether both sides hold the same rows of the same start.
    same: bool,
}

/// One of the two runs.
#[derive(Debug, Clone)]
pub struct Side {
    /// What the user called it: its directory.
    pub name: String,
    /// Its `run.json`.
    pub info: RunInfo,
    /// Remarks on reading it: rows missing, a line cut short.
    pub notes: Vec<String>,
}

/// Why two runs cannot be compared at all; a sentence fragment each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// One loop is closed, the other open: their levels mean different things.
    #[error("{before} is a run of a {} loop, {after} of an {} loop", .kinds.0, .kinds.1)]
    Loads {
        /// Name of the run before.
        before: String,
        /// Name of the run after.
        after: String,
        /// `closed` or `open`, each.
        kinds: (&'static str, &'static str),
    },
    /// No model has the same label in both.
    #[error("no model has the same label in both: {before} against {after}")]
    Models {
        /// Labels of the run before.
        before: String,
        /// Labels of the run after.
        after: String,
    },
    /// They sweep different things: their points mean different things.
    #[error("{before} sweeps {}, {after} {}", .swept.0, .swept.1)]
    Sweeps {
        /// Name of the run before.
        before: String,
        /// Name of the run after.
        after: String,
        /// The key that each sweeps, or `nothing`.
        swept: (String, String),
    },
    /// Not one point is in both and to be trusted in both.
    #[error("no point is in both runs and to be trusted in both{}", first(.reasons))]
    Points {
        /// Why: what is the matter with either run, then one for each point.
        reasons: Vec<String>,
    },
}

fn first(reasons: &[String]) -> String {
    match reasons {
        [] => String::new(),
        [one] => format!(": {one}"),
        [one, other] => format!(": {one}; {other}"),
        [one, other, rest @ ..] => format!(": {one}; {other}; and {} more", rest.len()),
    }
}

/// A primary figure that is called worse.
#[derive(Debug, Clone, Copy)]
pub struct Regression<'a> {
    /// Where.
    pub point: &'a MatchedPoint,
    /// What.
    pub change: &'a Change,
}

impl RunComparison {
    /// Of two runs as read, each with what the user called it.
    pub fn of(before: (String, Run), after: (String, Run)) -> Result<Self, Refusal> {
        let (load, other) = (before.1.info.scenario.load, after.1.info.scenario.load);
        if load != other {
            let kinds = (load.name(), other.name());
            return Err(Refusal::Loads { before: before.0, after: after.0, kinds });
        }
        let swept = |info: &RunInfo| {
            let sweep = info.scenario.sweep.as_ref();
            sweep.map_or("nothing".to_owned(), |sweep| format!("`{}`", sweep.key))
        };
        let swept = (swept(&before.1.info), swept(&after.1.info));
        if swept.0 != swept.1 {
            return Err(Refusal::Sweeps { before: before.0, after: after.0, swept });
        }
        let models = points::shared_models(&before.1.info, &after.1.info);
        if models.is_empty() {
            let labels = |info: &RunInfo| {
                let labels: Vec<String> =
                    info.scenario.models.iter().map(|model| model.label.clone()).collect();
                crate::format::list(&labels)
            };
            let (before, after) = (labels(&before.1.info), labels(&after.1.info));
            return Err(Refusal::Models { before, after });
        }
        let pairing = Pairing::of(&before.1.info, &after.1.info);
        let matched = points::matched(&before.1, &after.1, &models, &pairing);
        if matched.points.is_empty() {
            let reason = |out: &LeftOut| format!("{}: {}", out.place(), out.reason);
            let notes = [&before, &after].into_iter().flat_map(|(name, run)| {
                run.notes.iter().map(move |note| format!("{name}: {}", note.trim_end_matches('.')))
            });
            let reasons = notes.chain(matched.left_out.iter().map(reason)).collect();
            return Err(Refusal::Points { reasons });
        }
        Ok(Self {
            conditions: conditions::between(&before.1, &after.1),
            pairing,
            models,
            points: family::decided(matched.points),
            left_out: matched.left_out,
            same: same_run(&before.1, &after.1),
            before: Side { name: before.0, info: before.1.info, notes: before.1.notes },
            after: Side { name: after.0, info: after.1.info, notes: after.1.notes },
        })
    }

    /// Whether both sides are one and the same run.
    pub fn same_run(&self) -> bool {
        self.same
    }

    /// Closed or open loop.
    pub fn load(&self) -> LoadKind {
        self.before.info.scenario.load
    }

    /// Every primary figure with its place.
    pub fn primary(&self) -> impl Iterator<Item = Regression<'_>> {
        self.points.iter().flat_map(|point| {
            let primary = point.changes.iter().filter(|change| change.quantity.primary);
            primary.map(move |change| Regression { point, change })
        })
    }

    /// The primary figures that are called a difference for the worse, of at least `least` (0.05:
    /// 5 %) by the ratio of the better to the worse figure; the largest first.
    pub fn regressions(&self, least: f64) -> Vec<Regression<'_>> {
        let mut worse: Vec<Regression<'_>> = self
            .primary()
            .filter(|one| one.change.decision == Decision::Different && one.change.worse())
            .filter(|one| one.change.effect() >= 1.0 + least)
            .collect();
        worse.sort_by(|a, b| b.change.effect().total_cmp(&a.change.effect()));
        worse
    }

    /// Whether any primary figure has enough repeats for a verdict: without one nothing can be
    /// called better or worse.
    pub fn decidable(&self) -> bool {
        self.primary().any(|one| one.change.decision != Decision::NotEnoughRepeats)
    }

    /// Plain warnings: where the two runs are apples and pears.
    pub fn warnings(&self) -> Vec<String> {
        conditions::warnings(self)
    }

    /// The largest change of one primary figure, for the title of a chart; `None` where no point has it.
    pub fn title(&self, quantity: &Quantity) -> Option<String> {
        told::title(self, quantity)
    }

    /// How many ratios of one primary figure are lower, higher and alike; `None` likewise.
    pub fn counted(&self, quantity: &Quantity) -> Option<String> {
        told::counted(self, quantity)
    }

    /// The comparison in a sentence or two; a model goes by its position in `models`.
    pub fn headline(&self) -> Vec<Span> {
        told::headline(self)
    }

    /// A finding for every figure and model that a difference is called for, and for the others
    /// together.
    pub fn findings(&self) -> Vec<Told> {
        told::findings(self)
    }

    /// Heading of the column that says where: `N`, `offered`, `threads of rayon`; `at` where loads and
    /// swept values both vary.
    pub fn at_heading(&self) -> String {
        let info = &self.before.info;
        let axis = points::wording(info, &self.after.info);
        if axis.is_load() && info.scenario.sweep.is_some() {
            return "at".to_owned();
        }
        axis.heading().to_owned()
    }

    /// The label of a model by its position in `models`.
    pub fn label(&self, model: usize) -> &str {
        self.models.get(model).map_or("?", |(_, label)| label.as_str())
    }

    /// A sentence as text.
    pub fn plain(&self, sentence: &[Span]) -> String {
        text_of(sentence, |model| self.label(model).to_owned())
    }

    /// The bytes of `compare.json`.
    pub fn to_json(&self) -> crate::Result<Vec<u8>> {
        json::bytes(self)
    }

    /// What could not be compared, the points that share model, figure and reason on one line: where,
    /// what, why.
    pub fn left_out_lines(&self) -> Vec<[String; 3]> {
        words::left_out(self)
    }

    /// What is the matter with these figures in particular, a sentence each; the first says whether
    /// repeats are paired.
    pub fn caveats(&self) -> Vec<String> {
        words::caveats(self)
    }

    /// All that is to be known before believing it, a sentence each.
    pub fn remarks(&self) -> Vec<String> {
        words::remarks(self)
    }
}

/// Whether two directories hold one run.
fn same_run(a: &Run, b: &Run) -> bool {
    let own = |run: &Run| (run.info.started.clone(), run.info.scenario.hash.clone());
    own(a) == own(b) && a.rows == b.rows
}

#[cfg(test)]
mod tests;
