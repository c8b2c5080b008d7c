//! The table cut into parts by key, a `std::sync::Mutex` around each.

use std::sync::{Mutex, PoisonError};

use measurement::clock::now_ns;
use scenario::GuardKind;

use super::{Answer, Guard, Visit, Visited, empty};
use crate::Result;

/// So many parts, or as many as there are keys.
const SHARDS: usize = 64;

pub(super) struct Shards(Box<[Shard]>);

/// A part on cache lines of its own, so that neighbours' locks don't disturb it: two lines, since
/// processors fetch them in pairs.
#[repr(align(128))]
struct Shard(Mutex<Box<[Answer]>>);

impl Guard for Shards {
    const KIND: GuardKind = GuardKind {
        name: "sharded",
        summary: "64 std::sync::Mutex, each around the keys of its part: requests wait only for those with keys of the same part",
    };

    fn of(keys: usize) -> Result<Self> {
        let count = SHARDS.min(keys);
        let shard = |number: usize| Shard(Mutex::new(empty((keys - number).div_ceil(count))));
        Ok(Self((0..count).map(shard).collect()))
    }

    fn visit(&self, visit: &Visit) -> Visited {
        let asked_ns = now_ns();
        let (shard, at) = (visit.key % self.0.len(), visit.key / self.0.len());
        // Entries are copied whole: a panic elsewhere leaves none half written.
        let mut part = self.0[shard].0.lock().unwrap_or_else(PoisonError::into_inner);
        visit.take(&mut part[at], asked_ns)
    }
}
