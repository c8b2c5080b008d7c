//! CPU per request over the levels.

use super::lines::{self, Lines};
use super::prose::{over_sweep, takeaway};
use super::{Chart, Outcome};
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
        None => named(analysis, extremes, &at),
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

/// No ratio may be called: what the models spend, the two that serve most by name. A model that
/// serves next to nothing is no end to measure from.
fn named(analysis: &Analysis, extremes: &takeaway::Extremes<'_>, at: &str) -> String {
    let ((most, high), (least, low)) = (extremes.most, extremes.least);
    let show = |us: f64| CPU_PER_REQUEST.show(us);
    if show(low) == show(high) {
        return format!("{} of CPU a request {at}, whichever the model", show(low));
    }
    let leading = takeaway::versus(analysis, &CPU_PER_REQUEST)
        .filter(|both| both.level.to_bits() == extremes.level.to_bits())
        .map(|both| [both.best, both.rival]);
    let [(one, us), (other, more)] = leading.unwrap_or([(least, low), (most, high)]);
    format!(
        "{} {} spends {} of CPU a request, {} {}",
        analysis.axis().opening(extremes.level),
        one.model.label,
        show(us),
        other.model.label,
        show(more)
    )
}
