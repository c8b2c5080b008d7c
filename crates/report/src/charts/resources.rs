//! Threads and memory over the levels.

use std::fmt::Write as _;

use super::lines::{self, Lines};
use super::prose::takeaway::Extremes;
use super::prose::{over_sweep, takeaway};
use super::{Chart, Outcome};
use crate::analysis::metric::{RSS_PEAK, THREADS_PEAK};
use crate::analysis::{Analysis, Metric};

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "resources", section: "Threads and memory", short: "Threads and memory", draw };

fn draw(analysis: &Analysis) -> Outcome {
    let of = |metric: &Metric| takeaway::extremes(analysis, metric);
    let (threads, memory) = (of(&THREADS_PEAK), of(&RSS_PEAK));
    let swept =
        over_sweep::titles(analysis, &[(RSS_PEAK, "peak memory"), (THREADS_PEAK, "threads")]);
    let title = swept.unwrap_or_else(|| title(analysis, threads.as_ref(), memory.as_ref()));
    let lines = Lines {
        panels: vec![(THREADS_PEAK, "Threads, most at once (log)"), (RSS_PEAK, "Memory, peak above the start (log)")],
        shared: None,
        what: "Threads alive at once and resident memory, both at their peak,",
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

/// Threads in figures; memory where it differs by half at least, which is what a reader can use.
fn title(
    analysis: &Analysis,
    threads: Option<&Extremes<'_>>,
    memory: Option<&Extremes<'_>>,
) -> String {
    let Some(threads) = threads else { return "Threads and memory of the client".to_owned() };
    let ((most, high), (least, low)) = (threads.most, threads.least);
    if high.to_bits() == low.to_bits() {
        let at = analysis.axis().amid(threads.level);
        return format!("{} threads {at}, whichever the model", THREADS_PEAK.show(high));
    }
    let head = format!(
        "{} {} holds {} threads, {} {}",
        analysis.axis().opening(threads.level),
        most.model.label,
        THREADS_PEAK.show(high),
        least.model.label,
        THREADS_PEAK.show(low)
    );
    match memory.filter(|memory| memory.most.1 >= 1.5 * memory.least.1).and_then(Extremes::ratio) {
        Some(ratio) => format!("{head}; up to {ratio} the memory"),
        None => head,
    }
}

fn desc(analysis: &Analysis) -> String {
    let mut text = "Two panels, threads and memory, with logarithmic axes.".to_owned();
    for series in &analysis.series {
        let last = |metric: &Metric| {
            series.trusted_points().rev().find_map(|p| Some((p.level, p.median(metric)?)))
        };
        if let (Some((level, threads)), Some((_, memory))) = (last(&THREADS_PEAK), last(&RSS_PEAK))
        {
            let _ = write!(
                text,
                " {} {}: {} threads, {}.",
                series.model.label,
                analysis.axis().amid(level),
                THREADS_PEAK.show(threads),
                RSS_PEAK.show(memory)
            );
        }
    }
    text
}
