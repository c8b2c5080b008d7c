//! What guards the table of last answers that all requests share, and the table itself.
//!
//! A guard is one file and one line in [`guards!`] below. It is asked in one of two ways: the
//! blocking one parks the calling thread, the async one yields its task. A guard without an async
//! way of its own locks in place: holding a mutex briefly, never over an `await`, is usual in async
//! code. A trial asks one way only. Deliberately not here: which requests ask, and when.

mod async_mutex;
mod atomic;
mod channel;
mod mutex;
mod none;
mod rwlock;
mod sharded;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::Future;

use measurement::clock::now_ns;
use measurement::record::LegRecord;
use scenario::{GuardKind, SharedState};

use crate::admission::Threads;
use crate::hurdles::spin;
use crate::{Error, Result};

/// The table of one trial, its guard, and which request does what with it.
pub(crate) struct SharedTable {
    guard: AnyGuard,
    key: u64,
    keys: u64,
    /// A request writes whose luck is below this share of 2^64.
    writes_below: u64,
    hold: Hold,
}

impl SharedTable {
    /// The table that `state` asks for, whose hold comes to so many iterations of work. `threads`
    /// admits those that a guard brings.
    pub(crate) fn of(
        state: &SharedState,
        seed: u64,
        hold_iterations: u64,
        threads: &Threads,
    ) -> Result<Self> {
        debug_assert!((0.0..=1.0).contains(&state.write_ratio), "a share");
        let keys = state.keys.max(1);
        Ok(Self {
            guard: AnyGuard::of(&state.guard, keys as usize, threads)?,
            key: mix(seed ^ 0x7368_6172_6564_0000),
            keys: u64::from(keys),
            // Saturates: at a share of 1, one request in 2^64 reads.
            writes_below: (state.write_ratio * 2_f64.powi(64)) as u64,
            hold: Hold(hold_iterations),
        })
    }

    /// Reads or writes the entry of request `id`; the calling thread waits for it.
    pub(crate) fn visit(&self, id: u64, legs: &[LegRecord; 2]) -> Visited {
        self.guard.visit(&self.planned(id, legs))
    }

    /// The same; the calling task waits for it, where the guard has a way to.
    pub(crate) async fn visit_async(&self, id: u64, legs: &[LegRecord; 2]) -> Visited {
        self.guard.visit_async(&self.planned(id, legs)).await
    }

    /// What request `id` does: a pure function of seed and id.
    fn planned(&self, id: u64, legs: &[LegRecord; 2]) -> Visit {
        let luck = mix(self.key ^ id);
        let answer = Answer { id, held_ns: [legs[0].held_ns, legs[1].held_ns], written: 0 };
        Visit {
            key: ((u128::from(mix(luck)) * u128::from(self.keys)) >> 64) as usize,
            write: (luck < self.writes_below).then_some(answer),
            hold: self.hold,
        }
    }
}

impl fmt::Debug for SharedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTable").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// The finaliser of SplitMix64 over its additive step (Steele, Lea & Flood, OOPSLA 2014).
fn mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An entry: the last answer to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Answer {
    /// The request that wrote it.
    id: u64,
    /// What its two upstreams said of their delay.
    held_ns: [u64; 2],
    /// How often the entry was written.
    written: u64,
}

/// Iterations of CPU work that a request does with its entry in hand: the same work however many
/// contend, and so more time on a CPU that others want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hold(u64);

impl Hold {
    fn spin(self) {
        if self.0 > 0 {
            spin(self.0);
        }
    }
}

/// What one request does with the table.
#[derive(Debug, Clone, Copy)]
struct Visit {
    /// Position of its entry.
    key: usize,
    /// What it writes; `None`: it reads.
    write: Option<Answer>,
    /// What it does with the entry in hand.
    hold: Hold,
}

/// How a visit went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Visited {
    /// From asking for the entry to having it, and from its owner back, where it has one.
    pub(crate) wait_ns: u64,
    /// With the entry in hand.
    pub(crate) hold_ns: u64,
    /// Whether it wrote.
    pub(crate) wrote: bool,
    /// The entry as it was read, or as it was left.
    answer: Answer,
}

impl Visit {
    /// Reads or writes an entry that is this request's alone, which was asked for at `asked_ns`.
    fn take(&self, entry: &mut Answer, asked_ns: u64) -> Visited {
        let Some(answer) = self.write else { return self.read(entry, asked_ns) };
        let had_ns = now_ns();
        let written = entry.written + 1;
        self.hold.spin();
        *entry = Answer { written, ..answer };
        self.visited(*entry, asked_ns, had_ns)
    }

    /// Reads an entry that nobody writes meanwhile.
    fn read(&self, entry: &Answer, asked_ns: u64) -> Visited {
        let had_ns = now_ns();
        self.hold.spin();
        self.visited(std::hint::black_box(*entry), asked_ns, had_ns)
    }

    /// A visit that had its entry at `had_ns` and ends now.
    fn visited(&self, answer: Answer, asked_ns: u64, had_ns: u64) -> Visited {
        Visited {
            wait_ns: had_ns.saturating_sub(asked_ns),
            hold_ns: now_ns().saturating_sub(had_ns),
            wrote: self.write.is_some(),
            answer,
        }
    }
}

/// A way of keeping requests apart.
trait Guard: Sized + Send + Sync {
    /// Its name and documentation.
    const KIND: GuardKind;
    /// Threads that it brings.
    const THREADS: u64 = 0;

    /// A table of `keys` empty entries.
    fn of(keys: usize) -> Result<Self>;

    /// Does what a request wants; the calling thread waits for its turn. Not to be called by a
    /// task where the guard has an async way.
    fn visit(&self, visit: &Visit) -> Visited;

    /// The same; the calling task yields until it has its turn.
    fn visit_async(&self, visit: &Visit) -> impl Future<Output = Visited> + Send {
        std::future::ready(self.visit(visit))
    }
}

/// Makes the registry: the list of kinds, and one type that is any of the guards, so that asking
/// one costs neither an indirect call nor, for its future, an allocation.
macro_rules! guards {
    ($($name:ident($guard:ty)),+ $(,)?) => {
        enum AnyGuard {
            $($name($guard)),+
        }

        /// Every guard, in the order they are listed.
        static KINDS: &[GuardKind] = &[$(<$guard as Guard>::KIND),+];

        impl AnyGuard {
            fn of(name: &str, keys: usize, threads: &Threads) -> Result<Self> {
                $(if name == <$guard as Guard>::KIND.name {
                    admit(name, <$guard as Guard>::THREADS, threads)?;
                    return <$guard as Guard>::of(keys).map(Self::$name);
                })+
                Err(Error::Setup(format!("no guard is called {name:?}")))
            }

            fn visit(&self, visit: &Visit) -> Visited {
                match self {
                    $(Self::$name(guard) => guard.visit(visit)),+
                }
            }

            async fn visit_async(&self, visit: &Visit) -> Visited {
                match self {
                    $(Self::$name(guard) => guard.visit_async(visit).await),+
                }
            }
        }
    };
}

guards! {
    None(none::Unshared),
    Mutex(mutex::Locked),
    RwLock(rwlock::ReadersWriter),
    Sharded(sharded::Shards),
    Atomic(atomic::SequenceLocked),
    Channel(channel::Owned),
    AsyncMutex(async_mutex::AsyncLocked),
}

/// The kinds of all guards: what the scenario's parser needs.
pub(crate) fn kinds() -> Vec<GuardKind> {
    KINDS.to_vec()
}

fn admit(guard: &str, count: u64, threads: &Threads) -> Result<()> {
    if count == 0 || threads.admit(count) {
        return Ok(());
    }
    Err(Error::Setup(format!("no thread is left for the guard {guard:?}")))
}

/// A table of empty entries.
fn empty(keys: usize) -> Box<[Answer]> {
    vec![Answer::default(); keys].into_boxed_slice()
}
