//! CPU per request over the levels.

use super::lines::{self, Lines};
use super::{Chart, Outcome, over_sweep, takeaway};
use crate::analysis::Analysis;
use crate::analysis::metric::CPU_PER_REQUEST;

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "cpu", section: "CPU of a request", short: "CPU of a request", draw };

fn draw(analysis: &Analysis) -> Outcome {
    let extremes = takeaway::extremes(analysis, &CPU_PER_REQUEST);
    let (title, desc) = words_of(analysis, extremes.as_ref());
    let lines = Lines {
        panels: vec![(CPU_PER_REQUEST, "CPU per request")],
        shared: Some("CPU per request (log)"),
        what: "CPU per request, user and system,",
        title,
        desc,
        notes: Vec::new(),
        cited: extremes.map(|extremes| extremes.level).into_iter().collect(),
        heights: (320.0, 270.0),
    };
    lines::draw(analysis, lines)
}

fn words_of(analysis: &Analysis, extremes: Option<&takeaway::Extremes<'_>>) -> (String, String) {
    if let Some(title) = over_sweep::title(analysis, &CPU_PER_REQUEST, "CPU per request") {
        let desc = format!("{title}: {}.", analysis.axis().scales());
        return (title, desc);
    }
    let Some(extremes) = extremes else {
        let last = analysis.series.iter().find_map(|s| {
            let point = s.trusted_points().rev().find(|p| p.median(&CPU_PER_REQUEST).is_some())?;
            Some((s, point.level, point.median(&CPU_PER_REQUEST)?))
        });
        let title = match last {
            Some((series, level, value)) => format!(
                "{} takes {} of CPU a request {}",
                series.model.label,
                CPU_PER_REQUEST.show(value),
                analysis.axis().amid(level)
            ),
            None => "CPU per request".to_owned(),
        };
        return (title.clone(), format!("{title}: {}.", analysis.axis().scales()));
    };
    let at = analysis.axis().amid(extremes.level);
    let ((most, high), (least, low)) = (extremes.most, extremes.least);
    let (most, least) = (&most.model.label, &least.model.label);
    let title = match extremes.ratio() {
        Some(ratio) => format!("{most} costs {ratio} the CPU of {least} {at}"),
        None if CPU_PER_REQUEST.show(low) == CPU_PER_REQUEST.show(high) => {
            format!("{} of CPU a request {at}, whichever the model", CPU_PER_REQUEST.show(low))
        }
        None => format!(
            "From {} of CPU a request to {} {at}",
            CPU_PER_REQUEST.show(low),
            CPU_PER_REQUEST.show(high)
        ),
    };
    let desc = format!(
        "CPU per request, {}. {} {most} takes {}, {least} {}{}.",
        analysis.axis().scales(),
        analysis.axis().opening(extremes.level),
        CPU_PER_REQUEST.show(high),
        CPU_PER_REQUEST.show(low),
        extremes.interval()
    );
    (title, desc)
}
