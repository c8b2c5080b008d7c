//! `[load]` as the rest of the program sees it: closed or open loop, and the levels of either.

use std::fmt;
use std::time::Duration;

use crate::types::Scenario;
use crate::units::{duration_text, rate_text};

/// `[load]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Closed or open loop, and its levels.
    pub shape: LoadShape,
    /// Least length of the warm-up.
    pub warmup: Duration,
    /// Least length of the measured window; with stages the sum of their lengths.
    pub duration: Duration,
    /// Trials per model and level; the least number of them where a precision is asked for.
    pub repeats: u32,
    /// How sure the throughputs must be, where repeats are to be added until they are.
    pub precision: Option<Precision>,
    /// How often a trial that the machine spoilt is run again at most.
    pub reruns: u32,
}

/// Repeats are added until every throughput is known this well, or there are so many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    /// Widest half of a 95 % interval, as a share of the throughput: 0.02 is ±2 %.
    pub half_width: f64,
    /// Most repeats of a run.
    pub max_repeats: u32,
}

/// What paces the load, and its levels.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadShape {
    /// So many requests in flight, each completion starting the next.
    Closed {
        /// Requests in flight, one trial each; ascending, no duplicates.
        concurrency: Vec<u32>,
    },
    /// Requests arrive at a constant mean rate, whatever happens to earlier ones.
    Open {
        /// Requests per second, one trial each; ascending, no duplicates.
        rates_rps: Vec<f64>,
        /// How the gaps between arrivals are drawn.
        arrivals: Arrivals,
        /// Most requests in flight; an arrival beyond is shed.
        max_in_flight: u32,
    },
    /// Requests arrive at a rate that changes inside the one trial.
    Stages {
        /// In order; together they are the window.
        stages: Vec<Stage>,
        /// How the gaps between arrivals are drawn.
        arrivals: Arrivals,
        /// Most requests in flight; an arrival beyond is shed.
        max_in_flight: u32,
    },
}

/// How the gaps between arrivals are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrivals {
    /// As independent users make them: exponential gaps.
    Poisson,
    /// All gaps alike.
    Constant,
}

/// A part of the window in which the rate is constant or changes linearly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// Rate at its start, requests per second.
    pub from_rps: f64,
    /// Rate at its end.
    pub to_rps: f64,
    /// How long it lasts.
    pub length: Duration,
}

/// One level of load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Level {
    /// Closed loop: requests in flight.
    Concurrency(u32),
    /// Open loop: requests per second.
    Rate(f64),
    /// Open loop: the scenario's stages, one after the other.
    Stages,
}

impl LoadShape {
    /// The levels, ascending; the one level of stages is all of them.
    pub fn levels(&self) -> Vec<Level> {
        match self {
            Self::Closed { concurrency } => {
                concurrency.iter().copied().map(Level::Concurrency).collect()
            }
            Self::Open { rates_rps, .. } => rates_rps.iter().copied().map(Level::Rate).collect(),
            Self::Stages { .. } => vec![Level::Stages],
        }
    }

    /// Whether requests start on a schedule.
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Closed { .. })
    }

    /// Open loop: how gaps between arrivals are drawn, and the most requests in flight.
    pub fn open(&self) -> Option<(Arrivals, u32)> {
        match self {
            Self::Closed { .. } => None,
            Self::Open { arrivals, max_in_flight, .. }
            | Self::Stages { arrivals, max_in_flight, .. } => Some((*arrivals, *max_in_flight)),
        }
    }

    /// The stages, where the rate changes inside a trial.
    pub fn stages(&self) -> &[Stage] {
        match self {
            Self::Stages { stages, .. } => stages,
            _ => &[],
        }
    }
}

impl Arrivals {
    /// The word in a scenario file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Poisson => "poisson",
            Self::Constant => "constant",
        }
    }
}

impl Stage {
    /// Requests that it brings on average.
    pub fn expected(&self) -> f64 {
        f64::midpoint(self.from_rps, self.to_rps) * self.length.as_secs_f64()
    }
}

/// The stage in words: `100/s for 10 s`, `100/s to 1000/s in 30 s`.
impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, length) = (rate_text(self.from_rps), duration_text(self.length));
        if self.from_rps.to_bits() == self.to_rps.to_bits() {
            return write!(f, "{from} for {length}");
        }
        write!(f, "{from} to {} in {length}", rate_text(self.to_rps))
    }
}

impl Level {
    /// Closed loop: requests in flight.
    pub fn concurrency(self) -> Option<u32> {
        match self {
            Self::Concurrency(places) => Some(places),
            Self::Rate(_) | Self::Stages => None,
        }
    }
}

/// The level for people: `64`, `200/s`, `stages`.
impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Concurrency(places) => f.pad(&places.to_string()),
            Self::Rate(rps) => f.pad(&rate_text(*rps)),
            Self::Stages => f.pad("stages"),
        }
    }
}

impl Scenario {
    /// The load levels, ascending.
    pub fn levels(&self) -> Vec<Level> {
        self.load.shape.levels()
    }

    /// Open loop: requests per second that a level offers over the window, on average.
    pub fn offered_rps(&self, level: Level) -> Option<f64> {
        match level {
            Level::Concurrency(_) => None,
            Level::Rate(rps) => Some(rps),
            Level::Stages => {
                let stages = self.load.shape.stages();
                let seconds: f64 = stages.iter().map(|stage| stage.length.as_secs_f64()).sum();
                let expected: f64 = stages.iter().map(Stage::expected).sum();
                (seconds > 0.0).then(|| expected / seconds)
            }
        }
    }
}
