//! `[checks]`: from which value on a trial is not to be trusted.
//!
//! Every threshold is one entry of [`THRESHOLDS`], which drives parsing, the JSON Schema, the
//! documentation and what a report says of a changed one. What is measured against them is not
//! decided here.

use std::time::Duration;

use crate::error::Result;
use crate::keys::{Key, Section, Shape};
use crate::tree::Node;
use crate::units::{duration_text, percentage_text};

/// The thresholds in force. Shares are of 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Checks {
    /// Time in flight by counters against records: most they may differ, relative.
    pub bookkeeping: f64,
    /// Mock: the p99 of held − requested may be this share of the response's own delay …
    pub hold_error: f64,
    /// … or this, if that is more.
    pub hold_error_floor: Duration,
    /// Mock: most of its CPUs that it may use, spinning left out.
    pub upstream_cpu: f64,
    /// Mock: longest p99 of its event loop's turns.
    pub turn_p99: Duration,
    /// N̄ against X·R̄: most they may differ, relative, beyond one generation's edge and the long
    /// draws that an edge cuts.
    pub little: f64,
    /// Most that throughput may change from the window's first third to its last.
    pub drift: f64,
    /// Longest that the client's process may once be stopped within the window.
    pub client_stop: Duration,
    /// Open loop: longest p99 of the generator's lag …
    pub lag_p99: Duration,
    /// … as long as the client uses less than this of its CPUs.
    pub lag_cpu: f64,
    /// Open loop: share of the offered requests that may be missing from the completed ones, beyond
    /// what chance keeps in flight.
    pub shortfall: f64,
    /// Share of the client's CPUs from which a model is saturated.
    pub saturated_cpu: f64,
    /// Share of a pool's ceiling from which the pool is saturated.
    pub saturated_pool: f64,
    /// Stolen CPU time, or CPU pressure, that is worth a note.
    pub noise: f64,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            bookkeeping: 0.001,
            hold_error: 0.02,
            hold_error_floor: Duration::from_millis(1),
            upstream_cpu: 0.85,
            turn_p99: Duration::from_millis(1),
            little: 0.05,
            drift: 0.10,
            client_stop: Duration::from_millis(100),
            lag_p99: Duration::from_millis(1),
            lag_cpu: 0.90,
            shortfall: 0.01,
            saturated_cpu: 0.90,
            saturated_pool: 0.95,
            noise: 0.05,
        }
    }
}

/// One threshold: its key, and where it stands in [`Checks`].
#[derive(Debug, Clone, Copy)]
pub struct Threshold {
    /// The key, its unit and what it means.
    pub key: Key,
    /// Which way lets more trials pass.
    pub looser: Looser,
    field: fn(&mut Checks) -> Field<'_>,
}

/// Which change of a threshold lets more trials pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looser {
    /// A higher value.
    Higher,
    /// A lower value.
    Lower,
    /// Neither: it makes a finding or a note, and refuses no trial.
    Neither,
}

/// A threshold's place.
enum Field<'a> {
    Share(&'a mut f64),
    Time(&'a mut Duration),
}

/// A threshold that is not at its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its key.
    pub key: &'static str,
    /// Its value, with its unit.
    pub value: String,
    /// The default, likewise.
    pub default: String,
    /// Whether more trials pass than by default; `None`: it refuses none.
    pub looser: Option<bool>,
}

impl Changed {
    /// For a report's remarks.
    pub fn describe(&self) -> String {
        let Self { key, value, default, looser } = self;
        let means = match looser {
            Some(true) => ": looser, more trials pass",
            Some(false) => ": tighter, fewer trials pass",
            None => "",
        };
        format!("[checks] `{key}` is {value}, the default is {default}{means}")
    }
}

const fn share(
    name: &'static str,
    doc: &'static str,
    looser: Looser,
    field: fn(&mut Checks) -> Field<'_>,
) -> Threshold {
    Threshold { key: Key::optional(name, Shape::Percentage, doc), looser, field }
}

const fn time(
    name: &'static str,
    doc: &'static str,
    looser: Looser,
    field: fn(&mut Checks) -> Field<'_>,
) -> Threshold {
    Threshold { key: Key::optional(name, Shape::Duration, doc), looser, field }
}

/// Every threshold, in the order of the checks.
pub const THRESHOLDS: &[Threshold] = &[
    share(
        "bookkeeping",
        "inconsistent, if time in flight by counters and by records differ by more; default 0.1%",
        Looser::Higher,
        |checks| Field::Share(&mut checks.bookkeeping),
    ),
    share(
        "hold_error",
        "upstream-limited, if the p99 of held − requested is over this share of the response's own delay (and over hold_error_floor); default 2%",
        Looser::Higher,
        |checks| Field::Share(&mut checks.hold_error),
    ),
    time(
        "hold_error_floor",
        "a response held too long by less than this is never late; default 1ms",
        Looser::Higher,
        |checks| Field::Time(&mut checks.hold_error_floor),
    ),
    share(
        "upstream_cpu",
        "upstream-limited, if the mock uses more of its CPUs, spinning left out; default 85%",
        Looser::Higher,
        |checks| Field::Share(&mut checks.upstream_cpu),
    ),
    time(
        "turn_p99",
        "upstream-limited, if the p99 of the turns of the mock's event loop is longer; default 1ms",
        Looser::Higher,
        |checks| Field::Time(&mut checks.turn_p99),
    ),
    share(
        "little",
        "unsteady, if requests in flight and throughput times latency differ by more than this and one generation's edge; default 5%",
        Looser::Higher,
        |checks| Field::Share(&mut checks.little),
    ),
    share(
        "drift",
        "unsteady, if throughput changes by more from the window's first third to its last (95 % interval); default 10%",
        Looser::Higher,
        |checks| Field::Share(&mut checks.drift),
    ),
    time(
        "client_stop",
        "unsteady, if the client's process was once stopped for longer within the window; default 100ms",
        Looser::Higher,
        |checks| Field::Time(&mut checks.client_stop),
    ),
    time(
        "lag_p99",
        "open loop: inconsistent, if the p99 of the generator's lag is longer while the client's CPU is under lag_cpu; default 1ms",
        Looser::Higher,
        |checks| Field::Time(&mut checks.lag_p99),
    ),
    share(
        "lag_cpu",
        "open loop: share of the client's CPUs from which lag is the model's own and lag_p99 is not judged; default 90%",
        Looser::Lower,
        |checks| Field::Share(&mut checks.lag_cpu),
    ),
    share(
        "shortfall",
        "open loop: saturated where the client's CPU, its pool or max_in_flight is used up, else unsteady, if more of the offered requests than this and chance are not completed; default 1%",
        Looser::Higher,
        |checks| Field::Share(&mut checks.shortfall),
    ),
    share(
        "saturated_cpu",
        "saturated, if the client uses this share of its CPUs or more; default 90%",
        Looser::Neither,
        |checks| Field::Share(&mut checks.saturated_cpu),
    ),
    share(
        "saturated_pool",
        "saturated, if throughput reaches this share of a pool's ceiling; default 95%",
        Looser::Neither,
        |checks| Field::Share(&mut checks.saturated_pool),
    ),
    share(
        "noise",
        "a note, if more CPU time was stolen by the hypervisor, or CPU pressure not of the client's own making was higher; default 5%",
        Looser::Neither,
        |checks| Field::Share(&mut checks.noise),
    ),
];

/// The keys of `[checks]`.
pub(crate) fn keys() -> Vec<Key> {
    THRESHOLDS.iter().map(|threshold| threshold.key).collect()
}

/// Reads `[checks]`, each threshold at its default unless stated.
pub(crate) fn read(node: Option<&Node>) -> Result<Checks> {
    let mut checks = Checks::default();
    let Some(node) = node else { return Ok(checks) };
    let section = Section::open(node, "[checks]", &[&keys()])?;
    for threshold in THRESHOLDS {
        let Some(node) = section.get(threshold.key.name) else { continue };
        match (threshold.field)(&mut checks) {
            Field::Share(share) => *share = node.percentage()?,
            Field::Time(time) => *time = node.duration()?,
        }
    }
    Ok(checks)
}

impl Checks {
    /// Every threshold that is not at its default, in the order of [`THRESHOLDS`].
    pub fn changed(&self) -> Vec<Changed> {
        let (mut own, mut usual) = (*self, Self::default());
        let changed = THRESHOLDS.iter().filter_map(|threshold| {
            let (value, default) = ((threshold.field)(&mut own), (threshold.field)(&mut usual));
            let (higher, [value, default]) = match (value, default) {
                (Field::Share(value), Field::Share(default))
                    if value.to_bits() != default.to_bits() =>
                {
                    (value > default, [percentage_text(*value), percentage_text(*default)])
                }
                (Field::Time(value), Field::Time(default)) if value != default => {
                    (value > default, [duration_text(*value), duration_text(*default)])
                }
                _ => return None,
            };
            let looser = match threshold.looser {
                Looser::Higher => Some(higher),
                Looser::Lower => Some(!higher),
                Looser::Neither => None,
            };
            Some(Changed { key: threshold.key.name, value, default, looser })
        });
        changed.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_threshold_is_documented_with_the_default_it_has() {
        let mut checks = Checks::default();
        for threshold in THRESHOLDS {
            let default = match (threshold.field)(&mut checks) {
                Field::Share(share) => percentage_text(*share),
                Field::Time(time) => duration_text(*time),
            };
            let ends = format!("default {}", default.replace(' ', ""));
            assert!(threshold.key.doc.ends_with(&ends), "{}: {ends}", threshold.key.name);
        }
        let mut names: Vec<&str> = THRESHOLDS.iter().map(|t| t.key.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), THRESHOLDS.len());
    }

    #[test]
    fn each_has_a_place_of_its_own() {
        for threshold in THRESHOLDS {
            let mut checks = Checks::default();
            match (threshold.field)(&mut checks) {
                Field::Share(share) => *share /= 2.0,
                Field::Time(time) => *time /= 2,
            }
            let changed = checks.changed();
            let keys: Vec<&str> = changed.iter().map(|changed| changed.key).collect();
            assert_eq!(keys, [threshold.key.name]);
            let expected = match threshold.looser {
                Looser::Higher => Some(false),
                Looser::Lower => Some(true),
                Looser::Neither => None,
            };
            assert_eq!(changed[0].looser, expected, "{}", threshold.key.name);
        }
        let loose = Checks { hold_error: 0.1, ..Checks::default() };
        assert_eq!(
            loose.changed()[0].describe(),
            "[checks] `hold_error` is 10 %, the default is 2 %: looser, more trials pass"
        );
    }
}
