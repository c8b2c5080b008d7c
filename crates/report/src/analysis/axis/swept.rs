//! A sweep that lies across: its values, each at one load, and their words.

use measurement::run::{RunInfo, ScenarioInfo, SweepInfo, UpstreamInfo};

use super::key::{KeyWords, quantity};
use super::{Axis, Spacing};
use crate::format::{self, NBSP};

/// A sweep that lies across.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Swept {
    /// What is swept.
    pub(super) key: KeyWords,
    /// The values, ascending.
    values: Vec<Value>,
    /// How the positions are to be read.
    pub(super) spacing: Spacing,
    /// The load of all values: `64 in flight`; `None` where each has its own.
    pub(super) load: Option<String>,
}

/// A value of a sweep.
#[derive(Debug, Clone, PartialEq)]
struct Value {
    position: f64,
    word: String,
    /// The load it runs at: `9,000 in flight`, where values differ in that.
    load: Option<String>,
    /// The figure of that load alone: `9,000`.
    load_word: String,
    /// The value on a tick: with the figure of its own load, `1 s × 9,000`.
    tick: String,
}

impl Swept {
    /// `own` are the load levels of the values, in the words of `loads`.
    pub(super) fn of(sweep: &SweepInfo, labels: &[&str], (loads, own): (&Axis, &[f64])) -> Self {
        let key = KeyWords::of(sweep, labels);
        let same = own.windows(2).all(|pair| pair[0].to_bits() == pair[1].to_bits());
        let load = own.first().filter(|_| same).map(|level| loads.title(*level));
        let value = |((position, value), level): ((&f64, &String), &f64)| {
            let (word, load_word) = (key.value(value), loads.word(*level));
            let (load, tick) = if same {
                (None, word.clone())
            } else {
                let tick = format!("{word}{NBSP}×{NBSP}{load_word}");
                (Some(loads.title(*level)), tick)
            };
            Value { position: *position, word, load, load_word, tick }
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

    pub(super) fn word(&self, level: f64) -> String {
        self.value(level).map_or_else(|| format::number(level), |value| value.tick.clone())
    }

    /// `threads = 8`; `upstream latency = 1 s, 9,000 in flight`.
    pub(super) fn at(&self, level: f64) -> String {
        let short = &self.key.short;
        match self.value(level) {
            None => format!("{short}{NBSP}={NBSP}{}", format::number(level)),
            Some(Value { word, load, .. }) => {
                let load = load.as_ref().map_or_else(String::new, |load| format!(", {load}"));
                format!("{short}{NBSP}={NBSP}{word}{load}")
            }
        }
    }

    pub(super) fn opening(&self, level: f64) -> String {
        match self.value(level) {
            None => self.key.opening(&format::number(level)),
            Some(Value { word, load, .. }) => {
                let load = load.as_ref().map_or_else(String::new, |load| format!(" and {load}"));
                format!("{}{load}", self.key.opening(word))
            }
        }
    }

    pub(super) fn range(&self, from: f64, to: f64) -> String {
        let bare =
            |opening: String| opening.strip_prefix("With ").map(str::to_owned).unwrap_or(opening);
        let (a, b) = (self.value(from), self.value(to));
        if let Some(((a, b), load)) = a.zip(b).and_then(|pair| Some((pair, pair.0.load.as_ref()?)))
        {
            return format!("From {load} at {} to {} at {}", a.word, b.load_word, b.word);
        }
        let opening = bare(self.opening(from));
        match self.spacing {
            Spacing::Categories => format!("From {opening} to {}", bare(self.opening(to))),
            _ => format!("From {opening} to {}", self.word(to)),
        }
    }

    /// `CPU work per request, at 64 in flight`; `Latency of both upstreams × requests in flight`.
    pub(super) fn named(&self) -> String {
        let name = self.capital();
        match &self.load {
            Some(load) => format!("{name}, at {load}"),
            None => name,
        }
    }

    /// The name as an axis has it; where values have loads of their own, with what the second
    /// figure of a tick is.
    pub(super) fn capital(&self) -> String {
        let name = format::capital(&self.key.name);
        let in_flight = |value: &Value| value.load.as_ref().is_some_and(|l| l.ends_with("flight"));
        match &self.load {
            Some(_) => name,
            None if self.values.iter().all(in_flight) => format!("{name} × requests in flight"),
            None => format!("{name} × requests offered"),
        }
    }

    pub(super) fn against(&self) -> String {
        let KeyWords { name, path, .. } = &self.key;
        let path = path.as_ref().map_or_else(String::new, |path| format!(" ({path})"));
        match &self.load {
            Some(load) => format!("against {name}{path}, at {load}"),
            None => format!("against {name}{path}, each value at a load of its own"),
        }
    }

    pub(super) fn titles(&self) -> Vec<String> {
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

/// The latency law of an upstream, or that it is what varies: the file's own value runs nowhere.
pub(crate) fn law(scenario: &ScenarioInfo, upstream: &UpstreamInfo) -> String {
    let sweep = scenario.sweep.as_ref();
    match sweep.filter(|sweep| sweep.varies_latency(&upstream.name)) {
        Some(_) => "latency swept".to_owned(),
        // Scenario files have `us`, which any keyboard has; the report has the unit's sign.
        None => upstream.latency.replace(" us", " µs"),
    }
}

/// How connections are used, or that it is what varies.
pub(crate) fn connections(scenario: &ScenarioInfo) -> &str {
    match &scenario.sweep {
        Some(sweep) if sweep.key == "combine.connections" => "swept",
        _ => &scenario.connections,
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
}
