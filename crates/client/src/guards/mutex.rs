//! One `std::sync::Mutex` around the whole table.

use std::sync::{Mutex, PoisonError};

use measurement::clock::now_ns;
use scenario::GuardKind;

use super::{Answer, Guard, Visit, Visited, empty};
use crate::Result;

pub(super) struct Locked(Mutex<Box<[Answer]>>);

impl Guard for Locked {
    const KIND: GuardKind = GuardKind {
        name: "mutex",
        summary: "one std::sync::Mutex around the table; a thread that waits for it sleeps, in async models with all its tasks",
    };

    fn of(keys: usize) -> Result<Self> {
        Ok(Self(Mutex::new(empty(keys))))
    }

    fn visit(&self, visit: &Visit) -> Visited {
        let asked_ns = now_ns();
        // Entries are copied whole: a panic elsewhere leaves none half written.
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        visit.take(&mut table[visit.key], asked_ns)
    }
}
