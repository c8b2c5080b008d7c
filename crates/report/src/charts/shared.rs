//! How long requests wait for the table they share, over the load or over its guards.

use super::lines::{self, Lines};
use super::prose::takeaway;
use super::{Chart, Outcome};
use crate::analysis::metric::{SHARED_WAIT_MEAN, SHARED_WAIT_P99};
use crate::analysis::{Analysis, Metric};

/// The chart.
pub(super) const CHART: Chart =
    Chart { key: "shared", section: "Waiting for shared state", short: "Shared state", draw };

fn draw(analysis: &Analysis) -> Outcome {
    if analysis.rows.iter().all(|row| (SHARED_WAIT_MEAN.of)(row).is_none()) {
        return Outcome::LeftOut("requests share no table".to_owned());
    }
    let spans = [SHARED_WAIT_P99, SHARED_WAIT_MEAN]
        .into_iter()
        .find_map(|metric| Some((metric, Span::of(analysis, &metric)?)));
    let (title, cited) = match &spans {
        Some((metric, span)) => (span.title(analysis, metric), vec![span.least.0, span.most.0]),
        None => ("How long requests wait for the table they share".to_owned(), Vec::new()),
    };
    let lines = Lines {
        panels: vec![(SHARED_WAIT_MEAN, "Mean"), (SHARED_WAIT_P99, "p99")],
        shared: Some("Wait for shared state (log)"),
        what: "Time from asking for an entry of the shared table to having it, mean and p99,",
        desc: format!("{title}. Two panels, mean and p99, with a shared logarithmic axis upward."),
        title,
        notes: vec![
            "Under a guard whose table one thread owns, the way there and back counts as waiting"
                .to_owned(),
        ],
        cited,
        heights: (300.0, 250.0),
    };
    lines::draw(analysis, lines)
}

/// Where one model waits least and where most.
struct Span<'a> {
    model: &'a str,
    /// Level and value.
    least: (f64, f64),
    most: (f64, f64),
}

impl<'a> Span<'a> {
    /// Of the model whose figures lie furthest apart.
    fn of(analysis: &'a Analysis, metric: &Metric) -> Option<Self> {
        let spans = takeaway::measured(analysis).into_iter().filter_map(|series| {
            let points = series.trusted_points();
            let values: Vec<(f64, f64)> = points
                .filter_map(|point| Some((point.level, point.median(metric)?)))
                .filter(|(_, value)| *value > 0.0)
                .collect();
            let least = *values.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
            let most = *values.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
            Some(Self { model: &series.model.label, least, most })
        });
        spans.max_by(|a, b| (a.most.1 / a.least.1).total_cmp(&(b.most.1 / b.least.1)))
    }

    fn title(&self, analysis: &Analysis, metric: &Metric) -> String {
        let Self { model, least, most } = self;
        let at = |level: f64| analysis.axis().amid(level);
        let which = if metric.key == SHARED_WAIT_P99.key { "p99" } else { "mean" };
        if least.0.to_bits() == most.0.to_bits() {
            let value = metric.show(most.1);
            return format!("{model} waits {value} ({which}) for shared state {}", at(most.0));
        }
        format!(
            "{model} waits {} ({which}) for shared state {}, {} {}",
            metric.show(most.1),
            at(most.0),
            metric.show(least.1),
            at(least.0)
        )
    }
}
