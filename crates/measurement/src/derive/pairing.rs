//! Pairs the client's records with the mock's log, by id.

use scenario::Phase;

use crate::exchange::Exchange;

/// What the mock saw of one phase's fetches at one upstream, by number in the phase.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    /// The exchange of each id that was received; the last, if there were several.
    by_id: Vec<Option<&'a Exchange>>,
    /// Ids received more than once.
    pub(super) repeated: Vec<u64>,
    /// Ids of the phase received that the client never sent.
    pub(super) unknown: Vec<u64>,
}

impl<'a> Seen<'a> {
    /// What `upstream` saw of a phase of `count` ids.
    pub(super) fn of(
        exchanges: &'a [Exchange],
        upstream: usize,
        phase: Phase,
        count: usize,
    ) -> Self {
        let mut seen = Self { by_id: vec![None; count], repeated: Vec::new(), unknown: Vec::new() };
        let own = exchanges.iter().filter(|exchange| usize::from(exchange.upstream) == upstream);
        for exchange in own.filter(|exchange| Phase::of(exchange.id) == Some(phase)) {
            match seen.by_id.get_mut(Phase::index(exchange.id) as usize) {
                None => seen.unknown.push(exchange.id),
                Some(slot) => {
                    if slot.replace(exchange).is_some() {
                        seen.repeated.push(exchange.id);
                    }
                }
            }
        }
        seen
    }

    /// The exchange behind an id, if the mock received it.
    pub(super) fn get(&self, id: usize) -> Option<&'a Exchange> {
        self.by_id.get(id).copied().flatten()
    }

    /// All exchanges of the phase.
    pub(super) fn exchanges(&self) -> impl Iterator<Item = &'a Exchange> {
        self.by_id.iter().copied().flatten()
    }
}
