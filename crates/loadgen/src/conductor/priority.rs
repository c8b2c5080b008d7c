//! Going before others on one's CPUs, where the OS allows it.

use rustix::process::{getpriority_process, setpriority_process};

/// Scheduling priority asked for.
const NICE: i32 = -10;

/// The calling process, with no other thread yet, goes first from now on. Where the OS refuses,
/// the checks will tell what came of it.
pub(super) fn take() {
    let _ = setpriority_process(None, NICE);
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
