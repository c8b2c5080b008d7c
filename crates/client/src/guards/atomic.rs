//! No lock: each entry is a few atomic words behind a sequence number (a seqlock).
//!
//! What it gives: a read sees one entry as some write left it, never parts of two; writes to an
//! entry happen one after the other. What it does not give: anything over two entries, or between
//! a request's read and its later write. So requests hold nothing while they work: they copy the
//! entry and work on the copy, and a writer publishes when it is done; the last one wins.
//!
//! Orderings after Boehm, "Can seqlocks get along with programming language memory models?"
//! (MSPC 2012).

use std::sync::atomic::{AtomicU64, Ordering, fence};

use measurement::clock::now_ns;
use scenario::GuardKind;

use super::{Answer, Guard, Visit, Visited};
use crate::Result;

pub(super) struct SequenceLocked(Box<[Entry]>);

/// One entry; odd `sequence`: being written.
#[derive(Default)]
struct Entry {
    sequence: AtomicU64,
    id: AtomicU64,
    held_ns: [AtomicU64; 2],
    written: AtomicU64,
}

/// Tries before a thread lets others run: the writer it waits for may have lost its CPU.
const TRIES: u32 = 32;

impl Guard for SequenceLocked {
    const KIND: GuardKind = GuardKind {
        name: "atomic",
        summary: "no lock: entries of atomic words behind a sequence number; reads are whole entries, the last writer wins",
    };

    fn of(keys: usize) -> Result<Self> {
        let mut entries = Vec::new();
        entries.resize_with(keys, Entry::default);
        Ok(Self(entries.into_boxed_slice()))
    }

    fn visit(&self, visit: &Visit) -> Visited {
        let entry = &self.0[visit.key];
        let asked_ns = now_ns();
        let copy = entry.read();
        let had_ns = now_ns();
        visit.hold.spin();
        let worked_ns = now_ns();
        let answer = match visit.write {
            None => std::hint::black_box(copy),
            Some(answer) => entry.write(&answer),
        };
        let publishing_ns = now_ns() - worked_ns;
        Visited {
            wait_ns: had_ns - asked_ns + publishing_ns,
            hold_ns: worked_ns - had_ns,
            wrote: visit.write.is_some(),
            answer,
        }
    }
}

impl Entry {
    fn read(&self) -> Answer {
        let mut attempt = 0_u32;
        loop {
            let before = self.sequence.load(Ordering::Acquire);
            if before.is_multiple_of(2) {
                let answer = self.words();
                fence(Ordering::Acquire);
                if self.sequence.load(Ordering::Relaxed) == before {
                    return answer;
                }
            }
            pause(&mut attempt);
        }
    }

    /// Writes all words but the count, which goes up by one; returns what the entry then is.
    fn write(&self, answer: &Answer) -> Answer {
        let sequence = self.begin_write();
        let written = self.written.load(Ordering::Relaxed) + 1;
        self.id.store(answer.id, Ordering::Relaxed);
        self.held_ns[0].store(answer.held_ns[0], Ordering::Relaxed);
        self.held_ns[1].store(answer.held_ns[1], Ordering::Relaxed);
        self.written.store(written, Ordering::Relaxed);
        self.sequence.store(sequence + 2, Ordering::Release);
        Answer { written, ..*answer }
    }

    /// Makes the sequence odd, once it is even; returns what it was.
    fn begin_write(&self) -> u64 {
        let mut attempt = 0_u32;
        loop {
            let before = self.sequence.load(Ordering::Relaxed);
            let begun = before.is_multiple_of(2)
                && self
                    .sequence
                    .compare_exchange_weak(before, before + 1, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok();
            if begun {
                // No word may be seen new while the sequence is seen old.
                fence(Ordering::Release);
                return before;
            }
            pause(&mut attempt);
        }
    }

    fn words(&self) -> Answer {
        Answer {
            id: self.id.load(Ordering::Relaxed),
            held_ns: [
                self.held_ns[0].load(Ordering::Relaxed),
                self.held_ns[1].load(Ordering::Relaxed),
            ],
            written: self.written.load(Ordering::Relaxed),
        }
    }
}

fn pause(attempt: &mut u32) {
    *attempt += 1;
    if attempt.is_multiple_of(TRIES) {
        std::thread::yield_now();
    } else {
        std::hint::spin_loop();
    }
}
