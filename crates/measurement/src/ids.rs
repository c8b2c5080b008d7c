//! The account of ids: what was planned, sent, received, answered and recorded, per upstream and
//! phase of a trial.

use serde::{Deserialize, Serialize};

/// One upstream's account of ids in one phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct IdAccount {
    /// The upstream's name.
    pub upstream: String,
    /// `warm-up`, `window` or `cool-down`.
    pub phase: String,
    /// Requests that the load asked for (open loop: shed ones included).
    pub planned: u64,
    /// Fetches that the client began.
    pub sent: u64,
    /// Fetches that the mock received.
    pub received: u64,
    /// Of those answered, with whatever status was due.
    pub answered: u64,
    /// Fetches whose end the client recorded.
    pub recorded: u64,
    /// Fetches begun whose end nobody saw.
    pub censored: u64,
    /// Of those recorded, never at the mock, and recorded as such: no connection, or a deadline
    /// that passed before. What was sent and not received is these alone.
    pub unreached: u64,
    /// Ids of which the client's records and the mock's log do not say the same.
    pub mismatched: u64,
    /// The first of them, and what is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mismatches: Vec<String>,
}
