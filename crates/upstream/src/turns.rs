//! How long the event loop's turns took, in the log's slots of time.

use std::time::Duration;

use measurement::exchange::LoopSlot;

use crate::ledger::Counters;

/// An idle turn is microseconds of spinning; a longer one was the machine's doing (the thread
/// was not run), and is a turn like any other.
const LONGEST_SPIN_NS: u64 = 100_000;

/// One worker's turns.
pub(crate) struct Turns {
    keep: bool,
    long_ns: u64,
    slots: Vec<LoopSlot>,
}

impl Turns {
    /// Keeps the slots only if told to: they grow with time. Turns longer than `long` are
    /// counted apart.
    pub(crate) fn new(keep: bool, long: Duration) -> Self {
        Self { keep, long_ns: long.as_nanos() as u64, slots: Vec::new() }
    }

    /// Records one round trip of the driver; `idle`: nothing else ran in it.
    pub(crate) fn record(&mut self, started_ns: u64, ended_ns: u64, idle: bool, into: &Counters) {
        let turn_ns = ended_ns.saturating_sub(started_ns);
        let spun = idle && turn_ns <= LONGEST_SPIN_NS;
        if !spun {
            into.turn.record(turn_ns);
        }
        if !self.keep {
            return;
        }
        let is_long = turn_ns > self.long_ns;
        let slot = self.slot_at(ended_ns);
        if spun {
            slot.spin_ns += turn_ns;
        } else {
            slot.turns += 1;
            slot.turns_long += u32::from(is_long);
            slot.turn_max_ns = slot.turn_max_ns.max(turn_ns);
            slot.turns_by_size.add(turn_ns);
        }
    }

    /// The slots, in order of time.
    pub(crate) fn into_slots(self) -> Vec<LoopSlot> {
        self.slots
    }

    fn slot_at(&mut self, time_ns: u64) -> &mut LoopSlot {
        let number = time_ns / LoopSlot::LENGTH_NS;
        if self.slots.last().is_none_or(|last| last.slot != number) {
            self.slots.push(LoopSlot { slot: number, ..LoopSlot::default() });
        }
        let last = self.slots.len() - 1;
        &mut self.slots[last]
    }
}

/// Slots of several workers as one list in order of time: counts and spins add up, the longest
/// turn is the longest of any.
pub(crate) fn merge(workers: Vec<Vec<LoopSlot>>) -> Vec<LoopSlot> {
    let mut all: Vec<LoopSlot> = workers.into_iter().flatten().collect();
    all.sort_by_key(|slot| slot.slot);
    all.dedup_by(|from, into| {
        let same = from.slot == into.slot;
        if same {
            into.spin_ns += from.spin_ns;
            into.turns += from.turns;
            into.turns_long += from.turns_long;
            into.turn_max_ns = into.turn_max_ns.max(from.turn_max_ns);
            into.turns_by_size.merge(&from.turns_by_size);
        }
        same
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spins_and_turns_are_told_apart() {
        let counters = Counters::new(&[]);
        let mut turns = Turns::new(true, Duration::from_millis(1));
        turns.record(0, 2_000, true, &counters);
        turns.record(10_000, 13_000, true, &counters);
        turns.record(20_000, 2_020_000, false, &counters);
        turns.record(2_020_000, 2_320_000, true, &counters);
        turns.record(12_000_000, 12_050_000, false, &counters);
        let slots = turns.into_slots();
        let first = LoopSlot {
            slot: 0,
            spin_ns: 5_000,
            turns: 2,
            turns_long: 1,
            turn_max_ns: 2_000_000,
            turns_by_size: [2_000_000, 300_000].into_iter().collect(),
        };
        assert_eq!(slots[0], first);
        assert_eq!((slots[1].slot, slots[1].turns, slots.len()), (1, 1, 2));
    }

    #[test]
    fn workers_merge_by_slot() {
        let slot =
            |slot, turns, turn_max_ns| LoopSlot { slot, turns, turn_max_ns, ..LoopSlot::default() };
        let merged =
            merge(vec![vec![slot(1, 1, 5), slot(3, 1, 1)], vec![slot(1, 2, 9), slot(2, 1, 1)]]);
        assert_eq!(merged, [slot(1, 3, 9), slot(2, 1, 1), slot(3, 1, 1)]);
    }
}
