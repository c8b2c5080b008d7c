//! What a comparison says: its headline, the titles of its charts, and a finding for every figure and
//! model. Nothing is called that its decision does not call.

use super::points::Spot;
use super::{QUANTITIES, Quantity, Regression, RunComparison};
use crate::analysis::metric::THROUGHPUT;
use crate::format;
use crate::sentence::{Sentence, Span};
use crate::stats::Decision;

/// A finding of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The ratio that leads it.
    pub figure: String,
    /// What it says.
    pub sentence: Vec<Span>,
    /// Whether it tells of a difference.
    pub different: bool,
}

/// The changes of one figure, by what may be said of them.
struct Tally<'a> {
    quantity: &'a Quantity,
    all: Vec<Regression<'a>>,
}

impl<'a> Tally<'a> {
    fn of(compared: &'a RunComparison, quantity: &'a Quantity) -> Self {
        let all = compared.points.iter().filter_map(|point| {
            Some(Regression { point, change: point.change(&quantity.metric)? })
        });
        Self { quantity, all: all.collect() }
    }

    /// Those of one model alone.
    fn under(&self, model: usize) -> Self {
        let own = |one: &&Regression<'a>| one.point.index == model;
        Self { quantity: self.quantity, all: self.all.iter().filter(own).copied().collect() }
    }

    fn with(&self, decision: Decision) -> Vec<Regression<'a>> {
        self.all.iter().filter(|one| one.change.decision == decision).copied().collect()
    }

    /// Those called higher, or lower; the largest effect first.
    fn called(&self, higher: bool) -> Vec<Regression<'a>> {
        let mut found = self.with(Decision::Different);
        found.retain(|one| (one.change.ratio.ratio > 1.0) == higher);
        found.sort_by(|a, b| b.change.effect().total_cmp(&a.change.effect()));
        found
    }

    /// Both directions that anything is called in, the one with the larger effect first.
    fn directions(&self) -> Vec<Vec<Regression<'a>>> {
        let mut both = vec![self.called(false), self.called(true)];
        both.retain(|found| !found.is_empty());
        both.sort_by(|a, b| b[0].change.effect().total_cmp(&a[0].change.effect()));
        both
    }

    /// The ratio furthest from 1.
    fn furthest(&self) -> Option<&Regression<'a>> {
        self.all.iter().max_by(|a, b| a.change.effect().total_cmp(&b.change.effect()))
    }
}

fn points(n: usize) -> String {
    if n == 1 { "the one point".to_owned() } else { format!("{n} points") }
}

fn all_points(n: usize) -> String {
    if n == 1 { points(n) } else { format!("all {n} points") }
}

fn is_throughput(quantity: &Quantity) -> bool {
    quantity.metric.key == THROUGHPUT.key
}

/// The comparison in a sentence or two: what is called, each figure by its largest change; then what
/// is alike.
pub(super) fn headline(compared: &RunComparison) -> Vec<Span> {
    let tallies: Vec<Tally<'_>> = QUANTITIES
        .iter()
        .filter(|quantity| quantity.primary)
        .map(|quantity| Tally::of(compared, quantity))
        .filter(|tally| !tally.all.is_empty())
        .collect();
    let alike = |tally: &Tally<'_>| tally.with(Decision::Alike).len() == tally.all.len();
    if let [a, b] = tallies.as_slice()
        && alike(a)
        && alike(b)
    {
        let n = |tally: &Tally<'_>| all_points(tally.all.len());
        let words = if a.all.len() == b.all.len() {
            format!("Throughput and p99 are alike at {}.", n(a))
        } else {
            format!("Throughput is alike at {}, p99 at {}.", n(a), n(b))
        };
        return Sentence::new().text(words).done();
    }
    let (called, rest): (Vec<_>, Vec<_>) =
        tallies.iter().partition(|tally| !tally.directions().is_empty());
    let mut sentence = Sentence::new();
    for (at, tally) in called.into_iter().chain(rest).enumerate() {
        sentence = if at == 0 { sentence } else { sentence.text(" ") };
        sentence = clause(sentence, tally, true).text(".");
    }
    sentence.done()
}

/// What became of one primary figure, for the title of a chart; `None` where no point has it.
pub(super) fn title(compared: &RunComparison, quantity: &Quantity) -> Option<String> {
    let tally = Tally::of(compared, quantity);
    (!tally.all.is_empty()).then(|| compared.plain(&clause(Sentence::new(), &tally, false).done()))
}

/// How many ratios of one primary figure are called what, for the title of their chart.
pub(super) fn counted(compared: &RunComparison, quantity: &Quantity) -> Option<String> {
    let tally = Tally::of(compared, quantity);
    let all = tally.all.len();
    let counts = [
        (tally.called(false).len(), "lower"),
        (tally.called(true).len(), "higher"),
        (tally.with(Decision::Alike).len(), "alike"),
        (tally.with(Decision::NotToldApart).len(), "not told apart"),
        (tally.with(Decision::NotEnoughRepeats).len(), "without a claim"),
    ];
    let some: Vec<&(usize, &str)> = counts.iter().filter(|(n, _)| *n > 0).collect();
    let name = quantity.metric.name;
    match some.as_slice() {
        [] => None,
        [(_, word)] if all == 1 => Some(format!("The one ratio of {name}: {word}")),
        [(_, "without a claim")] => Some(format!("No claim can be made of {all} ratios of {name}")),
        [(_, word)] => Some(format!("All {all} ratios of {name} are {word}")),
        [(n, word), rest @ ..] => {
            let verb = if *n == 1 { "is" } else { "are" };
            let parts: Vec<String> = std::iter::once(format!("{n} {verb} {word}"))
                .chain(rest.iter().map(|(n, word)| format!("{n} {word}")))
                .collect();
            Some(format!("Of {all} ratios of {name} {}", format::list(&parts)))
        }
    }
}

/// One primary figure: its largest change in either direction with what it has beside it, or that
/// none is called. `muted` adds the evidence.
fn clause(mut sentence: Sentence, tally: &Tally<'_>, muted: bool) -> Sentence {
    let directions = tally.directions();
    if directions.is_empty() {
        return sentence.text(undecided(tally));
    }
    for (at, found) in directions.iter().enumerate() {
        let most = &found[0];
        let ratio = format::ratio(most.change.ratio.ratio);
        let place = &most.point.spot.text;
        sentence = if at == 0 { sentence } else { sentence.text("; ") };
        sentence = sentence.model(most.point.index);
        sentence = sentence.text(match (at, is_throughput(tally.quantity)) {
            (0, true) => format!(" at {place} serves {ratio} what it did before"),
            (_, true) => format!(" at {place} serves {ratio}"),
            (0, false) => {
                let name = tally.quantity.metric.name;
                format!("’s {name} at {place} is {ratio} what it was before")
            }
            (_, false) => format!("’s at {place} is {ratio}"),
        });
        if muted {
            sentence = sentence.muted(format!("({})", most.change.evidence()));
        }
        if found.len() > 1 {
            let word = if most.change.ratio.ratio < 1.0 { "falls" } else { "rises" };
            sentence = sentence.text(format!(", the largest of {} {word}", found.len()));
        }
    }
    sentence.text(elsewhere(tally))
}

/// What is to be said of the points that no difference is called at.
fn elsewhere(tally: &Tally<'_>) -> String {
    let rest = tally.all.len() - tally.with(Decision::Different).len();
    let alike = tally.with(Decision::Alike).len();
    match (rest, alike) {
        (0, _) => String::new(),
        (rest, alike) if alike == rest => "; alike elsewhere".to_owned(),
        (1, _) => "; no difference to call at the other point".to_owned(),
        (rest, 0) => format!("; no difference to call at the other {rest} points"),
        (rest, alike) => format!("; alike at {alike} of the other {rest} points"),
    }
}

/// Where nothing is called: `Throughput is alike at all 12 points`.
fn undecided(tally: &Tally<'_>) -> String {
    let (name, n) = (capitalised(tally.quantity.metric.name), tally.all.len());
    if tally.with(Decision::Alike).len() == n {
        return format!("{name} is alike at {}", all_points(n));
    }
    format!("{name}: {}", nothing_called(tally))
}

/// `no difference to call; alike at 10 of 12 points, too few repeats at 2`.
fn nothing_called(tally: &Tally<'_>) -> String {
    let n = tally.all.len();
    let few = tally.with(Decision::NotEnoughRepeats);
    let pooled = few.iter().filter(|one| one.change.ratio.range.is_none()).count();
    let mut lacking = Vec::new();
    if few.len() > pooled {
        lacking.push(("too few repeats", few.len() - pooled));
    }
    if pooled > 0 {
        lacking.push(("too few requests in a repeat", pooled));
    }
    if few.len() == n {
        let why: Vec<String> = lacking
            .iter()
            .map(|(why, count)| {
                format!("{why} at {}", if *count == n { points(n) } else { count.to_string() })
            })
            .collect();
        return format!("nothing can be called, {}; {}", format::list(&why), ratios(tally));
    }
    let lacking = lacking
        .iter()
        .fold(String::new(), |text, (why, count)| text + &format!(", {why} at {count}"));
    match tally.with(Decision::Alike).len() {
        0 => format!("no difference to call at {}{lacking}", points(n)),
        alike => format!("no difference to call; alike at {alike} of {n} points{lacking}"),
    }
}

/// `the ratio is 1.02×`, `ratios from 0.98× to 1.04×`.
fn ratios(tally: &Tally<'_>) -> String {
    let ends = tally.all.iter().map(|one| one.change.ratio.ratio);
    let (low, high) = ends.fold((f64::INFINITY, 0.0_f64), |(l, h), r| (l.min(r), h.max(r)));
    match (format::ratio(low), format::ratio(high)) {
        (low, high) if low == high && tally.all.len() == 1 => format!("the ratio is {low}"),
        (low, high) if low == high => format!("every ratio is {low}"),
        (low, high) => format!("ratios from {low} to {high}"),
    }
}

/// A finding for every figure and model that a difference is called for; the other models of a
/// primary figure together.
pub(super) fn findings(compared: &RunComparison) -> Vec<Told> {
    let mut told = Vec::new();
    for quantity in &QUANTITIES {
        let tally = Tally::of(compared, quantity);
        let mut rest = Vec::new();
        for model in 0..compared.models.len() {
            let own = tally.under(model);
            if own.all.is_empty() {
                continue;
            }
            if own.directions().is_empty() {
                rest.push((model, own));
            } else {
                told.push(changed(model, &own));
            }
        }
        if quantity.primary {
            told.extend(unchanged(&tally, &rest));
        }
    }
    told
}

/// `tokio serves less at N = 16 and 64: 0.80× at N = 64 (95 %: 0.78 to 0.83); alike elsewhere`.
fn changed(model: usize, own: &Tally<'_>) -> Told {
    let mut sentence = if is_throughput(own.quantity) {
        Sentence::new().model(model).text(" serves")
    } else {
        Sentence::new().model(model).text(format!("’s {} is", own.quantity.metric.name))
    };
    let directions = own.directions();
    for (at, found) in directions.iter().enumerate() {
        let most = &found[0];
        let more = most.change.ratio.ratio > 1.0;
        let word = match (is_throughput(own.quantity), more) {
            (true, true) => "more",
            (true, false) => "less",
            (false, true) => "higher",
            (false, false) => "lower",
        };
        let joint = if at == 0 { "" } else { ";" };
        sentence = sentence.text(format!("{joint} {word} at {}", places(found, own.all.len())));
        if found.len() > 1 {
            sentence = sentence.text(format!(", most at {}", most.point.spot.text));
        }
        sentence = sentence
            .text(format!(": {}", format::ratio(most.change.ratio.ratio)))
            .muted(format!("({})", most.change.evidence()));
    }
    sentence = sentence.text(elsewhere(own)).text(".");
    if !own.quantity.primary {
        sentence = sentence.muted("Exploratory.");
    }
    let figure = format::ratio(directions[0][0].change.ratio.ratio);
    Told { figure, sentence: sentence.done(), different: true }
}

/// `N = 16 and 64`, `6 of 8 points`, `all 8 points`.
fn places(found: &[Regression<'_>], all: usize) -> String {
    let mut found = found.to_vec();
    found.sort_by(|a, b| a.point.across.total_cmp(&b.point.across));
    let spots: Vec<&Spot> = found.iter().map(|one| &one.point.spot).collect();
    match spots.len() {
        n if n == all && n > 1 => all_points(n),
        n => Spot::several(&spots).unwrap_or_else(|| format!("{n} of {all} points")),
    }
}

/// The models that no difference is called for, by what may be said instead.
fn unchanged(tally: &Tally<'_>, rest: &[(usize, Tally<'_>)]) -> Vec<Told> {
    let alike = |own: &Tally<'_>| own.all.iter().all(|one| one.change.decision == Decision::Alike);
    let (same, unsure): (Vec<_>, Vec<_>) = rest.iter().partition(|(_, own)| alike(own));
    let mut told = Vec::new();
    for (group, sure) in [(same, true), (unsure, false)] {
        let models: Vec<usize> = group.iter().map(|(model, _)| *model).collect();
        if models.is_empty() {
            continue;
        }
        let own = |one: &&Regression<'_>| models.contains(&one.point.index);
        let together = Tally {
            quantity: tally.quantity,
            all: tally.all.iter().filter(own).copied().collect(),
        };
        let Some(most) = together.furthest() else { continue };
        let n = together.all.len();
        let mut sentence = Sentence::new()
            .text(format!("{} of ", capitalised(tally.quantity.metric.name)))
            .models(&models);
        sentence = sentence.text(if sure {
            format!(" is alike at {}", all_points(n))
        } else {
            format!(": {}", nothing_called(&together))
        });
        if together.with(Decision::NotEnoughRepeats).len() < n {
            if n > 1 {
                sentence = sentence.text("; furthest from 1: ");
                if models.len() > 1 {
                    sentence = sentence.model(most.point.index).text(" ");
                }
                let ratio = format::ratio(most.change.ratio.ratio);
                sentence = sentence.text(format!("{ratio} at {}", most.point.spot.text));
            }
            sentence = sentence.muted(format!("({})", most.change.evidence()));
        }
        let figure = format::ratio(most.change.ratio.ratio);
        told.push(Told { figure, sentence: sentence.text(".").done(), different: false });
    }
    told
}

/// The figure's name at the beginning of a sentence.
fn capitalised(name: &str) -> String {
    if name == "p99" { name.to_owned() } else { format::capital(name) }
}
