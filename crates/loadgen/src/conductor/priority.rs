//! Going before others on one's CPUs, where the OS allows it.
//!
//! One rule: where client and mock share no CPU, each goes first on its own; where they share
//! some, neither does, unless the scenario wants it of the mock. All models have the same, and so
//! have all threads of a process: who goes first among them is not changed.
//!
//! The kernel may share CPUs out between sessions before it looks at processes (autogroups, see
//! `man 7 sched`): a nice value then counts inside its session alone, and the kernel's own threads
//! and other sessions get as much as the whole run. A process that goes first therefore has a
//! session of its own, and it is the session that goes first. Where sessions are no groups, the
//! process's own nice value counts.

use std::fs;
use std::io;
use std::thread;
use std::time::Duration;

use measurement::scheduling::{self, by_session, control_group};
use rustix::process::{getpriority_process, setpriority_process};
use serde::{Deserialize, Serialize};

/// Nice value of processes and sessions that go first: one behind the kernel's own most urgent
/// threads.
const NICE: i32 = -19;

/// How a child stands beside whatever else wants its CPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Standing {
    /// As any other process of the user's session.
    Ordinary,
    /// In a session of its own, before others, on CPUs that it shares with no other child.
    First,
    /// Before others on CPUs that the other side uses, too; `spins` if it does not sleep there
    /// until something is due.
    FirstOfShared { spins: bool },
}

impl Standing {
    /// Whether the process has to begin a session.
    pub(super) fn has_session(self) -> bool {
        self == Self::First
    }

    /// Gives the calling process, with no other thread yet, this standing. Where the OS refuses,
    /// the checks will tell what came of it.
    pub(super) fn take(self) {
        match self {
            Self::Ordinary => {}
            Self::First => {
                go_first();
            }
            Self::FirstOfShared { spins } => {
                let _ = setpriority_process(None, NICE);
                // Among ordinary processes even the first in line waits until another has had its
                // slice, which is milliseconds. One that spins would keep the kernel's own
                // threads from its CPU.
                if !spins {
                    real_time();
                }
            }
        }
    }
}

/// Has the calling process and its session go first; returns what came of it.
pub(super) fn go_first() -> scheduling::Standing {
    let own = setpriority_process(None, NICE).map_err(io::Error::from);
    let session = raise_session();
    let control_group = control_group();
    let sessions_count = by_session() && control_group.is_none();
    let refused = if sessions_count { session.err() } else { own.err() };
    scheduling::Standing {
        nice: getpriority_process(None).unwrap_or(0),
        session_nice: if sessions_count { session_nice() } else { None },
        control_group,
        refused: refused.map(|error| format!("the OS refuses them a higher priority: {error}")),
    }
}

const SESSION: &str = "/proc/self/autogroup";

/// Has the session of this process go first. The kernel takes one such wish in a tenth of a
/// second, from anybody but root, and asks all others to try again.
fn raise_session() -> io::Result<()> {
    const TRIES: u32 = 20;
    let mut result = Ok(());
    for _ in 0..TRIES {
        result = fs::write(SESSION, NICE.to_string());
        match &result {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                thread::sleep(Duration::from_millis(30));
            }
            _ => break,
        }
    }
    result
}

/// The nice value of this process's session: the last word of `/autogroup-603 nice -19`.
fn session_nice() -> Option<i32> {
    fs::read_to_string(SESSION).ok()?.split_ascii_whitespace().last()?.parse().ok()
}

#[expect(unsafe_code, reason = "sched_setscheduler has no safe wrapper")]
fn real_time() {
    let lowest = libc::sched_param { sched_priority: 1 };
    // SAFETY: the structure outlives the call, which only reads it; 0 is the calling thread.
    let _ = unsafe { libc::sched_setscheduler(0, libc::SCHED_RR, &raw const lowest) };
}

/// Whether the OS would allow it. Tried on the calling thread, which has its own priority back
/// afterwards: giving way again is always allowed.
pub(crate) fn to_be_had() -> bool {
    let Ok(before) = getpriority_process(None) else { return false };
    let allowed = setpriority_process(None, NICE).is_ok();
    if allowed {
        let _ = setpriority_process(None, before);
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_changes_nothing() {
        let before = getpriority_process(None);
        let allowed = to_be_had();
        assert_eq!(getpriority_process(None), before);
        assert_eq!(to_be_had(), allowed);
    }
}
