//! One fixed-size record per request, as the client fills it.

use crate::{Error, Result};

/// What the client saw of one request. Times are nanoseconds of CLOCK_MONOTONIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestRecord {
    /// When it should have started. In a closed loop this is its dispatch: when its place fell free
    /// is worked out from all starts and ends after the trial.
    pub intended_ns: u64,
    /// When it was handed to the model.
    pub started_ns: u64,
    /// When its combined answer was complete; 0: it never ended.
    pub ended_ns: u64,
    /// When the model's own unit ran its first instruction of it: what a client without a schedule
    /// would take for the request's start. 0: not noted.
    pub begun_ns: u64,
    /// Wall-clock time of its CPU work besides parsing.
    pub work_ns: u64,
    /// Time from asking for the shared table to having it.
    pub wait_ns: u64,
    /// Time with the shared table in hand.
    pub hold_ns: u64,
    /// Whether it wrote to the shared table.
    pub wrote: bool,
    /// Its two fetches.
    pub legs: [LegRecord; 2],
}

/// What the client saw of one fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LegRecord {
    /// The delay drawn for it, from `Server-Timing`; 0 without a header.
    pub requested_ns: u64,
    /// Time queued at a finite-capacity upstream, likewise.
    pub queued_ns: u64,
    /// Time deliberately kept back, likewise.
    pub held_ns: u64,
    /// How it went.
    pub outcome: LegOutcome,
}

/// How one fetch went: fetched, or the kind of its failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum LegOutcome {
    /// Status 200 and a body that parses and answers this id.
    #[default]
    Fetched = 0,
    /// The deadline passed.
    Timeout = 1,
    /// Another status than 200.
    Status = 2,
    /// No connection could be opened.
    Connect = 3,
    /// The connection was reset.
    Reset = 4,
    /// The connection was closed before the answer was complete.
    Closed = 5,
    /// The answer is not HTTP, or its body not the JSON expected.
    Malformed = 6,
    /// The answer belongs to another id or upstream.
    Mismatch = 7,
}

impl LegOutcome {
    /// All outcomes, in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::Fetched,
        Self::Timeout,
        Self::Status,
        Self::Connect,
        Self::Reset,
        Self::Closed,
        Self::Malformed,
        Self::Mismatch,
    ];

    /// The word in `{"error": "<kind>"}`, in rows and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fetched => "ok",
            Self::Timeout => "timeout",
            Self::Status => "status",
            Self::Connect => "connect",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Malformed => "malformed",
            Self::Mismatch => "mismatch",
        }
    }

    /// Whether the fetch brought its answer.
    pub fn is_fetched(self) -> bool {
        self == Self::Fetched
    }
}

/// Outcome of a whole request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Both fetched.
    Ok,
    /// One fetched.
    Degraded,
    /// None fetched.
    Failed,
}

impl RequestRecord {
    /// 64-bit words of an encoded record.
    pub const WORDS: usize = 14;

    /// Whether the request was started at all.
    pub fn is_started(&self) -> bool {
        self.started_ns != 0
    }

    /// Whether its end was seen.
    pub fn is_ended(&self) -> bool {
        self.ended_ns != 0
    }

    /// From dispatch to the combined answer, nanoseconds.
    pub fn latency_ns(&self) -> u64 {
        debug_assert!(self.is_ended(), "only an ended request has a latency");
        self.ended_ns.saturating_sub(self.started_ns)
    }

    /// From its beginning by the model's own unit to the combined answer, nanoseconds, where both
    /// were seen.
    pub fn uncorrected_ns(&self) -> Option<u64> {
        let seen = self.is_ended() && self.begun_ns != 0;
        seen.then(|| self.ended_ns.saturating_sub(self.begun_ns))
    }

    /// Outcome of the request as a whole.
    pub fn outcome(&self) -> Outcome {
        match self.legs.iter().filter(|leg| leg.outcome.is_fetched()).count() {
            2 => Outcome::Ok,
            1 => Outcome::Degraded,
            _ => Outcome::Failed,
        }
    }

    /// The record as words, in the order they are stored and sent.
    pub fn to_words(&self) -> [u64; Self::WORDS] {
        let [a, b] = &self.legs;
        [
            self.intended_ns,
            self.started_ns,
            self.ended_ns,
            u64::from(a.outcome as u8)
                | u64::from(b.outcome as u8) << 8
                | u64::from(self.wrote) << 16,
            a.requested_ns,
            a.queued_ns,
            a.held_ns,
            b.requested_ns,
            b.queued_ns,
            b.held_ns,
            self.begun_ns,
            self.work_ns,
            self.wait_ns,
            self.hold_ns,
        ]
    }

    /// The record behind [`RequestRecord::to_words`].
    pub fn from_words(words: &[u64; Self::WORDS]) -> Result<Self> {
        let outcome = |code: u64| {
            LegOutcome::ALL.get(code as usize).copied().ok_or_else(|| Error::Stream {
                from: "the trial",
                problem: format!("outcome {code} is none of 0 to 7"),
            })
        };
        let leg = |at: usize, code: u64| {
            Ok(LegRecord {
                requested_ns: words[at],
                queued_ns: words[at + 1],
                held_ns: words[at + 2],
                outcome: outcome(code)?,
            })
        };
        Ok(Self {
            intended_ns: words[0],
            started_ns: words[1],
            ended_ns: words[2],
            begun_ns: words[10],
            work_ns: words[11],
            wait_ns: words[12],
            hold_ns: words[13],
            wrote: words[3] >> 16 & 1 == 1,
            legs: [leg(4, words[3] & 0xff)?, leg(7, words[3] >> 8 & 0xff)?],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        let leg = |n: u64, outcome| LegRecord {
            requested_ns: n,
            queued_ns: n + 1,
            held_ns: n + 2,
            outcome,
        };
        for outcome in LegOutcome::ALL {
            let record = RequestRecord {
                intended_ns: 1,
                started_ns: 2,
                ended_ns: u64::MAX,
                begun_ns: 3,
                work_ns: 4,
                wait_ns: 5,
                hold_ns: 6,
                wrote: outcome.is_fetched(),
                legs: [leg(10, outcome), leg(20, LegOutcome::Reset)],
            };
            assert_eq!(RequestRecord::from_words(&record.to_words()).unwrap(), record);
        }
        assert!(RequestRecord::from_words(&[0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).is_err());
    }
}
