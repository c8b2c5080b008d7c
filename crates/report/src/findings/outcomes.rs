//! What failed fetches did: how many answers were degraded or failed, and that none waited on.

use std::collections::BTreeMap;

use measurement::row::{TrialRow, Verdict};

use super::{Finding, Rule, at_level};
use crate::analysis::Analysis;
use crate::analysis::metric::NOT_OK_SHARE;
use crate::format;
use crate::sentence::Sentence;

pub(super) const RULE: Rule = Rule {
    key: "outcomes",
    doc: "shares of degraded and failed requests, and whether the fetch deadline held",
    find,
    answer: Some(answer),
};

/// Beyond its deadline a fetch may take this long for timers and wake-ups on a busy machine
/// before the report calls the deadline broken.
const GRACE_MS: f64 = 50.0;

/// How many times the share of the whole a point's share must be to be named.
const STANDS_OUT: f64 = 1.5;

fn find(analysis: &Analysis) -> Vec<Finding> {
    of(analysis).into_iter().collect()
}

/// Asked where the scenario's upstreams fail on purpose.
fn answer(analysis: &Analysis) -> Option<Sentence> {
    if analysis.run.scenario.upstreams.iter().all(|upstream| upstream.faults.is_empty()) {
        return None;
    }
    let Ended { rows, ok, degraded, failed } = ended(analysis)?;
    let ended = ok + degraded + failed;
    let share = |count: f64| format::percent(count / ended);
    let words = format!(
        "Of {} requests {} were whole, {} degraded to one answer, {} failed without any.",
        format::count(ended),
        share(ok),
        share(degraded),
        share(failed),
    );
    Some(Sentence::new().text(words).then(deadline(analysis, &rows).unwrap_or_default()))
}

/// How the requests of the trusted trials ended. Counts are floats: none from outside overflows.
struct Ended<'a> {
    rows: Vec<&'a TrialRow>,
    ok: f64,
    degraded: f64,
    failed: f64,
}

/// The same, where not every request was ok.
fn ended(analysis: &Analysis) -> Option<Ended<'_>> {
    let rows: Vec<&TrialRow> = analysis.rows.iter().filter(|row| row.verdict.trusted()).collect();
    let sum = |of: fn(&TrialRow) -> u64| rows.iter().map(|row| of(row) as f64).sum::<f64>();
    let (ok, degraded, failed) = (sum(|r| r.ok), sum(|r| r.degraded), sum(|r| r.failed));
    (degraded + failed > 0.0).then_some(Ended { rows, ok, degraded, failed })
}

fn of(analysis: &Analysis) -> Option<Finding> {
    let Ended { rows, ok, degraded, failed } = ended(analysis)?;
    let ended = ok + degraded + failed;
    let share = |count: f64| format::percent(count / ended);
    let sentence = Sentence::new()
        .text(format!(
            "Of {} requests {} were not whole: {} degraded to one answer, {} failed{}.",
            format::count(ended),
            share(degraded + failed),
            share(degraded),
            share(failed),
            kinds(&rows),
        ))
        .then(deadline(analysis, &rows).unwrap_or_default());
    let sentence = worst(sentence, analysis, (degraded + failed) / ended);
    Some(Finding {
        key: RULE.key,
        figure: share(degraded + failed),
        sentence: sentence.done(),
        different: true,
    })
}

/// The point with the largest share, where it stands out from the share of the whole.
fn worst(sentence: Sentence, analysis: &Analysis, overall: f64) -> Sentence {
    let points = analysis.series.iter().flat_map(|series| {
        series.trusted_points().map(move |point| (series.index, point.level, point))
    });
    let shares = points
        .filter_map(|(model, level, point)| Some((model, level, point.median(&NOT_OK_SHARE)?)));
    let most = shares.max_by(|a, b| a.2.total_cmp(&b.2));
    match most.filter(|(_, _, share)| *share > STANDS_OUT * overall && *share > 0.01) {
        Some((model, level, share)) => sentence
            .text(format!(" The largest share, {}, fell to ", format::percent(share)))
            .model(model)
            .text(format!(" at {}.", at_level(analysis, level))),
        None => sentence,
    }
}

/// ` (timeout 1,204, status 310)`, the most frequent first.
fn kinds(rows: &[&TrialRow]) -> String {
    let mut kinds: BTreeMap<&str, f64> = BTreeMap::new();
    for (kind, count) in rows.iter().flat_map(|row| &row.errors) {
        *kinds.entry(kind).or_default() += *count as f64;
    }
    let mut kinds: Vec<(&str, f64)> = kinds.into_iter().filter(|(_, count)| *count > 0.0).collect();
    kinds.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let words: Vec<String> =
        kinds.iter().map(|(kind, count)| format!("{kind} {}", format::count(*count))).collect();
    if words.is_empty() { String::new() } else { format!(" (fetches: {})", words.join(", ")) }
}

/// The longest request against the deadline, over the trials whose CPU was not saturated: in the
/// others a request waits for the CPU as well, which no deadline shortens.
fn deadline(analysis: &Analysis, rows: &[&TrialRow]) -> Option<Sentence> {
    let timeout = analysis.run.scenario.timeout_ms;
    let timed_out = rows.iter().any(|row| row.errors.get("timeout").is_some_and(|n| *n > 0));
    let valid = rows.iter().filter(|row| row.verdict == Verdict::Valid);
    let longest: Vec<(&str, f64)> =
        valid.filter_map(|row| Some((row.model.as_str(), row.latency_max_ms?))).collect();
    let most = longest.iter().map(|(_, millis)| *millis).max_by(f64::total_cmp)?;
    let (most_text, timeout_text) = (format::millis_fine(most), format::millis(timeout));
    let sentence = Sentence::new();
    Some(if most > timeout + GRACE_MS {
        let beyond = |label: &str| {
            longest.iter().any(|(model, millis)| *model == label && *millis > timeout + GRACE_MS)
        };
        let beyond = analysis.series.iter().filter(|series| beyond(&series.model.label));
        let beyond: Vec<usize> = beyond.map(|series| series.index).collect();
        sentence
            .text(format!(
                " The deadline of {timeout_text} a fetch did not bound every request of "
            ))
            .models(&beyond)
            .text(format!(
                ": the longest took {most_text}, trials with a saturated CPU or pool left out."
            ))
    } else if timed_out {
        sentence.text(format!(
            " The deadline of {timeout_text} a fetch held: the longest request took {most_text}, \
             trials with a saturated CPU or pool left out."
        ))
    } else {
        sentence.text(format!(
            " No fetch ran into its deadline of {timeout_text}: the longest request took {most_text}."
        ))
    })
}
