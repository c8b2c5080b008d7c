//! Which look a model has: the same in every chart, and in every run that has a model of its kind.
//!
//! ```text
//! kind ──▶ its slot, its second slot ──▶ colour, marker, dash
//! ```
//!
//! The first model of a kind (the one named after it, else the first in the scenario) has the kind's
//! slot, a second one the kind's second slot; what is left takes free slots, of colours that the run
//! has least of. So only third models of a kind, and kinds unknown here, depend on what else runs.
//! In a grid of loads and swept values a model keeps colour and marker, and the dash is the value's.
//! Deliberately not here: what colours, markers and dashes are; `palette` holds them.

use measurement::run::ModelInfo;

/// How many markers there are.
pub(crate) const SHAPES: usize = 8;
/// How many dashes there are; together with markers they tell as many looks apart in greyscale as
/// there are pairs, since the two numbers have no common divisor.
pub(crate) const DASHES: usize = 5;
/// How many colours there are.
pub(crate) const COLOURS: usize = 6;

/// A model as it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Position of its series, which tells models apart that look alike.
    pub(crate) index: usize,
    /// Which colour, below [`COLOURS`].
    pub(crate) colour: usize,
    /// Which marker, below [`SHAPES`].
    pub(crate) shape: usize,
    /// Which dash, below [`DASHES`].
    pub(crate) dash: usize,
}

/// Colour, marker and dash.
type Slot = (usize, usize, usize);

/// The kinds in the order of the models' own list, each with its slot and its second slot. Kinds that
/// are often drawn together differ in all three.
const KINDS: [(&str, Slot, Slot); 8] = [
    ("tokio", (0, 0, 0), (5, 3, 4)),
    ("thread-per-request", (1, 1, 1), (4, 5, 2)),
    ("rayon", (2, 2, 2), (3, 4, 3)),
    ("thread-pool", (3, 3, 3), (2, 6, 0)),
    ("tokio-spawn-blocking", (4, 4, 4), (1, 0, 3)),
    ("thread-per-core", (5, 5, 0), (0, 2, 4)),
    ("tokio-blocking", (3, 6, 1), (2, 1, 3)),
    ("tokio-rayon", (4, 7, 3), (3, 7, 0)),
];

/// The looks of the models of a run, in their order.
pub(crate) fn of_models(models: &[ModelInfo]) -> Vec<Look> {
    let mut slots: Vec<Option<Slot>> = vec![None; models.len()];
    for (kind, first, second) in KINDS {
        let mut own: Vec<usize> = (0..models.len()).filter(|&at| models[at].kind == kind).collect();
        own.sort_by_key(|&at| models[at].label != kind);
        for (at, slot) in own.into_iter().zip([first, second]) {
            slots[at] = Some(slot);
        }
    }
    for at in 0..slots.len() {
        if slots[at].is_none() {
            slots[at] = Some(free(&slots));
        }
    }
    let look = |(index, slot): (usize, Option<Slot>)| Look::at(index, slot.unwrap_or((0, 0, 0)));
    slots.into_iter().enumerate().map(look).collect()
}

/// The looks of the series of a run, each given as the position of its model and, in a grid, of its
/// swept value, whose dash it then has.
pub(crate) fn of_series(models: &[ModelInfo], series: &[(usize, Option<usize>)]) -> Vec<Look> {
    let looks = of_models(models);
    let plain = series.iter().filter(|(_, value)| value.is_none());
    let mut taken: Vec<Slot> = plain
        .filter_map(|(model, _)| looks.get(*model))
        .map(|own| (own.colour, own.shape, own.dash))
        .collect();
    let mut out = Vec::new();
    for (index, (model, value)) in series.iter().enumerate() {
        let own = looks.get(*model).copied().unwrap_or(Look::at(index, (0, 0, 0)));
        let slot = match value {
            None => (own.colour, own.shape, own.dash),
            Some(value) => {
                let wish = (own.colour, own.shape, value % DASHES);
                let others = pairs().map(|(shape, dash)| (own.colour, shape, dash));
                let clash = |slot: &Slot| taken.iter().any(|t| (t.1, t.2) == (slot.1, slot.2));
                let found = [wish].into_iter().chain(others).find(|slot| !clash(slot));
                taken.extend(found);
                found.unwrap_or(wish)
            }
        };
        out.push(Look::at(index, slot));
    }
    out
}

impl Look {
    const fn at(index: usize, (colour, shape, dash): Slot) -> Self {
        Self { index, colour, shape, dash }
    }
}

/// Every pair of marker and dash.
fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..SHAPES * DASHES).map(|n| (n % SHAPES, n % DASHES))
}

/// A slot that is not in use, nor any kind's: of the colour in use least, with a pair of marker and
/// dash of its own as long as there is one.
fn free(slots: &[Option<Slot>]) -> Slot {
    let used: Vec<Slot> = slots.iter().copied().flatten().collect();
    let kinds = KINDS.iter().flat_map(|(_, first, second)| [*first, *second]);
    let reserved: Vec<Slot> = kinds.chain(used.iter().copied()).collect();
    let is_in = |all: &[Slot], (shape, dash): (usize, usize)| {
        all.iter().filter(|(_, s, d)| (*s, *d) == (shape, dash)).count()
    };
    let least = pairs().map(|pair| (is_in(&used, pair), is_in(&reserved, pair), pair)).min();
    let (_, _, pair) = least.unwrap_or_default();
    let colours = (0..COLOURS).filter(|colour| !used.contains(&(*colour, pair.0, pair.1)));
    let colour = colours.min_by_key(|colour| used.iter().filter(|(c, ..)| c == colour).count());
    (colour.unwrap_or_default(), pair.0, pair.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(words: &[(&str, &str)]) -> Vec<ModelInfo> {
        let model = |(kind, label): &(&str, &str)| ModelInfo {
            label: (*label).to_owned(),
            kind: (*kind).to_owned(),
            summary: String::new(),
            options: std::collections::BTreeMap::new(),
            levels: Vec::new(),
        };
        words.iter().map(model).collect()
    }

    fn looks(words: &[(&str, &str)]) -> Vec<Slot> {
        let all = of_models(&models(words));
        all.into_iter().map(|look| (look.colour, look.shape, look.dash)).collect()
    }

    fn apart_in_grey(slots: &[Slot]) -> bool {
        let mut pairs: Vec<_> = slots.iter().map(|(_, shape, dash)| (shape, dash)).collect();
        pairs.sort_unstable();
        pairs.windows(2).all(|two| two[0] != two[1])
    }

    #[test]
    fn a_kind_looks_the_same_whatever_its_order_and_company() {
        let alone = looks(&[("tokio", "tokio-2")])[0];
        assert_eq!(looks(&[("rayon", "rayon"), ("tokio", "tokio-2")])[1], alone);
        let four = looks(&[
            ("thread-per-request", "thread-per-request"),
            ("tokio", "tokio-2"),
            ("rayon", "rayon-256"),
            ("tokio", "tokio"),
        ]);
        assert_eq!(four[3], alone, "the one named after its kind is its first");
        assert_ne!(four[1], alone);
        assert_eq!(looks(&[("tokio", "tokio"), ("tokio", "tokio-2")])[1], four[1]);
    }

    #[test]
    fn kinds_and_their_seconds_are_told_apart_in_greyscale() {
        let kinds: Vec<Slot> = KINDS.iter().flat_map(|(_, a, b)| [*a, *b]).collect();
        assert!(apart_in_grey(&kinds));
        assert!(kinds.iter().all(|(c, s, d)| *c < COLOURS && *s < SHAPES && *d < DASHES));
    }

    #[test]
    fn forty_models_of_any_kinds_are_told_apart_in_greyscale() {
        let labels: Vec<String> = (0..48).map(|at| format!("model-{at}")).collect();
        for kinds in [vec!["tokio"], vec!["rayon", "of tomorrow"], KINDS.map(|k| k.0).to_vec()] {
            let all: Vec<_> = labels
                .iter()
                .enumerate()
                .map(|(at, label)| (kinds[at % kinds.len()], label.as_str()))
                .collect();
            assert!(apart_in_grey(&looks(&all[..SHAPES * DASHES])), "{kinds:?}");
            let mut whole = looks(&all);
            whole.sort_unstable();
            whole.dedup();
            assert_eq!(whole.len(), labels.len(), "beyond that by colour: {kinds:?}");
        }
    }

    #[test]
    fn six_models_have_six_colours() {
        let mut colours: Vec<usize> = looks(&[
            ("x", "a"),
            ("x", "b"),
            ("tokio", "tokio"),
            ("y", "c"),
            ("y", "d"),
            ("y", "e"),
        ])
        .into_iter()
        .map(|(colour, ..)| colour)
        .collect();
        colours.sort_unstable();
        colours.dedup();
        assert_eq!(colours.len(), 6);
    }

    #[test]
    fn in_a_grid_the_dash_is_the_values() {
        let models = models(&[("tokio", "tokio"), ("rayon", "rayon"), ("tokio", "again")]);
        let series: Vec<_> =
            (0..3).flat_map(|model| (0..7).map(move |value| (model, Some(value)))).collect();
        let all = of_series(&models, &series);
        assert_eq!(all[1].dash, all[8].dash);
        assert!(all[..5].iter().all(|look| look.shape == all[0].shape));
        assert!(all[..7].iter().all(|look| look.colour == all[0].colour));
        let slots: Vec<Slot> = all.iter().map(|l| (l.colour, l.shape, l.dash)).collect();
        assert!(apart_in_grey(&slots));
    }
}
