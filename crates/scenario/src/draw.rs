//! What an id meets at an upstream: a pure function of (seed, repeat, upstream, id).
//!
//! Every model and level therefore meets the same luck (common random numbers), in whatever
//! order requests arrive. Nothing that depends on time or load is decided here.

use std::time::Duration;

use crate::types::Upstream;

/// Which part of a trial a request belongs to. Each has an id space of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The measured window; its ids start at 0.
    Window,
    /// Before the window.
    Warmup,
    /// After the window, while its requests end.
    Cooldown,
    /// Requests that brought no id; numbered by the upstream's own count.
    Uncounted,
}

impl Phase {
    /// Bits of an id that number requests inside a phase.
    const SHIFT: u32 = 40;

    /// The id of the `index`-th request of this phase.
    pub fn id(self, index: u64) -> u64 {
        debug_assert!(index < 1 << Self::SHIFT, "a phase holds fewer than 2^40 requests");
        let space = match self {
            Self::Window => 0,
            Self::Warmup => 1,
            Self::Cooldown => 2,
            Self::Uncounted => 3,
        };
        (space << Self::SHIFT) | index
    }

    /// The phase an id belongs to; `None` for an id outside every space.
    pub fn of(id: u64) -> Option<Self> {
        match id >> Self::SHIFT {
            0 => Some(Self::Window),
            1 => Some(Self::Warmup),
            2 => Some(Self::Cooldown),
            3 => Some(Self::Uncounted),
            _ => None,
        }
    }

    /// The number of a request inside its phase.
    pub fn index(id: u64) -> u64 {
        id & ((1 << Self::SHIFT) - 1)
    }
}

/// What goes wrong with one response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Answered, after its delay, with this HTTP status.
    Status(u16),
    /// Never answered.
    Hang,
}

/// What one id meets at one upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// How long the response is to be kept back.
    pub delay: Duration,
    /// What goes wrong, if anything.
    pub fault: Option<FaultKind>,
    /// How large the response's body is.
    pub body_bytes: u64,
}

impl Draw {
    /// How long a fetch with this deadline waits for the upstream: the delay, or the whole
    /// timeout where no answer ever comes.
    pub fn wait(&self, timeout: Duration) -> Duration {
        match self.fault {
            Some(FaultKind::Hang) => timeout,
            _ => self.delay.min(timeout),
        }
    }
}

/// The draws of one upstream in one repeat.
#[derive(Debug, Clone)]
pub struct Draws<'a> {
    upstream: &'a Upstream,
    key: u64,
}

/// Independent uses of one id's luck.
#[derive(Debug, Clone, Copy)]
enum Stream {
    Delay = 1,
    Fault = 2,
    Body = 3,
}

impl<'a> Draws<'a> {
    /// Draws of the `position`-th upstream (0, 1) under `seed` in `repeat` (from 0).
    pub fn new(seed: u64, repeat: u32, position: usize, upstream: &'a Upstream) -> Self {
        let mut key = mix(seed ^ 0x6c6f_6164_6765_6e00);
        key = mix(key ^ u64::from(repeat));
        key = mix(key ^ position as u64);
        Self { upstream, key }
    }

    /// What `id` meets.
    pub fn draw(&self, id: u64) -> Draw {
        let delay_ns = self.upstream.latency.quantile_ns(self.uniform(id, Stream::Delay));
        Draw {
            delay: Duration::from_nanos(delay_ns),
            fault: self.fault(id),
            body_bytes: self.body_bytes(id),
        }
    }

    fn body_bytes(&self, id: u64) -> u64 {
        let body = &self.upstream.body;
        // Most bodies never vary; those need no luck.
        body.as_fixed().unwrap_or_else(|| body.quantile_bytes(self.uniform(id, Stream::Body)))
    }

    /// The first fault whose share of the unit interval holds this id's luck.
    fn fault(&self, id: u64) -> Option<FaultKind> {
        if self.upstream.faults.is_empty() {
            return None;
        }
        let mut left = self.uniform(id, Stream::Fault);
        for fault in &self.upstream.faults {
            if left < fault.rate {
                return Some(fault.kind);
            }
            left -= fault.rate;
        }
        None
    }

    fn uniform(&self, id: u64, stream: Stream) -> f64 {
        unit_interval(mix(mix(self.key ^ id).wrapping_add(stream as u64)))
    }
}

/// Random bits as a number on the open interval (0, 1): 53 bits, centred in their cells.
pub(crate) fn unit_interval(bits: u64) -> f64 {
    let cell = ((bits >> 11) as f64 + 0.5) * (1.0 / (1_u64 << 53) as f64);
    // The centre of the last cell rounds to 1, which is outside.
    cell.min(1.0 - f64::EPSILON / 2.0)
}

/// The finaliser of SplitMix64 over its additive step: a bijection of u64 whose every output bit
/// depends on every input bit (Steele, Lea & Flood, OOPSLA 2014).
fn mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_phase_and_number() {
        for phase in [Phase::Window, Phase::Warmup, Phase::Cooldown, Phase::Uncounted] {
            let id = phase.id(123_456);
            assert_eq!(Phase::of(id), Some(phase));
            assert_eq!(Phase::index(id), 123_456);
        }
        assert_eq!(Phase::Window.id(0), 0);
        assert_eq!(Phase::of(u64::MAX), None);
    }
}
