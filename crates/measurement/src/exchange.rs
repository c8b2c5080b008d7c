//! The mock's log: one fixed-size entry per request it received.
//!
//! The mock fills it, the conductor pairs it with the client's records by id. Times are
//! nanoseconds of `CLOCK_MONOTONIC`, which both processes share.

use std::io::{BufRead, Read, Write};

use crate::log2::Log2;
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
    /// How long a scheduled stall of the upstream kept it back beyond the delay drawn.
    pub stalled_ns: u64,
    /// How long it was deliberately kept back, measured: all of it.
    pub held_ns: u64,
    /// Position of the upstream, from 0.
    pub upstream: u8,
    /// How it ended.
    pub fate: Fate,
    /// HTTP status sent; 0 if none.
    pub status: u16,
    /// Whether it was the first on its connection.
    pub opened: bool,
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
    pub const BYTES: usize = 61;

    /// How much later it was released than was asked for: held − requested − stalled.
    pub fn late_ns(&self) -> u64 {
        self.held_ns.saturating_sub(self.requested_ns).saturating_sub(self.stalled_ns)
    }

    /// The entry in its agreed form: little-endian fields in order.
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        let words = [
            self.id,
            self.received_ns,
            self.ended_ns,
            self.requested_ns,
            self.queued_ns,
            self.stalled_ns,
            self.held_ns,
        ];
        for (slot, word) in out.chunks_exact_mut(8).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        out[56] = self.upstream;
        out[57] = self.fate as u8;
        out[58..60].copy_from_slice(&self.status.to_le_bytes());
        out[60] = u8::from(self.opened);
        out
    }

    /// The entry behind [`Exchange::encode`].
    pub fn decode(bytes: &[u8; Self::BYTES]) -> Result<Self> {
        let word = |at: usize| {
            let mut le = [0; 8];
            le.copy_from_slice(&bytes[at * 8..at * 8 + 8]);
            u64::from_le_bytes(le)
        };
        let fate = match bytes[57] {
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
            stalled_ns: word(5),
            held_ns: word(6),
            upstream: bytes[56],
            fate,
            status: u16::from_le_bytes([bytes[58], bytes[59]]),
            opened: bytes[60] != 0,
        })
    }
}

/// What the mock's event loop did, in slots of [`LoopSlot::LENGTH_NS`] of `CLOCK_MONOTONIC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, Default)]
pub struct LoopSlot {
    /// Slot number: `time / LENGTH_NS`.
    pub slot: u64,
    /// Time spent spinning towards a deadline with nothing else to do.
    pub spin_ns: u64,
    /// Turns of the event loop that were timed.
    pub turns: u32,
    /// Of those, turns longer than the scenario allows their p99 to be.
    pub turns_long: u32,
    /// The longest of them.
    pub turn_max_ns: u64,
    /// All of them by size.
    #[serde(default)]
    pub turns_by_size: Log2,
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

/// The line before the entries: all that is not an entry, and how many entries follow.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    exchanges: u64,
    connections: u64,
    bad_requests: u64,
    accept_refused: u64,
    loop_slots: Vec<LoopSlot>,
}

impl MockLog {
    /// Longest header line accepted: some hours' worth of loop slots.
    const HEADER_LIMIT: u64 = 256 << 20;

    /// Writes the log to a pipe: one line of JSON, then the entries, [`Exchange::BYTES`] each.
    pub fn write_to(&self, into: &mut impl Write) -> Result<()> {
        let header = Header {
            exchanges: self.exchanges.len() as u64,
            connections: self.connections,
            bad_requests: self.bad_requests,
            accept_refused: self.accept_refused,
            loop_slots: self.loop_slots.clone(),
        };
        let mut bytes = serde_json::to_vec(&header).map_err(|error| stream(error.to_string()))?;
        bytes.push(b'\n');
        for share in self.exchanges.chunks(1_024) {
            bytes.extend(share.iter().flat_map(Exchange::encode));
            into.write_all(&bytes).map_err(unwritable)?;
            bytes.clear();
        }
        into.write_all(&bytes).and_then(|()| into.flush()).map_err(unwritable)
    }

    /// Reads what [`MockLog::write_to`] wrote, and nothing after it.
    pub fn read_from(from: &mut impl BufRead) -> Result<Self> {
        let mut line = Vec::new();
        let limit = Self::HEADER_LIMIT;
        from.by_ref().take(limit).read_until(b'\n', &mut line).map_err(unreadable)?;
        if line.last() != Some(&b'\n') {
            return Err(stream("it ended before its log's first line did".to_owned()));
        }
        let header: Header = serde_json::from_slice(&line)
            .map_err(|error| stream(format!("its log's first line: {error}")))?;
        // The count is a claim; memory is taken as the entries really come.
        let mut exchanges = Vec::with_capacity(header.exchanges.min(1 << 20) as usize);
        let mut entry = [0; Exchange::BYTES];
        for index in 0..header.exchanges {
            from.read_exact(&mut entry).map_err(|error| {
                stream(format!("entry {index} of {}: {error}", header.exchanges))
            })?;
            exchanges.push(Exchange::decode(&entry)?);
        }
        Ok(Self {
            exchanges,
            loop_slots: header.loop_slots,
            connections: header.connections,
            bad_requests: header.bad_requests,
            accept_refused: header.accept_refused,
        })
    }
}

fn stream(problem: String) -> Error {
    Error::Stream { from: "the mock", problem }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn unwritable(error: std::io::Error) -> Error {
    stream(format!("cannot write its log: {error}"))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn unreadable(error: std::io::Error) -> Error {
    stream(format!("cannot read its log: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(entries: u64) -> MockLog {
        let fates = [Fate::Answered, Fate::Abandoned, Fate::Pending];
        let entry = |index: u64| Exchange {
            id: index * 0x0101_0101_0101,
            received_ns: index + 1,
            ended_ns: index + 2,
            requested_ns: index + 3,
            queued_ns: index + 4,
            stalled_ns: index + 5,
            held_ns: u64::MAX - index,
            upstream: index as u8,
            fate: fates[index as usize % 3],
            status: index as u16,
            opened: index.is_multiple_of(5),
        };
        let slot = |slot| LoopSlot {
            slot,
            spin_ns: 1,
            turns: 2,
            turns_long: 3,
            turn_max_ns: 4,
            ..LoopSlot::default()
        };
        MockLog {
            exchanges: (0..entries).map(entry).collect(),
            loop_slots: (7..10).map(slot).collect(),
            connections: 5,
            bad_requests: 6,
            accept_refused: 7,
        }
    }

    #[test]
    fn a_log_survives_a_pipe_and_leaves_what_follows() {
        for entries in [0, 1, 1_023, 1_024, 1_025, 5_000] {
            let log = log(entries);
            let mut bytes = Vec::new();
            log.write_to(&mut bytes).unwrap();
            bytes.extend_from_slice(b"more");
            let mut from = bytes.as_slice();
            assert_eq!(MockLog::read_from(&mut from).unwrap(), log);
            assert_eq!(from, b"more");
        }
    }

    #[test]
    fn a_log_cut_short_or_garbled_is_refused() {
        let mut bytes = Vec::new();
        log(3).write_to(&mut bytes).unwrap();
        for len in 0..bytes.len() {
            assert!(MockLog::read_from(&mut &bytes[..len]).is_err(), "cut to {len}");
        }
        let fate = bytes.len() - 4;
        bytes[fate] = 9;
        assert!(MockLog::read_from(&mut bytes.as_slice()).is_err());
        let boast = b"{\"exchanges\":18446744073709551615,\"connections\":0,\"bad_requests\":0,\
            \"accept_refused\":0,\"loop_slots\":[]}\n";
        assert!(MockLog::read_from(&mut boast.as_slice()).is_err());
    }
}
