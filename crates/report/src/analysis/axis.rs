//! What lies across: the load, or the value that a sweep varies at one load.
//!
//! Every place that words a level asks the axis: ticks, titles, findings, tables. Deliberately not
//! here: scales and ticks as drawn.

mod key;
mod swept;

use measurement::row::{LoadKind, TrialRow};
use measurement::run::RunInfo;

use crate::format::{self, NBSP};

pub(crate) use key::KeyWords;
use swept::Swept;
pub(crate) use swept::{connections, law, swept_words};

/// What lies across, and how its levels are worded.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Load(LoadKind),
    /// One trial in which the rate changes: its mean is no load that anything ran at.
    Stages,
    Sweep(Box<Swept>),
}

/// How the levels of an axis stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    /// Positions are the quantities themselves: a logarithmic scale.
    Proportional,
    /// Quantities in order, evenly apart: distances say nothing.
    Even,
    /// Words: neither order nor distance says anything, and nothing lies between two of them.
    Categories,
}

impl Axis {
    /// The axis of a run: what is swept where each value runs at one load level, else the load.
    pub fn of(run: &RunInfo) -> Self {
        let scenario = &run.scenario;
        let loads = Self::loads(scenario.load);
        if !scenario.stages.is_empty() {
            return Self { kind: Kind::Stages };
        }
        let Some(sweep) = &scenario.sweep else { return loads };
        let one_each: Option<Vec<f64>> = match scenario.levels.as_slice() {
            [level] => Some(vec![*level; sweep.values.len()]),
            _ => sweep
                .levels
                .iter()
                .map(|own| <[f64; 1]>::try_from(own.as_slice()).ok())
                .map(|own| own.map(|[level]| level))
                .collect(),
        };
        let one_each = one_each.filter(|own| !own.is_empty() && own.len() == sweep.values.len());
        let labels: Vec<&str> = scenario.models.iter().map(|m| m.label.as_str()).collect();
        match one_each {
            Some(own) => {
                Self { kind: Kind::Sweep(Box::new(Swept::of(sweep, &labels, (&loads, &own)))) }
            }
            None => loads,
        }
    }

    /// The load, whatever is swept.
    pub fn loads(kind: LoadKind) -> Self {
        Self { kind: Kind::Load(kind) }
    }

    /// Where a row stands: its load level, or the position of its swept value.
    pub fn place(&self, row: &TrialRow) -> Option<f64> {
        match &self.kind {
            Kind::Load(_) | Kind::Stages => load_of(row),
            Kind::Sweep(_) => row.swept.as_ref().map(|swept| swept.position),
        }
        .filter(|level| level.is_finite() && *level > 0.0)
    }

    /// Whether levels are loads, ascending: only then there is a peak, a knee, a load that is met.
    pub fn is_load(&self) -> bool {
        matches!(self.kind, Kind::Load(_) | Kind::Stages)
    }

    /// How the levels stand to each other.
    pub fn spacing(&self) -> Spacing {
        match &self.kind {
            Kind::Load(_) | Kind::Stages => Spacing::Proportional,
            Kind::Sweep(swept) => swept.spacing,
        }
    }

    /// Whether the levels are words.
    pub fn categories(&self) -> bool {
        self.spacing() == Spacing::Categories
    }

    /// The level alone: `1,024`, `800/s`, `5 ms`.
    pub fn word(&self, level: f64) -> String {
        match &self.kind {
            Kind::Load(LoadKind::Closed) => format::count(level),
            Kind::Load(LoadKind::Open) => format::rate_full(level),
            Kind::Stages => "all stages".to_owned(),
            Kind::Sweep(swept) => swept.word(level),
        }
    }

    /// The level in a sentence, after `at`: `N = 1,024`, `800/s offered`, `CPU work = 5 ms`.
    pub fn at(&self, level: f64) -> String {
        let word = self.word(level);
        match &self.kind {
            Kind::Load(LoadKind::Closed) => format!("N{NBSP}={NBSP}{word}"),
            Kind::Load(LoadKind::Open) => format!("{word} offered"),
            Kind::Stages => format!("{word} together"),
            Kind::Sweep(swept) => swept.at(level),
        }
    }

    /// The level in a title, after `at`: `1,024 in flight`, `800/s offered`, `CPU work = 5 ms`.
    pub fn title(&self, level: f64) -> String {
        match &self.kind {
            Kind::Load(LoadKind::Closed) => format!("{} in flight", self.word(level)),
            _ => self.at(level),
        }
    }

    /// How a title begins that is of a level: `At 1,024 in flight`, `With 5 ms of CPU work`.
    pub fn opening(&self, level: f64) -> String {
        match &self.kind {
            Kind::Sweep(swept) => swept.opening(level),
            _ => format!("At {}", self.title(level)),
        }
    }

    /// The same inside a title: `at 1,024 in flight`, `with 5 ms of CPU work`.
    pub fn amid(&self, level: f64) -> String {
        let opening = self.opening(level);
        let mut letters = opening.chars();
        let first = letters.next().map(|c| c.to_lowercase().collect::<String>());
        format!("{}{}", first.unwrap_or_default(), letters.as_str())
    }

    /// From one level to another, as a title begins: `From 8 threads of rayon to 128`.
    pub fn range(&self, from: f64, to: f64) -> String {
        match &self.kind {
            Kind::Sweep(swept) => swept.range(from, to),
            _ => format!("From {} to {}", self.title(from), self.title(to)),
        }
    }

    /// What varies, by its name: `CPU work per request`; `None` where the load lies across.
    pub fn swept_name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Load(_) | Kind::Stages => None,
            Kind::Sweep(swept) => Some(&swept.key.name),
        }
    }

    /// The level beside a mark, after `at`, where the axis is in sight: `N = 1,024`, `800/s`,
    /// `5 ms`.
    pub fn label(&self, level: f64) -> String {
        match &self.kind {
            Kind::Load(LoadKind::Open) => self.word(level),
            Kind::Load(_) | Kind::Stages => self.at(level),
            Kind::Sweep(swept) => swept.word(level),
        }
    }

    /// Several levels in a sentence, after `at`: `N = 64 and 256`, `threads = 4 and 8`.
    pub fn at_each(&self, levels: &[f64]) -> String {
        let words: Vec<String> = levels.iter().map(|level| self.word(*level)).collect();
        let words = format::list(&words);
        match &self.kind {
            Kind::Load(_) | Kind::Stages => self.named(&words),
            Kind::Sweep(swept) => format!("{}{NBSP}={NBSP}{words}", swept.key.short),
        }
    }

    /// Words of levels where a heading names what is swept: `N = 1 to 64`, but `1 ms`.
    pub(crate) fn named(&self, words: &str) -> String {
        match &self.kind {
            Kind::Load(LoadKind::Closed) => format!("N{NBSP}={NBSP}{words}"),
            Kind::Load(LoadKind::Open) | Kind::Stages | Kind::Sweep(_) => words.to_owned(),
        }
    }

    /// Heading of a column of levels: `N`, `offered`, `CPU work`.
    pub fn heading(&self) -> &str {
        match &self.kind {
            Kind::Load(LoadKind::Closed) => "N",
            Kind::Load(LoadKind::Open) => "offered",
            Kind::Stages => "over",
            Kind::Sweep(swept) => &swept.key.heading,
        }
    }

    /// Titles of the axis across, longest first.
    pub fn titles(&self) -> Vec<String> {
        let titles: [&str; 3] = match &self.kind {
            Kind::Load(LoadKind::Closed) => [
                "Concurrency N: requests in flight (log scale, ticks at the measured levels)",
                "Concurrency N: requests in flight (log)",
                "Requests in flight (log)",
            ],
            Kind::Load(LoadKind::Open) | Kind::Stages => [
                "Offered load: requests per second (log scale, ticks at the measured levels)",
                "Offered load: requests per second (log)",
                "Requests offered per second (log)",
            ],
            Kind::Sweep(swept) => return swept.titles(),
        };
        titles.map(str::to_owned).to_vec()
    }

    /// The same for charts that place levels evenly: long and short.
    pub fn titles_unscaled(&self) -> [String; 2] {
        let titles = match &self.kind {
            Kind::Load(LoadKind::Closed) => {
                ["Concurrency N: requests in flight", "Requests in flight"]
            }
            Kind::Load(LoadKind::Open) => {
                ["Offered load: requests per second", "Requests per second"]
            }
            Kind::Stages => ["Over all stages", "All stages"],
            Kind::Sweep(swept) => return [swept.named(), swept.capital()],
        };
        titles.map(str::to_owned)
    }

    /// What is across, inside a sentence: `against requests in flight`.
    pub fn against(&self) -> String {
        match &self.kind {
            Kind::Load(LoadKind::Closed) => "against requests in flight".to_owned(),
            Kind::Load(LoadKind::Open) => "against requests offered per second".to_owned(),
            Kind::Stages => "over all stages".to_owned(),
            Kind::Sweep(swept) => swept.against(),
        }
    }

    /// Which axes of a chart over this one are logarithmic, for its description.
    pub fn scales(&self) -> &'static str {
        match self.spacing() {
            Spacing::Proportional => "both axes logarithmic",
            Spacing::Even | Spacing::Categories => "logarithmic upwards, values evenly apart",
        }
    }

    /// What a sweep holds fixed: `64 in flight`; `None` where the load lies across, or differs from
    /// value to value.
    pub fn fixed_load(&self) -> Option<&str> {
        match &self.kind {
            Kind::Load(_) | Kind::Stages => None,
            Kind::Sweep(swept) => swept.load.as_deref(),
        }
    }
}

/// The load of a row: concurrency (closed loop) or offered requests per second (open loop).
pub(crate) fn load_of(row: &TrialRow) -> Option<f64> {
    match row.load {
        LoadKind::Closed => row.concurrency.map(f64::from),
        LoadKind::Open => row.offered_rps,
    }
    .filter(|level| level.is_finite() && *level > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn a_sweep_at_one_load_lies_across() {
        let swept = Fixture::swept().analysis();
        let axis = swept.axis();
        assert!(!axis.is_load());
        assert_eq!(format::plain(&axis.at(5.0)), "CPU work = 5 ms");
        assert_eq!(format::plain(&axis.opening(5.0)), "With 5 ms of CPU work");
        assert_eq!(format::plain(&axis.amid(5.0)), "with 5 ms of CPU work");
        assert_eq!(axis.against(), "against CPU work per request (combine.work), at 64 in flight");
        let closed = Fixture::high_latency().analysis();
        assert!(closed.axis().is_load());
        assert_eq!(format::plain(&closed.axis().at(64.0)), "N = 64");
        let grid = Fixture::grid().analysis();
        assert!(grid.axis().is_load(), "several loads lie across, whatever is swept");
    }
}
