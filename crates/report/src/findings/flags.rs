//! What hollow and crossed points mean: which they are, why, and what to do about it.

use measurement::row::Verdict;

use super::{Finding, Rule};
use crate::analysis::{Analysis, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "flags",
    doc: "which points are hollow or crossed, why, and what to do about it",
    find,
};

/// What a verdict means for its points, and what helps.
const CURES: &[(Verdict, &str, &str)] = &[
    (
        Verdict::Exhausted,
        "the operating system had no more to give, which is the model’s end on this machine",
        "To see further raise the limit that the reason names.",
    ),
    (
        Verdict::UpstreamLimited,
        "the mock was late or short of CPU, so they say nothing of the model",
        "More CPUs for the mock help, or a longer window where a few late answers decide.",
    ),
    (
        Verdict::Unsteady,
        "the window was not steady",
        "A longer warm-up and window help, and a quieter machine.",
    ),
    (
        Verdict::Inconsistent,
        "the instrument contradicts itself or its generator was late: its own fault, not the model’s",
        "Run again; if it comes back, its reason is worth a report.",
    ),
    (Verdict::Failed, "the trial did not finish", "Its reason tells what to mend."),
];

fn find(analysis: &Analysis) -> Vec<Finding> {
    CURES.iter().filter_map(|cure| of(analysis, cure)).collect()
}

fn of(analysis: &Analysis, (verdict, means, cure): &(Verdict, &str, &str)) -> Option<Finding> {
    let levels = |series: &Series| -> Vec<f64> {
        let own = series.points.iter().filter(|point| point.verdict == *verdict);
        own.map(|point| point.level).collect()
    };
    let models: Vec<(&Series, Vec<f64>)> = analysis
        .series
        .iter()
        .map(|series| (series, levels(series)))
        .filter(|(_, levels)| !levels.is_empty())
        .collect();
    let count: usize = models.iter().map(|(_, levels)| levels.len()).sum();
    if count == 0 {
        return None;
    }
    let (look, verb) = match (verdict, count) {
        (Verdict::Exhausted, 1) => ("crossed", "point is"),
        (Verdict::Exhausted, _) => ("crossed", "points are"),
        (Verdict::Failed, 1) => ("missing", "point is"),
        (Verdict::Failed, _) => ("missing", "points are"),
        (_, 1) => ("hollow", "point is"),
        _ => ("hollow", "points are"),
    };
    let mut sentence = Sentence::new().text(format!("{verb} {look} as {}: ", verdict.name()));
    for (at, (series, levels)) in models.iter().enumerate() {
        let joint = if at == 0 { "" } else { ", " };
        sentence = if joint.is_empty() { sentence } else { sentence.text(joint) };
        sentence =
            sentence.model(series.index).text(format!(" at {}", analysis.axis().at_each(levels)));
    }
    let reasons = models.iter().flat_map(|(series, _)| &series.points);
    let first = reasons.filter(|point| point.verdict == *verdict).map(|point| &point.reason).next();
    let why = first.filter(|why| !why.is_empty()).map(|why| format!("The first says: {why}."));
    Some(Finding {
        key: RULE.key,
        figure: format::count(count as f64),
        sentence: sentence.text(format!("; {means}. {cure}")).muted(why.unwrap_or_default()).done(),
        different: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn a_sentence_for_each_verdict_with_points() {
        let analysis = Fixture::high_latency().analysis();
        let found: Vec<String> = find(&analysis)
            .iter()
            .map(|own| format::plain(&format!("{} {}", own.figure, own.text(&analysis))))
            .collect();
        assert_eq!(
            found,
            [
                "1 point is crossed as exhausted: thread-per-request at N = 1,024; the operating system had no more to give, which is the model’s end on this machine. To see further raise the limit that the reason names. The first says: no threads beyond 2,400: 80 % of pid_max 3,000.",
                "1 point is hollow as unsteady: rayon-256 at N = 1,024; the window was not steady. A longer warm-up and window help, and a quieter machine. The first says: first and last third 14 % apart, ±10 % allowed.",
            ]
        );
        assert!(find(&Fixture::high_latency().models(&["tokio"]).analysis()).is_empty());
    }
}
