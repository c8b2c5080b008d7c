//! One `std::sync::RwLock` around the whole table: readers share it, a writer has it alone.

use std::sync::{PoisonError, RwLock};

use measurement::clock::now_ns;
use scenario::GuardKind;

use super::{Answer, Guard, Visit, Visited, empty};
use crate::Result;

pub(super) struct ReadersWriter(RwLock<Box<[Answer]>>);

impl Guard for ReadersWriter {
    const KIND: GuardKind = GuardKind {
        name: "rwlock",
        summary: "one std::sync::RwLock around the table: readers share it, a writer has it alone",
    };

    fn of(keys: usize) -> Result<Self> {
        Ok(Self(RwLock::new(empty(keys))))
    }

    fn visit(&self, visit: &Visit) -> Visited {
        let asked_ns = now_ns();
        // Entries are copied whole: a panic elsewhere leaves none half written.
        if visit.write.is_some() {
            let mut table = self.0.write().unwrap_or_else(PoisonError::into_inner);
            visit.take(&mut table[visit.key], asked_ns)
        } else {
            let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
            visit.read(&table[visit.key], asked_ns)
        }
    }
}
