//! Where the life of a thread goes: what waiting on a thread means, in one number.

use super::{Finding, Rule, at_level};
use crate::analysis::metric::{THREAD_RUNNABLE, THREAD_RUNNING, THREAD_WAITING};
use crate::analysis::{Analysis, Point, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "waiting",
    doc: "share of thread-life spent waiting, by the model that spends most thread-time a request",
    find,
};

/// Thread-time of one request, ms, at a model's highest trusted level.
struct Life<'a> {
    series: &'a Series,
    level: f64,
    running_ms: f64,
    runnable_ms: f64,
    waiting_ms: f64,
}

impl Life<'_> {
    fn total_ms(&self) -> f64 {
        self.running_ms + self.runnable_ms + self.waiting_ms
    }
}

fn find(analysis: &Analysis) -> Vec<Finding> {
    let mut lives: Vec<Life> = analysis.series.iter().filter_map(life).collect();
    lives.sort_by(|a, b| b.total_ms().total_cmp(&a.total_ms()));
    let Some((most, others)) = lives.split_first() else { return Vec::new() };
    let share = most.waiting_ms / most.total_ms();
    let mut sentence = Sentence::new()
        .text("Of a thread's life under ")
        .model(most.series.index)
        .text(format!(
            " goes to waiting at {}: {} of thread-time a request, {} of it running, {} waiting for a CPU",
            at_level(analysis, most.level),
            format::millis(most.total_ms()),
            format::millis_fine(most.running_ms),
            format::millis_fine(most.runnable_ms),
        ));
    for other in others {
        sentence = sentence.text("; ").model(other.series.index).text(format!(
            " {} at {}",
            format::millis_fine(other.total_ms()),
            at_level(analysis, other.level)
        ));
    }
    let sentence = sentence.text(".").muted("each where it is last to be trusted");
    vec![Finding {
        key: RULE.key,
        figure: format::percent(share),
        sentence: sentence.done(),
        different: true,
    }]
}

/// The highest trusted point that has the figures.
fn life(series: &Series) -> Option<Life<'_>> {
    let of = |point: &Point| {
        Some(Life {
            series,
            level: point.level,
            running_ms: point.median(&THREAD_RUNNING)?,
            runnable_ms: point.median(&THREAD_RUNNABLE)?,
            waiting_ms: point.median(&THREAD_WAITING)?,
        })
    };
    series.trusted_points().rev().find_map(of).filter(|life| life.total_ms() > 0.0)
}
