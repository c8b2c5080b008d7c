//! The mock's log: one fixed-size entry per request it received.
//!
//! The mock fills it, the conductor pairs it with the client's records by id. Times are
//! nanoseconds of CLOCK_MONOTONIC, which both processes share.

use crate::{Error, Result};

/// What became of one request at the mock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// The request's id.
    pub id: u64,
    /// When its head had been parsed.
    pub received_ns: u64,
    /// When its response was handed to the connection, or it was abandoned.
    pub ended_ns: u64,
    /// The delay drawn for it.
    pub requested_ns: u64,
    /// How long it queued for a finite-capacity upstream.
    pub queued_ns: u64,
    /// How long it was deliberately kept back, measured.
    pub held_ns: u64,
    /// Position of the upstream, from 0.
    pub upstream: u8,
    /// How it ended.
    pub fate: Fate,
    /// HTTP status sent; 0 if none.
    pub status: u16,
}

/// How an exchange ended at the mock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fate {
    /// Answered (with whatever status was due).
    Answered = 0,
    /// The client went away before the answer.
    Abandoned = 1,
    /// Still held when the mock was told to stop.
    Pending = 2,
}

impl Exchange {
    /// Size of an encoded entry in bytes.
    pub const BYTES: usize = 52;

    /// The entry in its agreed form: little-endian fields in order.
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        let words = [
            self.id,
            self.received_ns,
            self.ended_ns,
            self.requested_ns,
            self.queued_ns,
            self.held_ns,
        ];
        for (slot, word) in out.chunks_exact_mut(8).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        out[48] = self.upstream;
        out[49] = self.fate as u8;
        out[50..].copy_from_slice(&self.status.to_le_bytes());
        out
    }

    /// The entry behind [`Exchange::encode`].
    pub fn decode(bytes: &[u8; Self::BYTES]) -> Result<Self> {
        let word = |at: usize| {
            let mut le = [0; 8];
            le.copy_from_slice(&bytes[at * 8..at * 8 + 8]);
            u64::from_le_bytes(le)
        };
        let fate = match bytes[49] {
            0 => Fate::Answered,
            1 => Fate::Abandoned,
            2 => Fate::Pending,
            other => {
                let problem = format!("fate {other} of id {} is none of 0, 1, 2", word(0));
                return Err(Error::Stream { from: "the mock", problem });
            }
        };
        Ok(Self {
            id: word(0),
            received_ns: word(1),
            ended_ns: word(2),
            requested_ns: word(3),
            queued_ns: word(4),
            held_ns: word(5),
            upstream: bytes[48],
            fate,
            status: u16::from_le_bytes([bytes[50], bytes[51]]),
        })
    }
}

/// What the mock's event loop did, in slots of [`LoopSlot::LENGTH_NS`] of CLOCK_MONOTONIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, Default)]
pub struct LoopSlot {
    /// Slot number: `time / LENGTH_NS`.
    pub slot: u64,
    /// Time spent spinning towards a deadline with nothing else to do.
    pub spin_ns: u64,
    /// Turns of the event loop that were timed.
    pub turns: u32,
    /// Of those, turns longer than 1 ms.
    pub turns_over_1ms: u32,
    /// The longest of them.
    pub turn_max_ns: u64,
}

impl LoopSlot {
    /// Length of a slot.
    pub const LENGTH_NS: u64 = 10_000_000;
}

/// All that a mock hands over when it is told to stop.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MockLog {
    /// Every request received, in no particular order.
    pub exchanges: Vec<Exchange>,
    /// What the event loop did.
    pub loop_slots: Vec<LoopSlot>,
    /// Connections accepted.
    pub connections: u64,
    /// Connections that ended with a protocol error.
    pub bad_requests: u64,
    /// `accept` calls refused for want of descriptors.
    pub accept_refused: u64,
}
