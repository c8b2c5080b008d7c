//! Which point of one run stands against which of the other, and which have none.

use measurement::row::TrialRow;
use measurement::run::RunInfo;

use super::family::{Change, QUANTITIES};
use super::ratio::Pairing;
use crate::analysis::axis::KeyWords;
use crate::analysis::metric::{LATENCY_P99, THROUGHPUT};
use crate::analysis::{Axis, Histograms, Metric, Point, keeps_up, load_of};
use crate::format;
use crate::load::Run;
use crate::look::{self, Look};

/// Where a point stands: a load level and, in a sweep, the swept value.
#[derive(Debug, Clone)]
pub struct Spot {
    /// Requests in flight or requests offered per second.
    pub level: f64,
    /// What is swept and its value: `threads = 8`, where something is.
    pub swept: Option<String>,
    /// The whole in words: `N = 64`, `800/s offered`; over a sweep at one load `threads = 8`, at
    /// several `N = 64, threads = 8`.
    pub text: String,
    /// The same for a column that says what it holds: `64`, `8`; of loads and swept values the whole.
    pub word: String,
    /// What stands before `word` in a sentence: `N = `, `threads = `; empty where nothing does.
    lead: String,
    /// Whether loads and swept values both vary: several then have no short wording.
    grid: bool,
}

impl PartialEq for Spot {
    /// Of the same load and swept value, however the two runs word them.
    fn eq(&self, other: &Self) -> bool {
        self.level.to_bits() == other.level.to_bits() && self.swept == other.swept
    }
}

impl Spot {
    /// Of a row, in the words of `axis`.
    fn of(row: &TrialRow, axis: &Axis) -> Option<Self> {
        let level = load_of(row)?;
        let swept = row.swept.as_ref().map(|swept| {
            let key = KeyWords::of_key(&swept.key, &[row.model.as_str()]);
            format!("{} = {}", key.short, key.value(&swept.value)).replace(' ', "\u{a0}")
        });
        let across = axis.place(row)?;
        let (at, word) = (axis.at(across), axis.word(across));
        let spot = match &swept {
            Some(value) if axis.is_load() => {
                let text = format!("{at}, {value}");
                Self { level, word: text.clone(), text, lead: String::new(), grid: true, swept }
            }
            _ => {
                let lead = at.strip_suffix(&word).unwrap_or_default().to_owned();
                Self { level, swept, text: at, word, lead, grid: false }
            }
        };
        Some(spot)
    }

    /// Several in a sentence, after `at`: `N = 4 and 16`; `None` where they are too many to list.
    pub fn several(spots: &[&Self]) -> Option<String> {
        const MOST: usize = 4;
        match spots {
            [] => None,
            [one] => Some(one.text.clone()),
            all if all.len() > MOST || all.iter().any(|spot| spot.grid) => None,
            all => Some(Self::each(all)),
        }
    }

    /// All of them in a sentence, however many: `N = 4, 16, 64, 256 and 1,024`.
    pub fn each(spots: &[&Self]) -> String {
        let words: Vec<String> = spots.iter().map(|spot| spot.word.clone()).collect();
        let lead = spots.first().map_or("", |spot| spot.lead.as_str());
        format!("{lead}{}", format::list(&words))
    }
}

/// The axis by which the points of `run` are worded, set against those of `other`: the load unless a
/// sweep lies across in both.
pub(super) fn wording(run: &RunInfo, other: &RunInfo) -> Axis {
    let own = Axis::of(run);
    if own.is_load() || !Axis::of(other).is_load() { own } else { Axis::loads(run.scenario.load) }
}

/// A point of both runs, to be trusted in both.
#[derive(Debug, Clone)]
pub struct MatchedPoint {
    /// Position of the model in `RunComparison::models`.
    pub index: usize,
    /// The model, as it is drawn.
    pub model: Look,
    /// Its label.
    pub label: String,
    /// Where.
    pub spot: Spot,
    /// Where it stands on the axis of the run before: its level, or the position of its swept value.
    pub across: f64,
    /// Its figures, those that both have, in the order of [`QUANTITIES`].
    pub changes: Vec<Change>,
}

impl MatchedPoint {
    /// The change of one figure.
    pub fn change(&self, metric: &Metric) -> Option<&Change> {
        self.changes.iter().find(|change| change.quantity.metric.key == metric.key)
    }
}

/// Something that could not be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOut {
    /// The model's label.
    pub label: String,
    /// Where; `None`: all of it.
    pub spot: Option<Spot>,
    /// What of it: `everything`, or a figure's name.
    pub what: &'static str,
    /// Why, as a fragment.
    pub reason: String,
    /// Whether the run before has it to be trusted and the run after has not.
    pub lost: bool,
}

impl LeftOut {
    /// `tokio at N = 64`.
    pub fn place(&self) -> String {
        match &self.spot {
            Some(spot) => format!("{} at {}", self.label, spot.text),
            None => self.label.clone(),
        }
    }
}

/// What [`matched`] finds.
pub(super) struct Matched {
    pub(super) points: Vec<MatchedPoint>,
    pub(super) left_out: Vec<LeftOut>,
}

/// Labels that both runs have, in the order of the run before, with their looks there.
pub(super) fn shared_models(before: &RunInfo, after: &RunInfo) -> Vec<(Look, String)> {
    let models = &before.scenario.models;
    let labels = look::of_models(models).into_iter().zip(models.iter().map(|m| m.label.clone()));
    labels
        .filter(|(_, label)| after.scenario.models.iter().any(|model| model.label == *label))
        .collect()
}

/// Matches the points of two runs; figures stand uncorrected.
pub(super) fn matched(
    before: &Run,
    after: &Run,
    models: &[(Look, String)],
    pairing: &Pairing,
) -> Matched {
    let mut found = Matched { points: Vec::new(), left_out: Vec::new() };
    for (run, other, which) in [(before, after, "before"), (after, before, "after")] {
        for model in &run.info.scenario.models {
            if !other.info.scenario.models.iter().any(|own| own.label == model.label) {
                found.left_out.push(LeftOut {
                    label: model.label.clone(),
                    spot: None,
                    what: "everything",
                    reason: format!("only the run {which} has this model"),
                    lost: which == "before",
                });
            }
        }
    }
    for (index, (look, label)) in models.iter().enumerate() {
        let own = points_of(before, label, &wording(&before.info, &after.info));
        let others = points_of(after, label, &wording(&after.info, &before.info));
        for (spot, a) in &own {
            match others.iter().find(|(other, _)| other == spot) {
                Some((_, b)) => found.pair((index, *look, label), spot, (a, b), pairing),
                None => found.lone(label, spot, "before", a.trusted()),
            }
        }
        for (spot, _) in others.iter().filter(|(spot, _)| own.iter().all(|(o, _)| o != spot)) {
            found.lone(label, spot, "after", false);
        }
    }
    found
}

impl Matched {
    fn lone(&mut self, label: &str, spot: &Spot, which: &str, lost: bool) {
        self.left_out.push(LeftOut {
            label: label.to_owned(),
            spot: Some(spot.clone()),
            what: "everything",
            reason: format!("only the run {which} has this point"),
            lost,
        });
    }

    fn pair(
        &mut self,
        (index, model, label): (usize, Look, &str),
        spot: &Spot,
        (before, after): (&Point, &Point),
        pairing: &Pairing,
    ) {
        let out = |what, reason| LeftOut {
            label: label.to_owned(),
            spot: Some(spot.clone()),
            what,
            reason,
            lost: before.trusted() && !after.trusted(),
        };
        let doubts: Vec<String> =
            [doubt(before, "before"), doubt(after, "after")].into_iter().flatten().collect();
        if !doubts.is_empty() {
            self.left_out.push(out("everything", doubts.join("; ")));
            return;
        }
        let overloaded = [before, after].iter().any(|point| keeps_up(point) == Some(false));
        let mut changes = Vec::new();
        for quantity in QUANTITIES {
            let p99 = quantity.metric.key == LATENCY_P99.key;
            if p99 && overloaded {
                let why =
                    "what is offered is not kept up with: latency grows with the run’s length";
                self.left_out.push(out(quantity.metric.name, why.to_owned()));
                continue;
            }
            match Change::of(quantity, before, after, pairing) {
                Some(change) => changes.push(change),
                None if quantity.primary => {
                    self.left_out.push(out(quantity.metric.name, missing(before, after, p99)));
                }
                None => {}
            }
        }
        if changes.iter().any(|change| change.quantity.primary) {
            self.points.push(MatchedPoint {
                index,
                model,
                label: label.to_owned(),
                spot: spot.clone(),
                across: before.level,
                changes,
            });
        }
    }
}

/// Why a point is not to be trusted.
fn doubt(point: &Point, which: &str) -> Option<String> {
    let reason = match point.reason.as_str() {
        "" => point.verdict.name().to_owned(),
        reason => format!("{} ({reason})", point.verdict.name()),
    };
    (!point.trusted()).then(|| format!("not to be trusted {which}: {reason}"))
}

/// Why a figure cannot be compared.
fn missing(before: &Point, after: &Point, p99: bool) -> String {
    let metric = if p99 { LATENCY_P99 } else { THROUGHPUT };
    let lacks = |point: &Point| point.median(&metric).is_none();
    let which = match (lacks(before), lacks(after)) {
        (true, true) => "in either run",
        (true, false) => "before",
        (false, true) => "after",
        (false, false)
            if [before, after].iter().any(|point| point.median(&metric) <= Some(0.0)) =>
        {
            return "a figure of zero has no ratio".to_owned();
        }
        (false, false) => return "no repeat is to be trusted in both runs".to_owned(),
    };
    if p99 { format!("too few requests {which}") } else { format!("not measured {which}") }
}

/// The points of one model, by swept value and level as the scenario has them.
fn points_of(run: &Run, label: &str, axis: &Axis) -> Vec<(Spot, Point)> {
    let mut groups: Vec<(Spot, Vec<TrialRow>)> = Vec::new();
    for row in run.rows.iter().filter(|row| row.model == label) {
        let Some(spot) = Spot::of(row, axis) else { continue };
        match groups.iter_mut().find(|(own, _)| *own == spot) {
            Some((_, rows)) => rows.push(row.clone()),
            None => groups.push((spot, vec![row.clone()])),
        }
    }
    let position = |rows: &[TrialRow]| rows[0].swept.as_ref().map_or(0, |swept| swept.index);
    groups.sort_by(|(a, rows_a), (b, rows_b)| {
        a.level.total_cmp(&b.level).then(position(rows_a).cmp(&position(rows_b)))
    });
    let histograms: &Histograms = &run.histograms;
    let axis = Axis::of(&run.info);
    groups
        .into_iter()
        .map(|(spot, rows)| {
            let across = axis.place(&rows[0]).unwrap_or(spot.level);
            let point = Point::of(across, rows, histograms);
            (spot, point)
        })
        .collect()
}
