//! Threads and memory over the levels.

use super::lines::{self, Lines};
use super::{Chart, Outcome, takeaway, words};
use crate::analysis::metric::{RSS_PEAK, THREADS_PEAK};
use crate::analysis::{Analysis, Metric};

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "resources", section: "Threads and memory", short: "Threads and memory", draw };

fn draw(analysis: &Analysis) -> Outcome {
    let of = |metric: &Metric| takeaway::extremes(analysis, metric);
    let (threads, memory) = (of(&THREADS_PEAK), of(&RSS_PEAK));
    let title = match (&threads, &memory) {
        (Some(threads), Some(memory)) => format!(
            "At {} {} holds {} threads, {} {}; memory {} to {}",
            words::at_level(analysis.load(), threads.level),
            threads.most.0.model.label,
            THREADS_PEAK.show(threads.most.1),
            threads.least.0.model.label,
            THREADS_PEAK.show(threads.least.1),
            RSS_PEAK.show(memory.least.1),
            RSS_PEAK.show(memory.most.1)
        ),
        _ => "Threads and memory of the client".to_owned(),
    };
    let lines = Lines {
        panels: vec![(THREADS_PEAK, "Threads, most at once (log)"), (RSS_PEAK, "Memory, peak above the start (log)")],
        shared: None,
        what: "Most threads alive at once and peak resident memory above what the process had before load,",
        desc: desc(analysis),
        title,
        notes: vec![
            "Memory is the process’s own; what the kernel holds for threads and sockets stands beside it in the table of trials".to_owned(),
        ],
        cited: threads.map(|threads| threads.level).into_iter().collect(),
        heights: (300.0, 250.0),
    };
    lines::draw(analysis, lines)
}

fn desc(analysis: &Analysis) -> String {
    let mut text = "Two panels, threads and memory, with logarithmic axes.".to_owned();
    for series in &analysis.series {
        let last = |metric: &Metric| {
            series.trusted_points().rev().find_map(|p| Some((p.level, p.median(metric)?)))
        };
        if let (Some((level, threads)), Some((_, memory))) = (last(&THREADS_PEAK), last(&RSS_PEAK))
        {
            text.push_str(&format!(
                " {} at {}: {} threads, {}.",
                series.model.label,
                words::at_level(analysis.load(), level),
                THREADS_PEAK.show(threads),
                RSS_PEAK.show(memory)
            ));
        }
    }
    text
}
