//! Where the operating system would have refused, with the count reached.

use measurement::row::{Exhausted, Verdict};

use super::{Finding, Rule, at_level};
use crate::analysis::{Analysis, Series};
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "exhausted",
    doc: "where threads, descriptors or ports ran out, and the count reached",
    find,
};

fn find(analysis: &Analysis) -> Vec<Finding> {
    analysis.series.iter().filter_map(|series| of(analysis, series)).collect()
}

fn of(analysis: &Analysis, series: &Series) -> Option<Finding> {
    let point = series.points.iter().find(|point| point.verdict == Verdict::Exhausted)?;
    let most: Option<&Exhausted> =
        point.rows.iter().filter_map(|row| row.exhausted.as_ref()).max_by_key(|out| out.reached);
    let start = Sentence::new().model(series.index);
    let at = at_level(analysis, point.level);
    let (figure, sentence) = match most {
        Some(out) => (
            format::count(out.reached as f64),
            start.text(format!(
                " ends below {at}: no {} beyond that count, with {} requests in flight.",
                out.resource,
                format::count(out.in_flight as f64)
            )),
        ),
        None => (
            analysis.axis().word(point.level),
            start.text(format!(" ends below {at}: {}.", point.reason.trim_end_matches('.'))),
        ),
    };
    let because = most.map(|out| format!("Limit: {}.", out.because)).unwrap_or_default();
    Some(Finding {
        key: RULE.key,
        figure,
        sentence: sentence.muted(because).done(),
        different: true,
    })
}
