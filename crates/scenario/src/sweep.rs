//! `[sweep]`: one thing varied besides the load, each value a scenario of its own.

use std::sync::Arc;

use crate::types::Scenario;

/// `[sweep]`.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The swept key, dotted as `--set` takes it: `upstream.api1.latency`.
    pub key: String,
    /// What varies, in words of the file's own.
    pub label: Option<String>,
    /// Position of the model whose option is swept; `None`: what is swept is every model's.
    pub model: Option<usize>,
    /// The whole scenario at each value, in the order of the file; `swept` says which it is.
    pub scenarios: Vec<Arc<Scenario>>,
    /// Per value the positions of its levels among the load's ascending ones, ascending; `None`:
    /// every value runs at all of them.
    pub levels: Option<Vec<Vec<usize>>>,
}

/// One value of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Swept {
    /// The swept key.
    pub key: String,
    /// Position of the value in the file, from 0.
    pub index: usize,
    /// The value for people: `5 ms`, `16`, `spawn-blocking`.
    pub text: String,
    /// Where it stands on an axis: milliseconds, bytes, a count, a rate per second or a share
    /// where all values of the sweep are such, positive and ascending; else 1, 2, 4, 8, … by
    /// position, evenly apart on a logarithmic axis.
    pub position: f64,
}

impl Sweep {
    /// Whether a value runs at the load level of this position.
    pub fn runs_at(&self, value: usize, level_index: usize) -> bool {
        let own = self.levels.as_ref().and_then(|levels| levels.get(value));
        own.is_none_or(|own| own.contains(&level_index))
    }
}

impl Scenario {
    /// The scenario of a trial: the one at this value of the sweep, else this one.
    pub fn at(&self, sweep: Option<usize>) -> &Self {
        let sweep = self.sweep.as_ref().zip(sweep);
        sweep.and_then(|(sweep, at)| sweep.scenarios.get(at)).map_or(self, |scenario| scenario)
    }
}
