//! The arrivals of one trial, one after the other.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{PHASES, Schedule};
use crate::draw::{Phase, unit_interval};
use crate::load::Arrivals;

/// A request that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When, nanoseconds since the load's start.
    pub at_ns: u64,
    /// The phase that this time lies in.
    pub phase: Phase,
    /// Which of its phase, from 0.
    pub index: u64,
}

impl Due {
    /// Its id on the wire. A request that is shed keeps the id it would have had, so that every
    /// model's n-th request meets the same luck.
    pub fn id(&self) -> u64 {
        self.phase.id(self.index)
    }
}

/// All requests of a [`Schedule`] in the order of being due.
#[derive(Debug, Clone)]
pub struct Dues {
    schedule: Schedule,
    /// Position of the current phase in [`PHASES`].
    phase: usize,
    stream: Stream,
}

/// The arrivals of one phase.
#[derive(Debug, Clone)]
struct Stream {
    random: ChaCha8Rng,
    index: u64,
    /// Where the last arrival stood in a process of rate 1.
    position: f64,
    /// Which piece of the course it fell into.
    cursor: usize,
}

impl Dues {
    pub(super) fn new(schedule: Schedule) -> Self {
        let stream = Stream::new(schedule.seed, schedule.repeat, 0);
        Self { schedule, phase: 0, stream }
    }
}

impl Iterator for Dues {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        loop {
            let span = self.schedule.spans.get(self.phase)?;
            let index = self.stream.index;
            let position = self.stream.advance(self.schedule.arrivals);
            if let Some(t_s) = span.course.time_of(position, &mut self.stream.cursor) {
                let at_ns = span.ns.start.saturating_add((t_s * 1e9).round() as u64);
                // Rounding must not carry a request into the next phase.
                let at_ns = at_ns.min(span.ns.end.saturating_sub(1));
                return Some(Due { at_ns, phase: PHASES[self.phase], index });
            }
            self.phase += 1;
            self.stream = Stream::new(self.schedule.seed, self.schedule.repeat, self.phase);
        }
    }
}

impl Stream {
    fn new(seed: u64, repeat: u32, phase: usize) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&repeat.to_le_bytes());
        key[12] = phase as u8;
        key[16..].copy_from_slice(b"arrival schedule");
        let random = ChaCha8Rng::from_seed(key);
        Self { random, index: 0, position: 0.0, cursor: 0 }
    }

    /// The next arrival of a process of rate 1. Poisson: gaps −ln(u). Constant: in the middle of
    /// each unit, so that a phase of n units has n of them whatever rounding does.
    fn advance(&mut self, arrivals: Arrivals) -> f64 {
        self.position = match arrivals {
            Arrivals::Poisson => self.position - unit_interval(self.random.next_u64()).ln(),
            Arrivals::Constant => self.index as f64 + 0.5,
        };
        self.index += 1;
        self.position
    }
}
