//! The request records of one phase: preallocated and prefaulted, so that recording allocates
//! nothing and the trial's memory is seen above a known baseline.

use std::sync::atomic::{AtomicU64, Ordering};

use measurement::record::RequestRecord;

/// The word that says when, and whether, a request ended.
const ENDED: usize = 2;

/// A fixed array of records, indexed by a request's number in its phase. Every record is written
/// by one thread at a time: the dispatcher, then whoever ends the request.
#[derive(Debug)]
pub(crate) struct Records(Box<[[AtomicU64; RequestRecord::WORDS]]>);

impl Records {
    /// Room for `capacity` records, touched so that no page faults later.
    pub(super) fn new(capacity: usize) -> Self {
        let mut records = Vec::with_capacity(capacity);
        records.resize_with(capacity, || [const { AtomicU64::new(0) }; RequestRecord::WORDS]);
        Self(records.into_boxed_slice())
    }

    pub(super) fn capacity(&self) -> usize {
        self.0.len()
    }

    /// Notes that the request has started; one beyond the capacity is not recorded.
    pub(super) fn start(&self, index: u64, intended_ns: u64, started_ns: u64) {
        if let Some(words) = self.0.get(index as usize) {
            words[0].store(intended_ns, Ordering::Relaxed);
            words[1].store(started_ns, Ordering::Relaxed);
        }
    }

    /// Notes how the request ended; its start stands already.
    pub(super) fn end(&self, index: u64, record: &RequestRecord) {
        if let Some(words) = self.0.get(index as usize) {
            // By position: the compiler makes plain stores of this, which of iterators it does not.
            let values = record.to_words();
            for at in ENDED + 1..RequestRecord::WORDS {
                words[at].store(values[at], Ordering::Relaxed);
            }
            // Last: where requests are cut off, their records are read while some still end, and
            // one with an end is then whole.
            words[ENDED].store(values[ENDED], Ordering::Release);
        }
    }

    /// The `index`-th record's words.
    pub(super) fn words(&self, index: usize) -> [u64; RequestRecord::WORDS] {
        std::array::from_fn(|word| self.0[index][word].load(Ordering::Acquire))
    }
}
