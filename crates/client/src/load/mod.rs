//! When requests start. Pure: a load is asked what to do next and told the time; it neither waits
//! nor knows what a request is or which model runs it.

mod closed;

pub(crate) use closed::Closed;

/// What a load wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// A request starts now; it was due at this time (CLOCK_MONOTONIC).
    Start {
        /// When it was due.
        intended_ns: u64,
    },
    /// Nothing until a request completes, or until this time if one is given.
    Wait {
        /// When to ask again at the latest.
        until_ns: Option<u64>,
    },
}

/// A pattern of starts.
pub(crate) trait Load: Send {
    /// What to do at `now_ns` with `in_flight` requests under way.
    fn next(&mut self, now_ns: u64, in_flight: u64) -> Next;
}
