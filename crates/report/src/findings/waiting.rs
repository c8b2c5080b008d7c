//! Where the life of a thread goes: what waiting on threads means, and how many it takes.

use super::{Finding, Rule, at_level};
use crate::analysis::metric::{
    THREAD_RUNNABLE, THREAD_RUNNING, THREAD_WAITING, THREADS_PEAK, THREADS_PER_REQUEST,
};
use crate::analysis::{Analysis, Point, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "waiting",
    doc: "share of thread-life spent waiting, by model, with the threads that a request starts",
    find,
    answer: None,
};

/// Below this a model does not start threads as part of a request.
const SOME: f64 = 0.05;

/// Thread-time of one request, ms, at a model's highest trusted level.
struct Life<'a> {
    series: &'a Series,
    point: &'a Point,
    /// Threads started per request.
    started: f64,
    running_ms: f64,
    runnable_ms: f64,
    waiting_ms: f64,
}

fn find(analysis: &Analysis) -> Vec<Finding> {
    of(analysis).into_iter().collect()
}

fn of(analysis: &Analysis) -> Option<Finding> {
    let mut lives: Vec<Life<'_>> = analysis.distinct().filter_map(life).collect();
    // First whoever starts threads for a request: the claim is of those. Then the most thread-time.
    let starts = |life: &Life<'_>| life.started >= SOME;
    lives.sort_by(|a, b| starts(b).cmp(&starts(a)).then(b.total_ms().total_cmp(&a.total_ms())));
    let (most, others) = lives.split_first()?;
    let share = format::percent(most.waiting_ms / most.total_ms());
    let mut sentence = Sentence::new().text("Threads of ").model(most.series.index).text(format!(
        " spend {share} of their life waiting at {}: of {} of thread-time a request{} they \
             run for {} and queue for a CPU for {}",
        at_level(analysis, most.point.level),
        format::millis(most.total_ms()),
        most.threads(),
        format::millis_fine(most.running_ms),
        format::millis_fine(most.runnable_ms),
    ));
    for other in others {
        let elsewhere = if other.point.level.to_bits() == most.point.level.to_bits() {
            String::new()
        } else {
            format!(" at {}", at_level(analysis, other.point.level))
        };
        sentence = sentence.text("; those of ").model(other.series.index).text(format!(
            " wait {} of {}{elsewhere}",
            format::percent(other.waiting_ms / other.total_ms()),
            format::millis(other.total_ms()),
        ));
        if starts(other) {
            sentence = sentence.text(other.threads());
        }
    }
    Some(Finding {
        key: RULE.key,
        figure: share,
        sentence: sentence.text(".").muted(most.kernel_count().unwrap_or_default()).done(),
        different: true,
    })
}

impl Life<'_> {
    fn total_ms(&self) -> f64 {
        self.running_ms + self.runnable_ms + self.waiting_ms
    }

    /// ` (3 threads started, 2,185 alive at once)`; nothing where it starts none.
    fn threads(&self) -> String {
        if self.started < SOME {
            return String::new();
        }
        let alive = self.point.median(&THREADS_PEAK);
        let alive = alive.map(|n| format!(", {} alive at once", format::count(n)));
        let plural = if (self.started - 1.0).abs() < 1e-9 { "thread" } else { "threads" };
        let started = format::number(self.started);
        format!(" ({started} {plural} started{})", alive.unwrap_or_default())
    }

    /// The kernel's own count of threads started on the whole machine in the same windows.
    fn kernel_count(&self) -> Option<String> {
        if self.started < SOME {
            return None;
        }
        let (mut own, mut kernel) = (0.0, 0.0);
        for row in self.point.rows_used() {
            own += row.threads_spawned? as f64;
            kernel += row.kernel_forks? as f64;
        }
        Some(format!(
            "threads counted {}; by the kernel, for the whole machine, {}",
            format::count(own),
            format::count(kernel)
        ))
    }
}

/// The highest trusted point that has the figures.
fn life(series: &Series) -> Option<Life<'_>> {
    let of = |point| {
        let median = |metric| Point::median(point, metric);
        Some(Life {
            series,
            point,
            started: median(&THREADS_PER_REQUEST).unwrap_or(0.0),
            running_ms: median(&THREAD_RUNNING)?,
            runnable_ms: median(&THREAD_RUNNABLE)?,
            waiting_ms: median(&THREAD_WAITING)?,
        })
    };
    series.trusted_points().rev().find_map(of).filter(|life| life.total_ms() > 0.0)
}
