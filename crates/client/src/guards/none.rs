//! No guard and nothing shared: each thread has a table of its own. The price of the work itself.

use std::cell::Cell;

use measurement::clock::now_ns;
use scenario::GuardKind;

use super::{Answer, Guard, Visit, Visited};
use crate::Result;

pub(super) struct Unshared;

/// Entries of a thread's own table; keys beyond share one. A thread that lives for one request
/// would spend more on making a large table than on its entry.
const ENTRIES: usize = 16;

thread_local! {
    static TABLE: [Cell<Answer>; ENTRIES] = const {
        [const { Cell::new(Answer { id: 0, held_ns: [0; 2], written: 0 }) }; ENTRIES]
    };
}

impl Guard for Unshared {
    const KIND: GuardKind = GuardKind {
        name: "none",
        summary: "each thread has a small table of its own, nothing is shared: the price of the work itself",
    };

    fn of(_: usize) -> Result<Self> {
        Ok(Self)
    }

    fn visit(&self, visit: &Visit) -> Visited {
        let asked_ns = now_ns();
        TABLE.with(|table| {
            let cell = &table[visit.key % ENTRIES];
            let mut entry = cell.get();
            let visited = visit.take(&mut entry, asked_ns);
            cell.set(entry);
            visited
        })
    }
}
