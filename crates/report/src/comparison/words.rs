//! The comparison in sentences.

use std::fmt::Write as _;

use super::ratio::Pairing;
use super::{LeftOut, PRIMARY, Quantity, Regression, RunComparison};
use crate::format;
use crate::stats::{Decision, LEAST_REPEATS};

/// What became better, worse or stayed, by primary figure.
pub(super) fn headline(compared: &RunComparison) -> String {
    let parts: Vec<String> =
        PRIMARY.iter().filter_map(|quantity| of_quantity(compared, quantity)).collect();
    parts.join(" ")
}

/// `Throughput is lower at 2 of 12 points, most at tokio, N = 64: 0.80× (95 %: 0.78 to 0.83).`
pub(super) fn of_quantity(compared: &RunComparison, quantity: &Quantity) -> Option<String> {
    let own = |one: &Regression<'_>| one.change.quantity.metric.key == quantity.metric.key;
    let all: Vec<Regression<'_>> = compared.primary().filter(own).collect();
    let name = capitalised(quantity.metric.name);
    let with =
        |decision| all.iter().filter(|one| one.change.decision == decision).collect::<Vec<_>>();
    let points = match all.len() {
        0 => return None,
        1 => "the one point".to_owned(),
        n => format!("{n} points"),
    };
    let different = with(Decision::Different);
    let few = with(Decision::NotEnoughRepeats).len();
    if few == all.len() {
        let ends = all.iter().map(|one| one.change.ratio.ratio);
        let (low, high) = ends.fold((f64::INFINITY, 0.0_f64), |(l, h), r| (l.min(r), h.max(r)));
        let ratios = if format::ratio(low) == format::ratio(high) {
            format!("the ratio is {}", format::ratio(low))
        } else {
            format!("ratios lie from {} to {}", format::ratio(low), format::ratio(high))
        };
        return Some(format!("{name}: too few repeats for a claim at {points}; {ratios}."));
    }
    if different.is_empty() {
        let alike = with(Decision::Alike).len();
        let lacking = match few {
            0 => String::new(),
            _ => format!(", too few repeats at {few}"),
        };
        return Some(match alike {
            _ if alike == all.len() => format!("{name} is alike at {points}."),
            0 => format!("{name}: no difference to call at {points}{lacking}."),
            _ => format!("{name}: no difference to call; alike at {alike} of {points}{lacking}."),
        });
    }
    let mut sentence = String::new();
    for (more, word) in [(false, "lower"), (true, "higher")] {
        let here: Vec<_> =
            different.iter().filter(|one| (one.change.ratio.ratio > 1.0) == more).collect();
        let Some(most) = here.iter().max_by(|a, b| a.change.effect().total_cmp(&b.change.effect()))
        else {
            continue;
        };
        let at = match (here.len(), all.len()) {
            (_, 1) => String::new(),
            (n, all) if n == all => format!(" at all {points}, most"),
            (1, _) => format!(" at 1 of {points},"),
            (n, _) => format!(" at {n} of {points}, most"),
        };
        let place = format!("{} at {}", most.point.label, most.point.spot.text);
        let joint = if sentence.is_empty() { format!("{name} is ") } else { "; ".to_owned() };
        let _ = write!(
            sentence,
            "{joint}{word}{at} for {place}: {} ({})",
            format::ratio(most.change.ratio.ratio),
            most.change.evidence()
        );
    }
    Some(format!("{sentence}."))
}

/// What to know before believing it.
pub(super) fn remarks(compared: &RunComparison) -> Vec<String> {
    let mut remarks = vec![match &compared.pairing {
        Pairing::Paired => "Paired by repeat: same seed and same draws, so that repeat k met the same luck in both runs.".to_owned(),
        Pairing::Unpaired(why) => {
            format!("Not paired, since {why}: Welch intervals on logs.")
        }
    }];
    remarks.push(
        "A difference is called if its 95\u{a0}% interval leaves out 1, also after Holm’s correction over all models and levels, and it is 5\u{a0}% or more. CPU per request and memory are exploratory: not corrected, and never a regression.".to_owned(),
    );
    remarks.push(
        "The runs were not interleaved: what changed on the machine between them is in every ratio. A third run, of the program before, shows how much that is.".to_owned(),
    );
    let fewer = |one: &Regression<'_>| {
        let (a, b) = (one.change.before.n(), one.change.after.n());
        compared.pairing == Pairing::Paired && one.change.ratio.repeats != (a, b)
    };
    if compared.primary().any(|one| fewer(&one)) {
        remarks.push("Medians are over all repeats of a run that are to be trusted, ratios over those that have a partner in the other.".to_owned());
    }
    let short = compared
        .primary()
        .any(|one| one.change.ratio.interval.is_none() && one.change.ratio.range.is_some());
    if short {
        remarks.push(format!(
            "Points with fewer than {LEAST_REPEATS} repeats on either side show their range; nothing is claimed of them."
        ));
    }
    if compared.primary().any(|one| one.change.ratio.range.is_none()) {
        remarks.push("A p99 that single trials have too few requests for is pooled over the repeats; nothing is claimed of its ratio.".to_owned());
    }
    remarks
}

/// See [`RunComparison::left_out_lines`].
pub(super) fn left_out(compared: &RunComparison) -> Vec<[String; 3]> {
    let mut groups: Vec<Vec<&LeftOut>> = Vec::new();
    for out in &compared.left_out {
        let same = |group: &&mut Vec<&LeftOut>| {
            let first = group[0];
            out.spot.is_some()
                && first.spot.is_some()
                && (&first.label, first.what, &first.reason) == (&out.label, out.what, &out.reason)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(out),
            None => groups.push(vec![out]),
        }
    }
    let line = |group: &Vec<&LeftOut>| {
        let place = match group.as_slice() {
            [one] => one.place(),
            several => {
                let spots: Vec<String> = several
                    .iter()
                    .filter_map(|out| Some(out.spot.as_ref()?.short(compared.load())))
                    .collect();
                format!("{} at {}", several[0].label, format::list(&spots))
            }
        };
        [place, group[0].what.to_owned(), group[0].reason.clone()]
    };
    groups.iter().map(line).collect()
}

fn capitalised(name: &str) -> String {
    if name == "p99" {
        return name.to_owned();
    }
    let mut letters = name.chars();
    letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default()
        + letters.as_str()
}
