//! Up to which load each model meets the `[slo]`.

use super::{Finding, Rule, at_level};
use crate::analysis::Analysis;
use crate::format;
use crate::sentence::Sentence;
use crate::slo::{Slo, SloResult};

pub(super) const RULE: Rule = Rule {
    key: "slo",
    doc: "the highest load at which each model meets the [slo]",
    find,
    answer: None,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    let Some(slo) = Slo::of(analysis) else { return Vec::new() };
    let results = slo.results(analysis);
    let met: Vec<_> = results.iter().filter_map(|result| Some((result, result.met?))).collect();
    let missed: Vec<usize> =
        results.iter().filter(|result| result.met.is_none()).map(|result| result.model).collect();
    let mut sentence = Sentence::new().text(format!(
        "{} of {} models meet {}",
        met.len(),
        results.len(),
        slo.words()
    ));
    for (at, (result, met)) in met.iter().enumerate() {
        let joint = if at == 0 { ": " } else { "; " };
        sentence = sentence.text(joint).model(result.model).text(if analysis.axis().is_load() {
            format!(
                " up to {} ({})",
                at_level(analysis, met.level),
                format::rate(met.throughput_rps)
            )
        } else {
            format!(" at {} of {} values", result.values, result.judged)
        });
    }
    sentence = sentence.text(".");
    if !missed.is_empty() {
        sentence = sentence.text(" ").models(&missed).text(match missed.len() {
            1 => " meets it at no level that could be judged.",
            _ => " meet it at no level that could be judged.",
        });
    }
    let open: Vec<&SloResult> = results.iter().filter(|result| result.not_judged > 0).collect();
    let remark = if open.is_empty() {
        ""
    } else {
        "Levels with too few requests for a p99, or not to be trusted, are not judged."
    };
    vec![Finding {
        key: RULE.key,
        figure: format!("{} of {}", met.len(), results.len()),
        sentence: sentence.muted(remark).done(),
        different: true,
    }]
}
