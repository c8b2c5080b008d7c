//! How far a model lies from itself, where it runs twice: this machine's noise today.

use super::{Finding, Rule, at_level, evidence};
use crate::analysis::{Analysis, Comparison, Place};
use crate::format;
use crate::sentence::Sentence;
use crate::stats::Decision;

pub(super) const RULE: Rule = Rule {
    key: "a-a",
    doc: "how far a model lies from itself, where it runs twice under two labels",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    let twins = analysis.series.iter().filter(|series| series.again.is_some());
    twins.filter_map(|twin| of(analysis, twin.index)).collect()
}

/// What one twin shows: its largest distance from the model itself.
fn of(analysis: &Analysis, twin: usize) -> Option<Finding> {
    let pairs = || analysis.a_a().iter().filter(|pair| pair.over == twin);
    let largest = pairs().max_by(|a, b| apart(a).total_cmp(&apart(b)))?;
    let Place::Level(level) = largest.place else { return None };
    let called: Vec<&Comparison> =
        pairs().filter(|pair| pair.decision == Decision::Different).collect();
    let sentence = Sentence::new()
        .text("The same model twice, ")
        .model(largest.of)
        .text(" and ")
        .model(largest.over)
        .text(format!(
            ", differs by at most this, in {} at {}: that is this machine's noise today.",
            largest.metric.name,
            at_level(analysis, level),
        ));
    let sentence = match called.len() {
        0 if largest.ratio.interval.is_none() => sentence,
        0 => sentence.text(" No difference is called between them, as it should be."),
        _ => sentence.text(
            " A difference is called between them, which is false: take no smaller one for real.",
        ),
    };
    Some(Finding {
        key: RULE.key,
        figure: format::percent(apart(largest)),
        sentence: sentence.text(" ").muted(format!("({})", evidence(&largest.ratio))).done(),
        different: !called.is_empty(),
    })
}

/// How far a ratio lies from 1, whichever way, as a share.
fn apart(pair: &Comparison) -> f64 {
    pair.ratio.ratio.max(pair.ratio.ratio.recip()) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn the_noise_is_told_and_a_false_call_is_called_false() {
        let mut fixture = Fixture::high_latency().twin("tokio", "tokio-again", &[256]);
        let quiet = fixture.clone().analysis();
        let found = find(&quiet);
        let text = format::plain(&found[0].text(&quiet));
        assert!(text.starts_with("The same model twice, tokio and tokio-again, differs by"));
        assert!(text.contains("at N = 256: that is this machine's noise today. No difference is"));
        assert!(!found[0].different);
        for row in fixture.rows.iter_mut().filter(|row| row.model == "tokio-again") {
            row.throughput_rps = row.throughput_rps.map(|rps| rps * 1.5);
        }
        let loud = fixture.analysis();
        assert!(find(&loud)[0].different);
        assert!(find(&loud)[0].text(&loud).contains("which is false"));
        assert!(find(&Fixture::high_latency().analysis()).is_empty());
    }
}
