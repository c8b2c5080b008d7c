//! What lies across: the load, or the value that a sweep varies at one load.
//!
//! Every place that words a level asks the axis: ticks, titles, findings, tables. Deliberately not
//! here: scales and ticks as drawn.

use measurement::row::{LoadKind, TrialRow};
use measurement::run::{RunInfo, SweepInfo};

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
    /// For titles: `combine.work`, `threads of rayon`.
    name: String,
    /// For sentences, before `= 64`: `combine.work`, `threads`.
    short: String,
    /// Position and words of each value, ascending.
    values: Vec<(f64, String)>,
    /// How the positions are to be read.
    spacing: Spacing,
    /// The one load of the run: `64 in flight`.
    load: String,
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
    /// The axis of a run: what is swept where there is one load level, else the load.
    pub fn of(run: &RunInfo) -> Self {
        let scenario = &run.scenario;
        let load = Self::loads(scenario.load);
        match (&scenario.sweep, scenario.levels.as_slice()) {
            (Some(sweep), [level]) if scenario.stages.is_empty() => {
                let labels: Vec<&str> = scenario.models.iter().map(|m| m.label.as_str()).collect();
                Self { kind: Kind::Sweep(Swept::of(sweep, &labels, load.title(*level))) }
            }
            _ if !scenario.stages.is_empty() => Self { kind: Kind::Stages },
            _ => load,
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

    /// The level in a sentence, after `at`: `N = 1,024`, `800/s offered`, `combine.work = 5 ms`.
    pub fn at(&self, level: f64) -> String {
        let word = self.word(level);
        match &self.kind {
            Kind::Load(LoadKind::Closed) => format!("N{NBSP}={NBSP}{word}"),
            Kind::Load(LoadKind::Open) => format!("{word} offered"),
            Kind::Stages => format!("{word} together"),
            Kind::Sweep(swept) => format!("{}{NBSP}={NBSP}{word}", swept.short),
        }
    }

    /// The level in a title, after `at`: `1,024 in flight`, `800/s offered`, `combine.work = 5 ms`.
    pub fn title(&self, level: f64) -> String {
        match &self.kind {
            Kind::Load(LoadKind::Closed) => format!("{} in flight", self.word(level)),
            _ => self.at(level),
        }
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
            Kind::Sweep(swept) => format!("{}{NBSP}={NBSP}{words}", swept.short),
        }
    }

    /// Heading of a column of levels: `N`, `offered`, `combine.work`.
    pub fn heading(&self) -> &str {
        match &self.kind {
            Kind::Load(LoadKind::Closed) => "N",
            Kind::Load(LoadKind::Open) => "offered",
            Kind::Stages => "over",
            Kind::Sweep(swept) => &swept.name,
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
            Kind::Sweep(Swept { name, load, .. }) => {
                return [format!("{name}, at {load}"), name.clone()];
            }
        };
        titles.map(str::to_owned)
    }

    /// What is across, inside a sentence: `against requests in flight`.
    pub fn against(&self) -> String {
        match &self.kind {
            Kind::Load(LoadKind::Closed) => "against requests in flight".to_owned(),
            Kind::Load(LoadKind::Open) => "against requests offered per second".to_owned(),
            Kind::Stages => "over all stages".to_owned(),
            Kind::Sweep(swept) => format!("against {}, at {}", swept.name, swept.load),
        }
    }

    /// Which axes of a chart over this one are logarithmic, for its description.
    pub fn scales(&self) -> &'static str {
        match self.spacing() {
            Spacing::Proportional => "both axes logarithmic",
            Spacing::Even | Spacing::Categories => "logarithmic upwards, values evenly apart",
        }
    }

    /// What a sweep holds fixed: `64 in flight`; `None` where the load lies across.
    pub fn fixed_load(&self) -> Option<&str> {
        match &self.kind {
            Kind::Load(_) | Kind::Stages => None,
            Kind::Sweep(swept) => Some(&swept.load),
        }
    }
}

impl Swept {
    fn of(sweep: &SweepInfo, labels: &[&str], load: String) -> Self {
        let (name, short) = names(&sweep.key, labels);
        let mut values: Vec<(f64, String)> = sweep
            .positions
            .iter()
            .zip(&sweep.values)
            .map(|(position, value)| (*position, words_of(value)))
            .collect();
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let spacing = spacing(&sweep.positions, &sweep.values);
        Self { name, short, values, spacing, load }
    }

    fn word(&self, level: f64) -> String {
        let own = self.values.iter().find(|(position, _)| position.to_bits() == level.to_bits());
        own.map_or_else(|| format::number(level), |(_, words)| words.clone())
    }

    fn titles(&self) -> Vec<String> {
        let Self { name, load, .. } = self;
        match self.spacing {
            Spacing::Proportional => vec![
                format!("{name}, at {load} (log scale, ticks at the swept values)"),
                format!("{name}, at {load} (log)"),
                format!("{name} (log)"),
            ],
            Spacing::Even => vec![
                format!("{name}, at {load} (values evenly apart, not to scale)"),
                format!("{name} (not to scale)"),
            ],
            Spacing::Categories => vec![format!("{name}, at {load}"), name.clone()],
        }
    }
}

/// What a run sweeps and over which values: `combine.work from 200 µs to 20 ms`,
/// `combine.shared_state.guard: mutex, sharded and atomic`.
pub(crate) fn swept_words(run: &RunInfo) -> Option<String> {
    let (scenario, sweep) = (&run.scenario, run.scenario.sweep.as_ref()?);
    let labels: Vec<&str> = scenario.models.iter().map(|m| m.label.as_str()).collect();
    let (name, _) = names(&sweep.key, &labels);
    let values: Vec<String> = sweep.values.iter().map(|value| words_of(value)).collect();
    Some(match (spacing(&sweep.positions, &sweep.values), values.as_slice()) {
        (Spacing::Proportional | Spacing::Even, [first, _, .., last]) => {
            format!("{name} from {first} to {last}")
        }
        (_, values) => format!("{name}: {}", format::list(values)),
    })
}

/// The key for titles and for sentences. Model options go by the model's label, upstreams by theirs.
pub(crate) fn names(key: &str, labels: &[&str]) -> (String, String) {
    let model = key.strip_prefix("model.").unwrap_or(key);
    for label in labels {
        let option = model.strip_prefix(label).and_then(|rest| rest.strip_prefix('.'));
        if let Some(option) = option {
            return (format!("{option} of {label}"), option.to_owned());
        }
    }
    let parts: Vec<&str> = key.split('.').collect();
    match parts.as_slice() {
        ["upstream", "*", rest @ ..] if !rest.is_empty() => {
            let rest = rest.join(".");
            (format!("{rest} of both upstreams"), rest)
        }
        ["upstream", name, rest @ ..] if !rest.is_empty() => {
            let rest = rest.join(".");
            (format!("{rest} of {name}"), format!("{name}.{rest}"))
        }
        [_, _, .., last] => (key.to_owned(), (*last).to_owned()),
        _ => (key.to_owned(), key.to_owned()),
    }
}

/// A value as sentences and ticks have it: figure and unit stay together.
pub(crate) fn words_of(value: &str) -> String {
    if quantity(value).is_some() { value.replace(' ', &NBSP.to_string()) } else { value.to_owned() }
}

/// The figure that a value begins with.
fn quantity(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','));
    value[..end.unwrap_or(value.len())].replace(',', "").parse().ok()
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
    fn keys_are_put_in_words() {
        let named = |key| names(key, &["rayon", "tokio-2"]);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(named("combine.work"), pair("combine.work", "combine.work"));
        assert_eq!(named("model.rayon.threads"), pair("threads of rayon", "threads"));
        assert_eq!(named("tokio-2.workers"), pair("workers of tokio-2", "workers"));
        assert_eq!(named("upstream.*.latency"), pair("latency of both upstreams", "latency"));
        assert_eq!(named("upstream.api1.latency"), pair("latency of api1", "api1.latency"));
        assert_eq!(
            named("combine.shared_state.guard"),
            pair("combine.shared_state.guard", "guard")
        );
    }

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
        assert_eq!(format::plain(&axis.at(5.0)), "combine.work = 5 ms");
        assert_eq!(axis.against(), "against combine.work, at 64 in flight");
        let closed = Fixture::high_latency().analysis();
        assert!(closed.axis().is_load());
        assert_eq!(format::plain(&closed.axis().at(64.0)), "N = 64");
        let grid = Fixture::grid().analysis();
        assert!(grid.axis().is_load(), "several loads lie across, whatever is swept");
    }
}
