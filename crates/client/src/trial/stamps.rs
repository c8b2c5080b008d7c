//! The stamps of a trial's sampled requests: preallocated beside the records, written by the
//! requests that are sampled and by nobody else.

use std::sync::atomic::{AtomicU64, Ordering};

use measurement::clock::now_ns;
use measurement::stamps::{LegStamps, RequestStamps};

/// So many requests are sampled at least, where a trial has room for as many: an account of them
/// has a 99th percentile.
const WANTED: usize = 2048;
/// At most one request in so many is left unsampled: a power of two, like every distance.
const FARTHEST: u64 = 64;

/// Words of one request: `began`, `joined`, then the legs' points in order.
type Words = [AtomicU64; RequestStamps::WORDS];

/// Room for the stamps of one in so many of the window's requests.
#[derive(Debug)]
pub(crate) struct Stamps {
    every: u64,
    slots: Box<[Words]>,
    /// Whether what is seen of any request is recorded at all.
    recording: bool,
}

impl Stamps {
    /// For a window with room for `capacity` records: the smaller it is, the larger a share of it
    /// is sampled. Touched, so that no page faults later. None where nothing is recorded.
    pub(super) fn new(capacity: usize, recording: bool) -> Self {
        let capacity = if recording { capacity } else { 0 };
        let every = ((capacity / WANTED + 1) as u64).next_power_of_two().min(FARTHEST);
        let count = capacity.div_ceil(every as usize);
        let mut slots = Vec::with_capacity(count);
        slots.resize_with(count, || [const { AtomicU64::new(0) }; RequestStamps::WORDS]);
        Self { every, slots: slots.into_boxed_slice(), recording }
    }

    /// Where the request of this id is to stamp, if it is sampled. Ids of other phases are larger
    /// than any slot's.
    pub(super) fn of(&self, id: u64) -> RequestWatch<'_> {
        let sampled = id & (self.every - 1) == 0;
        let slot = if sampled { self.slots.get((id / self.every) as usize) } else { None };
        RequestWatch { words: slot, recording: self.recording }
    }

    /// Distance between sampled ids.
    pub(super) fn every(&self) -> u64 {
        self.every
    }

    /// How many of the first `started` requests have stamps.
    pub(super) fn count(&self, started: usize) -> usize {
        started.div_ceil(self.every as usize).min(self.slots.len())
    }

    /// The `index`-th sampled request's words.
    pub(super) fn words(&self, index: usize) -> [u64; RequestStamps::WORDS] {
        std::array::from_fn(|word| self.slots[index][word].load(Ordering::Relaxed))
    }
}

/// Stamps the points of one request, if it is sampled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestWatch<'a> {
    words: Option<&'a Words>,
    recording: bool,
}

impl<'a> RequestWatch<'a> {
    /// The request's own unit ran its first instruction at this time.
    pub(crate) fn began(self, at_ns: u64) {
        if let Some(words) = self.words {
            words[0].store(at_ns, Ordering::Relaxed);
        }
    }

    /// Both answers are in hand.
    pub(crate) fn joined(self) {
        stamp(self.words, 1);
    }

    /// For one of its fetches.
    pub(crate) fn leg(self, leg: usize) -> LegWatch<'a> {
        let first = 2 + leg * LegStamps::WORDS;
        LegWatch { words: self.words, first, recording: self.recording }
    }
}

/// Stamps the points of one fetch, if its request is sampled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LegWatch<'a> {
    words: Option<&'a Words>,
    first: usize,
    /// Whether what the upstream says of its own delay is wanted.
    pub(crate) recording: bool,
}

impl LegWatch<'_> {
    /// Stamps nothing.
    #[cfg(test)]
    pub(crate) const UNSAMPLED: Self = Self { words: None, first: 0, recording: true };

    /// The fetch begins.
    pub(crate) fn began(self) {
        stamp(self.words, self.first);
    }

    /// It has a connection.
    pub(crate) fn connected(self) {
        stamp(self.words, self.first + 1);
    }

    /// It runs, perhaps because the answer has come: the last time before the head is read counts.
    pub(crate) fn woken(self) {
        stamp(self.words, self.first + 2);
    }

    /// It has the whole body, and has given its connection back.
    pub(crate) fn ended(self) {
        stamp(self.words, self.first + 3);
    }
}

/// The one branch that an unsampled request pays at a point.
#[inline]
fn stamp(words: Option<&Words>, at: usize) {
    if let Some(words) = words {
        words[at].store(now_ns(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenario::Phase;

    #[test]
    fn small_trials_sample_more() {
        for (capacity, every) in [(0, 1), (1_032, 1), (2_048, 2), (40_000, 32), (10_000_000, 64)] {
            assert_eq!(Stamps::new(capacity, true).every(), every, "{capacity}");
        }
    }

    #[test]
    fn only_sampled_ids_of_the_window_are_stamped() {
        let stamps = Stamps::new(10_000, true);
        let sampled = |id| stamps.of(id).words.is_some();
        let every = stamps.every();
        assert!(sampled(0) && sampled(every) && !sampled(every + 1));
        assert!(!sampled(1 << 30), "beyond the capacity");
        assert!(!sampled(Phase::Warmup.id(0)) && !sampled(Phase::Cooldown.id(every)));
        assert_eq!(stamps.count(0), 0);
        assert_eq!(stamps.count(1), 1);
        assert_eq!(stamps.count(every as usize + 1), 2);
    }

    #[test]
    fn points_land_in_their_words() {
        let stamps = Stamps::new(1, true);
        let before_ns = now_ns();
        let watch = stamps.of(0);
        watch.began(now_ns());
        watch.leg(0).began();
        watch.leg(1).connected();
        watch.leg(1).woken();
        watch.leg(1).ended();
        watch.joined();
        let seen = RequestStamps::from_words(&stamps.words(0));
        let [first, second] = seen.legs;
        assert!(before_ns <= seen.began_ns && seen.began_ns <= first.began_ns);
        assert!(first.began_ns <= second.connected_ns && second.connected_ns <= second.woken_ns);
        assert!(second.woken_ns <= second.ended_ns && second.ended_ns <= seen.joined_ns);
        assert_eq!((first.ended_ns, second.began_ns), (0, 0), "points not reached");
    }
}
