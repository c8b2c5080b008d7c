//! How many trials are not to be trusted, which points are hollow or crossed for that, and what
//! helps. Of a trial that was run again the last attempt counts.

use measurement::row::Verdict;

use super::{Finding, Rule};
use crate::analysis::{Analysis, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "trust",
    doc: "trials that are not to be trusted, the points that are hollow for it, and what helps",
    find,
    answer: None,
};

/// What a verdict against a trial means, in words.
pub(crate) const MEANINGS: &[(Verdict, &str)] = &[
    (Verdict::Exhausted, "a limit of the operating system ended it"),
    (Verdict::UpstreamLimited, "the mock did not keep up"),
    (Verdict::Unsteady, "no steady state inside the window"),
    (Verdict::Inconsistent, "its books do not balance, or its generator was late"),
    (Verdict::Failed, "it did not finish"),
];

/// What helps where a whole point is lost.
const CURES: &[(Verdict, &str)] = &[
    (Verdict::Exhausted, "a higher limit, of what the reason names"),
    (
        Verdict::UpstreamLimited,
        "more CPUs for the mock, or a longer window where few late answers decide",
    ),
    (Verdict::Unsteady, "a longer warm-up and window, a quieter machine"),
    (
        Verdict::Inconsistent,
        "where the generator was late, a quieter machine or rates further from what the model can \
         do; else a new run, since the fault is the instrument’s own",
    ),
    (Verdict::Failed, "what the reason names, mended"),
];

fn find(analysis: &Analysis) -> Vec<Finding> {
    let bad = analysis.standing().filter(|row| !row.verdict.trusted()).count();
    if bad == 0 {
        return Vec::new();
    }
    let parts: Vec<String> = MEANINGS
        .iter()
        .filter_map(|(verdict, meaning)| {
            let count = analysis.standing().filter(|row| row.verdict == *verdict).count();
            (count > 0).then(|| format!("{count} {} ({meaning})", verdict.name()))
        })
        .collect();
    let verb = if bad == 1 { "trials is" } else { "trials are" };
    let mut sentence = Sentence::new().text(format!(
        "{} of {} {verb} not to be trusted: {}.",
        format::count(bad as f64),
        format::count(analysis.ended() as f64),
        format::list(&parts)
    ));
    for cure in CURES {
        sentence = points(sentence, analysis, cure);
    }
    let rest = "They enter no median, no verdict and no finding but those on themselves.";
    vec![Finding {
        key: RULE.key,
        figure: format::count(bad as f64),
        sentence: sentence.muted(rest).done(),
        different: true,
    }]
}

/// The points that bear the verdict.
fn points(sentence: Sentence, analysis: &Analysis, (verdict, cure): &(Verdict, &str)) -> Sentence {
    let levels = |series: &Series| -> Vec<f64> {
        let own = series.points.iter().filter(|point| point.verdict == *verdict);
        own.map(|point| point.level).collect()
    };
    let models: Vec<(usize, Vec<f64>)> = analysis
        .series
        .iter()
        .map(|series| (series.index, levels(series)))
        .filter(|(_, levels)| !levels.is_empty())
        .collect();
    if models.is_empty() {
        return sentence;
    }
    let look = match verdict {
        Verdict::Exhausted => "Drawn as crosses",
        Verdict::Failed => "Missing",
        _ => "Drawn hollow",
    };
    let mut sentence = sentence.text(format!(" {look} ({}): ", verdict.name()));
    for (at, (model, levels)) in models.iter().enumerate() {
        let joint = if at == 0 { "" } else { ", " };
        sentence = if joint.is_empty() { sentence } else { sentence.text(joint) };
        sentence = sentence.model(*model).text(format!(" at {}", analysis.axis().at_each(levels)));
    }
    sentence.text(format!("; what helps: {cure}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn trials_are_counted_and_lost_points_named() {
        let analysis = Fixture::high_latency().analysis();
        let found = find(&analysis);
        assert_eq!((found.len(), found[0].figure.as_str()), (1, "7"));
        let text = format::plain(&found[0].text(&analysis));
        for words in [
            "7 of 72 trials are not to be trusted: ",
            " Drawn as crosses (exhausted): thread-per-request at N = 1,024; what helps: a higher limit",
            " Drawn hollow (unsteady): rayon-256 at N = 1,024; what helps: a longer warm-up",
        ] {
            assert!(text.contains(words), "{text}");
        }
        assert!(find(&Fixture::high_latency().models(&["tokio"]).analysis()).is_empty());
    }
}
