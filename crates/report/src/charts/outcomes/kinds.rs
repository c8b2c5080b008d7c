//! The ways not to be `ok`, and how much of each a model has at each level.

use crate::analysis::Series;
use crate::analysis::metric::{DEGRADED_SHARE, FAILED_SHARE, SHED_SHARE, UNFINISHED_SHARE};

/// A bar: shares of what ended, or in an open loop of what was due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    pub(super) level: f64,
    pub(super) degraded: f64,
    pub(super) failed: f64,
    pub(super) shed: f64,
    pub(super) unfinished: f64,
    pub(super) trusted: bool,
}

impl Bar {
    /// All that was not `ok`.
    pub(super) fn lost(&self) -> f64 {
        self.degraded + self.failed + self.shed + self.unfinished
    }
}

/// A way not to be `ok`.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// How it is drawn.
    pub(super) look: &'static str,
    /// What it is, for a note.
    pub(super) means: &'static str,
    pub(super) of: fn(&Bar) -> f64,
}

pub(super) const KINDS: [Kind; 4] = [
    Kind {
        name: "failed",
        look: "solid",
        means: "Failed: neither of the two fetches was answered",
        of: |bar| bar.failed,
    },
    Kind {
        name: "degraded",
        look: "faint",
        means: "Degraded: one of the two fetches failed",
        of: |bar| bar.degraded,
    },
    Kind {
        name: "shed",
        look: "hatched",
        means: "Shed: due, and not started because as many as max-in-flight were under way; shares are of the requests due",
        of: |bar| bar.shed,
    },
    Kind {
        name: "unfinished",
        look: "striped",
        means: "Unfinished: due, and still waiting to start, or under way, when the trial ended; shares are of the requests due",
        of: |bar| bar.unfinished,
    },
];

/// The texture of what did not end.
pub(super) const STRIPED: usize = 5;

/// The panels: a model and its bars.
pub(super) type Panels<'a> = [(&'a Series, Vec<Bar>)];

/// Those kinds that there are.
pub(super) fn kinds<'a>(panels: &'a Panels<'_>) -> impl Iterator<Item = &'static Kind> + use<'a> {
    KINDS.iter().filter(|kind| panels.iter().flat_map(|(_, bars)| bars).any(|b| (kind.of)(b) > 0.0))
}

/// A model's bars, a level each; none where nothing is known.
pub(super) fn bars_of(series: &Series) -> Vec<Bar> {
    let bar = |point: &crate::analysis::Point| {
        let of_due = |metric| point.median(metric).unwrap_or(0.0);
        let (shed, unfinished) = (of_due(&SHED_SHARE), of_due(&UNFINISHED_SHARE));
        let ended = (1.0 - shed - unfinished).max(0.0);
        // Where none ended there is no share of those that did.
        let of_ended = |metric| point.median(metric).or((ended <= 0.0).then_some(0.0));
        Some(Bar {
            level: point.level,
            degraded: of_ended(&DEGRADED_SHARE)? * ended,
            failed: of_ended(&FAILED_SHARE)? * ended,
            shed,
            unfinished,
            trusted: point.trusted(),
        })
    };
    series.points.iter().filter_map(bar).collect()
}
