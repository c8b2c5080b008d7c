//! Remarks below a chart: what is hollow, crossed or left out, and why.

use measurement::row::Verdict;

use crate::analysis::{Analysis, Point, Series};
use crate::charts::drawing::curve::Curve;
use crate::format;

/// More points than this in one remark are summed up.
const MOST: usize = 5;

/// A line for what is hollow, one for what is crossed, one for what has no figure: models and levels
/// with the reason in a few words. The whole of it stands in the report's run health.
pub(crate) fn doubts(analysis: &Analysis) -> Vec<String> {
    among(analysis, |_| true)
}

/// The same for a chart of one level.
pub(crate) fn doubts_at(analysis: &Analysis, level: f64) -> Vec<String> {
    among(analysis, |point| point.level.to_bits() == level.to_bits())
}

/// How a point that is not to be trusted is drawn.
fn heading(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Exhausted => "×",
        Verdict::Failed => "Without a figure",
        _ => "Hollow, not to be trusted",
    }
}

fn among(analysis: &Analysis, shown: impl Fn(&Point) -> bool) -> Vec<String> {
    let mut lines: Vec<(&str, Vec<String>)> = Vec::new();
    for series in &analysis.series {
        let mut doubtful: Vec<&Point> =
            series.points.iter().filter(|p| !p.trusted() && shown(p)).collect();
        while let Some(first) = doubtful.first().copied() {
            let (same, rest): (Vec<&Point>, Vec<&Point>) =
                doubtful.into_iter().partition(|p| p.verdict == first.verdict);
            let item = item(analysis, series, &same);
            let heading = heading(first.verdict);
            match lines.iter_mut().find(|(own, _)| *own == heading) {
                Some((_, items)) => items.push(item),
                None => lines.push((heading, vec![item])),
            }
            doubtful = rest;
        }
    }
    lines.into_iter().map(|(heading, items)| format!("{heading}: {}", some(&items))).collect()
}

/// The first of them, and how many more there are.
fn some(items: &[String]) -> String {
    if items.len() <= MOST {
        return items.join("; ");
    }
    let (told, more) = items.split_at(MOST - 1);
    format!("{}; and {} more, see the report’s run health", told.join("; "), more.len())
}

/// `rayon-256 at N = 1,024 (first and last third 14 % apart)`.
fn item(analysis: &Analysis, series: &Series, points: &[&Point]) -> String {
    let levels: Vec<f64> = points.iter().map(|p| p.level).collect();
    let first = points[0];
    let reason = exhausted(first).unwrap_or_else(|| brief(first));
    format!("{} at {} ({reason})", series.model.label, analysis.axis().at_each(&levels))
}

/// A reason without its figures' details: up to the first stop.
fn brief(point: &Point) -> String {
    let reason = point.reason.split([':', ';', ',']).next().unwrap_or_default().trim();
    if reason.is_empty() { point.verdict.name().to_owned() } else { reason.to_owned() }
}

/// For a chart that gives each model a place of its own: which are not in it, being others again.
pub(crate) fn twins(analysis: &Analysis) -> Option<String> {
    let again = analysis.series.iter().filter_map(|series| {
        let itself = &analysis.series.get(series.again?)?.model.label;
        Some(format!("{} (A/A: {itself} once more)", series.model.label))
    });
    let again: Vec<String> = again.collect();
    let them = if again.len() == 1 { "it is" } else { "they are" };
    (!again.is_empty()).then(|| format!("Not drawn: {}; {them} in the table", format::list(&again)))
}

/// `no threads beyond 9,800, with 3,266 requests in flight`.
pub(crate) fn exhausted(point: &Point) -> Option<String> {
    let most =
        point.rows.iter().filter_map(|row| row.exhausted.as_ref()).max_by_key(|out| out.reached)?;
    let [reached, in_flight] =
        [most.reached, most.in_flight].map(|count| format::count(count as f64));
    Some(format!("no {} beyond {reached}, with {in_flight} requests in flight", most.resource))
}

/// Which figures have no place on a log axis: a sentence for all models with the same levels.
pub(crate) fn dropped(analysis: &Analysis, what: &str, curves: &[Curve]) -> Vec<String> {
    let mut groups: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for curve in curves.iter().filter(|curve| !curve.dropped.is_empty()) {
        let levels: Vec<String> =
            curve.dropped.iter().map(|level| analysis.axis().word(*level)).collect();
        let label = analysis.series[curve.model.index].model.label.clone();
        match groups.iter_mut().find(|(own, _)| *own == levels) {
            Some((_, labels)) => labels.push(label),
            None => groups.push((levels, vec![label])),
        }
    }
    let sentence = |(levels, labels): &(Vec<String>, Vec<String>)| {
        let (levels, labels) = (format::list(levels), format::list(labels));
        format!(
            "Not drawn: {what} of {labels} at {levels}, zero or less, which has no place on a log axis"
        )
    };
    groups.iter().map(sentence).collect()
}
