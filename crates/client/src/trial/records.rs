//! The request records of one phase: preallocated and prefaulted, so that recording allocates
//! nothing and the trial's memory is seen above a known baseline.

use std::sync::atomic::{AtomicU64, Ordering};

use measurement::record::RequestRecord;

/// The word that says when, and whether, a request ended.
const ENDED: usize = 2;
/// The word that says when the model began it.
const BEGUN: usize = 10;

/// A fixed array of records, indexed by a request's number in its phase. Every record is written
/// by one thread at a time: the dispatcher, then whoever begins the request, then whoever ends it.
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

    /// Notes when the model began the request.
    pub(super) fn begun(&self, index: u64, at_ns: u64) {
        if let Some(words) = self.0.get(index as usize) {
            words[BEGUN].store(at_ns, Ordering::Relaxed);
        }
    }

    /// The same by one of several that may say so: the first counts, and only it reads the clock.
    pub(super) fn begun_first(&self, index: u64, clock: fn() -> u64) {
        let Some(words) = self.0.get(index as usize) else { return };
        if words[BEGUN].load(Ordering::Relaxed) == 0 {
            // Another was first after all.
            let _ = words[BEGUN].compare_exchange(0, clock(), Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Notes how the request ended; its start and its beginning stand already.
    pub(super) fn end(&self, index: u64, record: &RequestRecord) {
        if let Some(words) = self.0.get(index as usize) {
            // By position: the compiler makes plain stores of this, which of iterators it does not.
            let values = record.to_words();
            for at in (ENDED + 1..BEGUN).chain(BEGUN + 1..RequestRecord::WORDS) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_leaves_start_and_beginning_in_place() {
        let records = Records::new(1);
        records.start(0, 1, 2);
        records.begun_first(0, || 3);
        records.begun_first(0, || 4);
        records.end(0, &RequestRecord { ended_ns: 5, hold_ns: 6, ..RequestRecord::default() });
        let expected = RequestRecord {
            intended_ns: 1,
            started_ns: 2,
            begun_ns: 3,
            ended_ns: 5,
            hold_ns: 6,
            ..RequestRecord::default()
        };
        assert_eq!(RequestRecord::from_words(&records.words(0)).unwrap(), expected);
        records.begun(0, 7);
        assert_eq!(RequestRecord::from_words(&records.words(0)).unwrap().begun_ns, 7);
        // Beyond the capacity nothing is noted.
        records.begun(1, 8);
        records.begun_first(1, || 8);
    }
}
