//! What lies across: the load, or the value that a sweep varies at one load.
//!
//! Every place that words a level asks the axis: ticks, titles, findings, tables. Deliberately not
//! here: scales and ticks as drawn.

use measurement::row::{LoadKind, TrialRow};
use measurement::run::{RunInfo, SweepInfo};

use super::swept_key::{KeyWords, quantity};
use crate::format::{self, NBSP};

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
    Sweep(Swept),
}

/// A sweep that lies across.
#[derive(Debug, Clone, PartialEq)]
struct Swept {
    /// What is swept.
    key: KeyWords,
    /// The values, ascending.
    values: Vec<Value>,
    /// How the positions are to be read.
    spacing: Spacing,
    /// The load of all values: `64 in flight`; `None` where each has its own.
    load: Option<String>,
}

/// A value of a sweep.
#[derive(Debug, Clone, PartialEq)]
struct Value {
    position: f64,
    word: String,
    /// The load it runs at: `9,000 in flight`, where values differ in that.
    load: Option<String>,
    /// The value on a tick: with the figure of its own load, `1 s × 9,000`.
    tick: String,
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
            Some(own) => Self { kind: Kind::Sweep(Swept::of(sweep, &labels, (&loads, &own))) },
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
            Kind::Load(_) | Kind::Stages => crate::load::load_of(row),
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

    /// The level beside a mark, after `at`, where the axis is in sight: `N = 1,024`,
    /// `800/s offered`, `5 ms`.
    pub fn label(&self, level: f64) -> String {
        match &self.kind {
            Kind::Load(_) | Kind::Stages => self.at(level),
            Kind::Sweep(swept) => swept.word(level),
        }
    }

    /// Several levels in a sentence, after `at`: `N = 64 and 256`, `threads = 4 and 8`.
    pub fn at_each(&self, levels: &[f64]) -> String {
        let words: Vec<String> = levels.iter().map(|level| self.word(*level)).collect();
        let words = format::list(&words);
        match &self.kind {
            Kind::Load(LoadKind::Closed) => format!("N{NBSP}={NBSP}{words}"),
            Kind::Load(LoadKind::Open) | Kind::Stages => words,
            Kind::Sweep(swept) => format!("{}{NBSP}={NBSP}{words}", swept.key.short),
        }
    }

    /// Heading of a column of levels: `N`, `offered`, `CPU work per request`.
    pub fn heading(&self) -> &str {
        match &self.kind {
            Kind::Load(LoadKind::Closed) => "N",
            Kind::Load(LoadKind::Open) => "offered",
            Kind::Stages => "over",
            Kind::Sweep(swept) => &swept.key.name,
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

impl Swept {
    /// `own` are the load levels of the values, in the words of `loads`.
    fn of(sweep: &SweepInfo, labels: &[&str], (loads, own): (&Axis, &[f64])) -> Self {
        let key = KeyWords::of(sweep, labels);
        let same = own.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits());
        let load = own.first().filter(|_| same).map(|level| loads.title(*level));
        let value = |((position, value), level): ((&f64, &String), &f64)| {
            let word = key.value(value);
            let (load, tick) = if same {
                (None, word.clone())
            } else {
                let tick = format!("{word}{NBSP}×{NBSP}{}", loads.word(*level));
                (Some(loads.title(*level)), tick)
            };
            Value { position: *position, word, load, tick }
        };
        let mut values: Vec<Value> =
            sweep.positions.iter().zip(&sweep.values).zip(own).map(value).collect();
        values.sort_by(|a, b| a.position.total_cmp(&b.position));
        let spacing = spacing(&sweep.positions, &sweep.values);
        Self { key, values, spacing, load }
    }

    fn value(&self, level: f64) -> Option<&Value> {
        self.values.iter().find(|value| value.position.to_bits() == level.to_bits())
    }

    fn word(&self, level: f64) -> String {
        self.value(level).map_or_else(|| format::number(level), |value| value.tick.clone())
    }

    /// `threads = 8`; `upstream latency = 1 s, 9,000 in flight`.
    fn at(&self, level: f64) -> String {
        let short = &self.key.short;
        match self.value(level) {
            None => format!("{short}{NBSP}={NBSP}{}", format::number(level)),
            Some(Value { word, load, .. }) => {
                let load = load.as_ref().map_or_else(String::new, |load| format!(", {load}"));
                format!("{short}{NBSP}={NBSP}{word}{load}")
            }
        }
    }

    fn opening(&self, level: f64) -> String {
        match self.value(level) {
            None => self.key.opening(&format::number(level)),
            Some(Value { word, load, .. }) => {
                let load = load.as_ref().map_or_else(String::new, |load| format!(" and {load}"));
                format!("{}{load}", self.key.opening(word))
            }
        }
    }

    /// `CPU work per request, at 64 in flight`; `Latency of both upstreams × requests in flight`.
    fn named(&self) -> String {
        let name = self.capital();
        match &self.load {
            Some(load) => format!("{name}, at {load}"),
            None => name,
        }
    }

    /// The name as an axis has it; where values have loads of their own, with what the second
    /// figure of a tick is.
    fn capital(&self) -> String {
        let mut letters = self.key.name.chars();
        let first = letters.next().map(|c| c.to_uppercase().collect::<String>());
        let name = format!("{}{}", first.unwrap_or_default(), letters.as_str());
        let in_flight = |value: &Value| value.load.as_ref().is_some_and(|l| l.ends_with("flight"));
        match &self.load {
            Some(_) => name,
            None if self.values.iter().all(in_flight) => format!("{name} × requests in flight"),
            None => format!("{name} × requests offered"),
        }
    }

    fn against(&self) -> String {
        let KeyWords { name, path, .. } = &self.key;
        let path = path.as_ref().map_or_else(String::new, |path| format!(" ({path})"));
        match &self.load {
            Some(load) => format!("against {name}{path}, at {load}"),
            None => format!("against {name}{path}, each value at a load of its own"),
        }
    }

    fn titles(&self) -> Vec<String> {
        let (full, name) = (self.named(), self.capital());
        match self.spacing {
            Spacing::Proportional => vec![
                format!("{full} (log scale, ticks at the swept values)"),
                format!("{full} (log)"),
                format!("{name} (log)"),
            ],
            Spacing::Even => vec![
                format!("{full} (values evenly apart, not to scale)"),
                format!("{name} (not to scale)"),
            ],
            Spacing::Categories => vec![full, name],
        }
    }
}

/// What a run sweeps and over which values: `CPU work per request from 200 µs to 20 ms`,
/// `guard of the shared state: mutex, sharded and atomic`.
pub(crate) fn swept_words(run: &RunInfo) -> Option<String> {
    let (scenario, sweep) = (&run.scenario, run.scenario.sweep.as_ref()?);
    let labels: Vec<&str> = scenario.models.iter().map(|m| m.label.as_str()).collect();
    let key = KeyWords::of(sweep, &labels);
    let name = match &key.path {
        Some(path) => format!("{} ({path})", key.name),
        None => key.name.clone(),
    };
    let loads = Axis::loads(scenario.load);
    let own = |(at, value): (usize, &String)| {
        let word = key.value(value);
        match sweep.levels.get(at) {
            None => word,
            Some(levels) => format!("{word} at {}", loads.at_each(levels)),
        }
    };
    let values: Vec<String> = sweep.values.iter().enumerate().map(own).collect();
    let spaced = spacing(&sweep.positions, &sweep.values);
    Some(match (spaced, values.as_slice()) {
        (Spacing::Proportional | Spacing::Even, [first, _, .., last])
            if sweep.levels.is_empty() =>
        {
            format!("{name} from {first} to {last}")
        }
        (_, values) => format!("{name}: {}", format::list(values)),
    })
}

fn spacing(positions: &[f64], values: &[String]) -> Spacing {
    let figures: Option<Vec<f64>> = values.iter().map(|value| quantity(value)).collect();
    let Some(figures) = figures else { return Spacing::Categories };
    let doubling =
        |at: usize, position: f64| (position - (1_u64 << at.min(63)) as f64).abs() < 1e-9;
    let by_index = positions.iter().enumerate().all(|(at, position)| doubling(at, *position));
    let same = positions.iter().zip(&figures).all(|(a, b)| (a - b).abs() < 1e-9);
    if by_index && !same && positions.len() > 1 { Spacing::Even } else { Spacing::Proportional }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn positions_say_how_values_stand_to_each_other() {
        let of = |positions: &[f64], values: &[&str]| {
            let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            spacing(positions, &values)
        };
        assert_eq!(of(&[0.2, 1.0, 5.0], &["200 us", "1 ms", "5 ms"]), Spacing::Proportional);
        assert_eq!(of(&[1.0, 2.0, 4.0], &["1", "2", "4"]), Spacing::Proportional);
        assert_eq!(of(&[1.0, 2.0, 4.0], &["0 us", "200 us", "1 ms"]), Spacing::Even);
        assert_eq!(of(&[1.0, 2.0], &["mutex", "sharded"]), Spacing::Categories);
    }

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
