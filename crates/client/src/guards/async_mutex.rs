//! One `tokio::sync::Mutex` around the whole table: a task that waits for it lets others run.

use measurement::clock::now_ns;
use scenario::GuardKind;
use tokio::sync::Mutex;

use super::{Answer, Guard, Visit, Visited, empty};
use crate::Result;

pub(super) struct AsyncLocked(Mutex<Box<[Answer]>>);

impl Guard for AsyncLocked {
    const KIND: GuardKind = GuardKind {
        name: "async-mutex",
        summary: "one tokio::sync::Mutex around the table, first come, first served; a task that waits lets others run (threads: its blocking_lock)",
    };

    fn of(keys: usize) -> Result<Self> {
        Ok(Self(Mutex::new(empty(keys))))
    }

    fn visit(&self, visit: &Visit) -> Visited {
        let asked_ns = now_ns();
        visit.take(&mut self.0.blocking_lock()[visit.key], asked_ns)
    }

    async fn visit_async(&self, visit: &Visit) -> Visited {
        let asked_ns = now_ns();
        visit.take(&mut self.0.lock().await[visit.key], asked_ns)
    }
}
