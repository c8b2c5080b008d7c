//! Whether the throughputs are known as well as the scenario asks, and where not.

use super::{Finding, Rule, at_level};
use crate::analysis::Analysis;
use crate::format;
use crate::precision::{Known, Precision, plus_minus};
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "precision",
    doc: "whether the throughputs are known as well as the scenario asks",
    find,
    answer: None,
};

/// Points named one by one; the others are counted.
const NAMED: usize = 3;

fn find(analysis: &Analysis) -> Vec<Finding> {
    let Some(precision) = Precision::of(analysis) else { return Vec::new() };
    let Some(widest) = precision.widest() else { return Vec::new() };
    let repeats = analysis.run.repeats_done.unwrap_or(analysis.run.scenario.repeats);
    let wanted = plus_minus(precision.wanted);
    let sentence = if precision.reached() {
        let known = widest.half_width.map_or_else(String::new, plus_minus);
        let start = format!(
            "After {repeats} repeats every throughput is known to {known} or better, where {wanted} \
             was asked for; the widest is that of "
        );
        place(Sentence::new().text(start), analysis, widest).text(".")
    } else {
        let most = analysis.run.scenario.max_repeats;
        let end = if most == Some(repeats) { ", the most allowed" } else { "" };
        let start = place(Sentence::new().text("The throughput of "), analysis, widest).text(
            format!(" is not known better after {repeats} repeats{end}; {wanted} was asked for."),
        );
        others(start, analysis, &precision.wide()[1..])
    };
    let sentence = match precision.left_out() {
        0 => sentence,
        1 => sentence.text(" One point that is not to be trusted was not waited for."),
        n => sentence.text(format!(" {n} points that are not to be trusted were not waited for.")),
    };
    vec![Finding {
        key: RULE.key,
        figure: widest.half_width.map_or_else(|| "no interval".to_owned(), plus_minus),
        sentence: sentence.done(),
        different: !precision.reached(),
    }]
}

fn place(sentence: Sentence, analysis: &Analysis, point: &Known) -> Sentence {
    sentence.model(point.model).text(format!(" at {}", at_level(analysis, point.level)))
}

/// The other points that stayed wider than asked.
fn others(mut sentence: Sentence, analysis: &Analysis, wide: &[&Known]) -> Sentence {
    for (at, point) in wide.iter().take(NAMED).enumerate() {
        sentence = place(sentence.text(if at == 0 { " So with " } else { ", " }), analysis, point);
        let width = point.half_width.map_or_else(|| "no interval".to_owned(), plus_minus);
        sentence = sentence.text(format!(" ({width})"));
    }
    match wide.len() {
        0 => sentence,
        n if n > NAMED => {
            sentence.text(format!(" and {} more.", format::count((n - NAMED) as f64)))
        }
        _ => sentence.text("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fixture;

    fn said(wanted: f64, most: u32) -> (String, bool) {
        let mut fixture = Fixture::high_latency().models(&["tokio", "thread-per-request"]);
        fixture.run.scenario.precision = Some(wanted);
        fixture.run.scenario.max_repeats = Some(most);
        fixture.run.repeats_done = Some(3);
        let analysis = fixture.analysis();
        let found = find(&analysis);
        (format::plain(&found[0].text(&analysis)), found[0].different)
    }

    #[test]
    fn reached_and_not_reached_are_told_with_their_figures() {
        let (text, different) = said(0.5, 15);
        assert!(
            text.contains(" or better, where ±50 % was asked for; the widest is that of "),
            "{text}"
        );
        assert!(
            text.ends_with("One point that is not to be trusted was not waited for."),
            "{text}"
        );
        assert!(!different);
        let (text, different) = said(0.000_01, 3);
        assert!(text.contains("after 3 repeats, the most allowed; ±"), "{text}");
        assert!(text.contains(" So with ") && text.contains(" more."), "{text}");
        assert!(different);
        let (interrupted, _) = said(0.000_01, 15);
        assert!(interrupted.contains("is not known better after 3 repeats; ±"), "{interrupted}");
        assert!(find(&Fixture::high_latency().analysis()).is_empty());
    }
}
