//! What to know of a comparison, and what is not in it, in sentences.

use super::points::Spot;
use super::ratio::Pairing;
use super::{LeftOut, Regression, RunComparison};
use crate::stats::{Decision, LEAST_REPEATS};

/// What to know before believing it.
pub(super) fn remarks(compared: &RunComparison) -> Vec<String> {
    let mut remarks = vec![pairing(compared)];
    remarks.extend(conditional(compared));
    remarks.push(
        "A difference is called if its 95\u{a0}% interval leaves out 1, also after Holm’s correction over all models and levels, and it is 5\u{a0}% or more. Alike: it is less, and the interval within 10\u{a0}%. CPU per request and memory are exploratory: not corrected, and never a regression.".to_owned(),
    );
    remarks.push(
        "The runs were not interleaved: what changed on the machine between them is in every ratio. A third run, of the program before, shows how much that is.".to_owned(),
    );
    remarks.extend(super::conditions::of_both(compared));
    remarks
}

/// Whether repeats are paired, and what is the matter with these figures in particular.
pub(super) fn caveats(compared: &RunComparison) -> Vec<String> {
    let mut caveats = vec![pairing(compared)];
    caveats.extend(conditional(compared));
    caveats
}

fn pairing(compared: &RunComparison) -> String {
    match &compared.pairing {
        Pairing::Paired => "Paired by repeat: same seed and same draws, so that repeat k met the same luck in both runs.".to_owned(),
        Pairing::Unpaired(why) => {
            format!("Not paired, since {why}: Welch intervals on logs.")
        }
    }
}

fn conditional(compared: &RunComparison) -> Vec<String> {
    let mut remarks = Vec::new();
    let fewer = |one: &Regression<'_>| {
        let (a, b) = (one.change.before.n(), one.change.after.n());
        compared.pairing == Pairing::Paired
            && one.change.ratio.range.is_some()
            && one.change.ratio.repeats != (a, b)
    };
    if compared.primary().any(|one| fewer(&one)) {
        remarks.push("Medians are over all repeats of a run that are to be trusted, ratios over those that have a partner in the other.".to_owned());
    }
    let corrected = |one: &Regression<'_>| {
        let out = one.change.ratio.interval.is_some_and(|(low, high)| low > 1.0 || high < 1.0);
        out && one.change.decision == Decision::NotToldApart
    };
    if compared.primary().any(|one| corrected(&one)) {
        remarks.push("Where an interval leaves out 1 and the two are still not told apart, it did not hold after Holm’s correction for that many points: more repeats narrow it.".to_owned());
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
        remarks.push("Pooled: a p99 that single trials have too few requests for, over the requests of all repeats; nothing is claimed of its ratio.".to_owned());
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
                let spots: Vec<&Spot> =
                    several.iter().filter_map(|out| out.spot.as_ref()).collect();
                format!("{} at {}", several[0].label, Spot::each(&spots))
            }
        };
        [place, group[0].what.to_owned(), group[0].reason.clone()]
    };
    groups.iter().map(line).collect()
}
