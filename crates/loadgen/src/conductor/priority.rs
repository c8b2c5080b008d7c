//! Going before others on one's CPUs, where the OS allows it.

use rustix::process::{getpriority_process, setpriority_process};

/// Scheduling priority asked for.
const NICE: i32 = -10;

/// The calling process, with no other thread yet, goes first from now on. Where the OS refuses,
/// the checks will tell what came of it.
///
/// One whose timer does not spin, as by default on CPUs that it shares, takes real-time scheduling
/// besides: among ordinary processes even the first in line waits until another has had its slice,
/// which is milliseconds. One that spins would keep the kernel's own threads from its CPU.
pub(super) fn take(waits: bool) {
    let _ = setpriority_process(None, NICE);
    if waits {
        real_time();
    }
}

#[expect(unsafe_code, reason = "sched_setscheduler has no safe wrapper")]
fn real_time() {
    let lowest = libc::sched_param { sched_priority: 1 };
    // SAFETY: the structure outlives the call, which only reads it; 0 is the calling thread.
    let _ = unsafe { libc::sched_setscheduler(0, libc::SCHED_RR, &raw const lowest) };
}

/// Whether the OS would allow it. Tried on the calling thread, which has its own priority back
/// afterwards: giving way again is always allowed.
pub(super) fn to_be_had() -> bool {
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
