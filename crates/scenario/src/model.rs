//! How a `[[model]]` names a concurrency model and its options.
//!
//! The models themselves live with the client; they hand the parser their kinds as a slice of
//! [`ModelKind`], so that a model brings its own options, defaults and documentation.

use std::collections::BTreeMap;
use std::time::Duration;

/// What the parser (and `loadgen models`, and the JSON Schema) must know of a model.
#[derive(Debug, Clone, Copy)]
pub struct ModelKind {
    /// The word after `kind =`.
    pub kind: &'static str,
    /// One line: what a request is and where it waits.
    pub summary: &'static str,
    /// Its options.
    pub options: &'static [OptionSpec],
}

/// One option of a model.
#[derive(Debug, Clone, Copy)]
pub struct OptionSpec {
    /// The key inside `[[model]]`.
    pub key: &'static str,
    /// What values it takes.
    pub kind: OptionKind,
    /// What it does, and its default, in a line.
    pub doc: &'static str,
}

/// The values an option takes.
#[derive(Debug, Clone, Copy)]
pub enum OptionKind {
    /// A whole number in `min..=max`.
    Count {
        /// Least value.
        min: u64,
        /// Greatest value.
        max: u64,
    },
    /// A whole number in `min..=max`: the size of the pool of threads that its requests wait in,
    /// and that bounds it. At most one option of a model is one.
    Pool {
        /// Least size.
        min: u64,
        /// Greatest size.
        max: u64,
        /// Its size where the option is not stated; `None`: a thread per CPU.
        default: Option<u64>,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// A size with a unit, `"64KiB"`, in `min..=max` bytes.
    Size {
        /// Least size.
        min: u64,
        /// Greatest size.
        max: u64,
    },
    /// A duration with a unit, `"20ms"`.
    Duration,
}

impl ModelKind {
    /// Threads of the pool that bounds it under these options, on so many CPUs; `None` for a model
    /// that waits in no pool.
    pub fn pool_workers(&self, options: &Options, cpus: usize) -> Option<usize> {
        self.options.iter().find_map(|option| match option.kind {
            OptionKind::Pool { default, .. } => {
                let default = default.and_then(|count| usize::try_from(count).ok());
                Some(options.count(option.key).or(default).unwrap_or(cpus.max(1)))
            }
            _ => None,
        })
    }
}

/// A value given for an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionValue {
    /// For [`OptionKind::Count`] and [`OptionKind::Pool`].
    Count(u64),
    /// For [`OptionKind::Word`].
    Word(String),
    /// For [`OptionKind::Size`].
    Bytes(u64),
    /// For [`OptionKind::Duration`].
    Duration(Duration),
}

/// The options a scenario states for one model, by key. What is absent takes the model's default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options(pub BTreeMap<String, OptionValue>);

impl Options {
    /// The count stated under `key`.
    pub fn count(&self, key: &str) -> Option<usize> {
        match self.0.get(key)? {
            OptionValue::Count(n) => usize::try_from(*n).ok(),
            _ => None,
        }
    }

    /// The word stated under `key`.
    pub fn word(&self, key: &str) -> Option<&str> {
        match self.0.get(key)? {
            OptionValue::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The size in bytes stated under `key`.
    pub fn bytes(&self, key: &str) -> Option<usize> {
        match self.0.get(key)? {
            OptionValue::Bytes(n) => usize::try_from(*n).ok(),
            _ => None,
        }
    }

    /// The duration stated under `key`.
    pub fn duration(&self, key: &str) -> Option<Duration> {
        match self.0.get(key)? {
            OptionValue::Duration(duration) => Some(*duration),
            _ => None,
        }
    }
}

/// One `[[model]]` of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSpec {
    /// A kind known to the registry the scenario was parsed with.
    pub kind: String,
    /// Unique within the scenario; the name in charts and tables.
    pub label: String,
    /// The options it states.
    pub options: Options,
    /// Positions among the load's ascending levels that it runs at, ascending; `None`: at all.
    pub levels: Option<Vec<usize>>,
}

impl ModelSpec {
    /// Whether it runs at the level of this position.
    pub fn runs_at(&self, level_index: usize) -> bool {
        self.levels.as_ref().is_none_or(|levels| levels.contains(&level_index))
    }
}
