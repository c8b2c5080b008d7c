//! The dispatcher's place in the queue for a CPU, where it is a thread among many others.
//!
//! A dispatcher that shares its CPU with a thousand threads of its model stands in line behind all
//! that woke before it, and sends late what was due: the generator would be measured, not the
//! model. A short slice makes the kernel run it soon after it wakes (Linux 6.12 and later; EEVDF
//! takes the earliest deadline, and a deadline is a slice away). It gets no larger share of the
//! CPU by it, needs no privilege, and threads that it starts do not inherit it.

use std::mem::size_of;

/// The shortest slice that the kernel grants.
const SLICE_NS: u64 = 100_000;

/// Asks for short slices for the calling thread. Kernels before 6.12 take it and change nothing.
pub(super) fn ask_for_short_slices() {
    let Some(mut attributes) = attributes() else { return };
    if attributes.sched_policy != libc::SCHED_OTHER.cast_unsigned() {
        return;
    }
    attributes.sched_runtime = SLICE_NS;
    attributes.sched_flags |= libc::SCHED_FLAG_RESET_ON_FORK as u64;
    #[expect(unsafe_code, reason = "no wrapper for this system call")]
    // SAFETY: the kernel reads `size` bytes from a structure of that size. A refusal leaves the
    // thread as it was.
    unsafe {
        libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0);
    }
}

/// How the calling thread is scheduled.
fn attributes() -> Option<libc::sched_attr> {
    const SIZE: u32 = size_of::<libc::sched_attr>() as u32;
    let mut attributes = libc::sched_attr {
        size: SIZE,
        sched_policy: 0,
        sched_flags: 0,
        sched_nice: 0,
        sched_priority: 0,
        sched_runtime: 0,
        sched_deadline: 0,
        sched_period: 0,
    };
    #[expect(unsafe_code, reason = "no wrapper for this system call")]
    // SAFETY: the kernel writes at most `SIZE` bytes into a structure of that size.
    let status = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, SIZE, 0) };
    (status == 0).then_some(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_started_afterwards_has_slices_as_before() {
        let slice_ns = || attributes().expect("can be asked").sched_runtime;
        let before_ns = slice_ns();
        std::thread::spawn(move || {
            let nice = attributes().expect("can be asked").sched_nice;
            ask_for_short_slices();
            let after = attributes().expect("can be asked");
            // An older kernel tells of no slices at all.
            assert!([SLICE_NS, 0].contains(&after.sched_runtime), "{}", after.sched_runtime);
            assert_eq!(after.sched_nice, nice);
            let child_ns = std::thread::spawn(slice_ns).join().expect("ends");
            assert_eq!(child_ns, before_ns);
        })
        .join()
        .expect("ends");
    }
}
