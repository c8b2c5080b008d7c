//! Starting threads: as std ships them, or lean.
//!
//! `std::thread` maps, protects and unmaps an alternate signal stack for every thread: about half
//! of its system calls, and on several CPUs each unmap interrupts the others. A lean thread is a
//! plain pthread with a small stack and none of that. Which one is used moves the verdict on
//! threads by a factor, so a scenario can state it and the report names it.

use std::io;
use std::mem::MaybeUninit;

/// Starts a thread that does nothing and waits for its end: what a thread costs by itself. `lean`:
/// as `threads = "lean"` starts them, else as `std::thread` does.
pub fn start_and_join(lean: bool) -> io::Result<()> {
    let spawner = if lean { Spawner::LEAN } else { Spawner::STD };
    spawner.spawn(|| {})?.join();
    Ok(())
}

/// How a model starts its threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spawner {
    /// `std::thread`, as it ships but for the stack's size, where one is stated.
    Std {
        /// Size of the stack.
        stack_bytes: Option<usize>,
    },
    /// A plain pthread without an alternate signal stack; its stack is 64 KiB if none is stated.
    Lean {
        /// Size of the stack.
        stack_bytes: Option<usize>,
    },
}

/// A started thread; dropping it lets the thread run on by itself.
pub(crate) enum Started {
    /// Through `std::thread`.
    Std(std::thread::JoinHandle<()>),
    /// A plain pthread.
    Lean(Lean),
}

impl Spawner {
    /// `std::thread` as it ships.
    const STD: Self = Self::Std { stack_bytes: None };
    /// A lean thread with the stack it has if none is stated.
    const LEAN: Self = Self::Lean { stack_bytes: None };

    /// Starts a thread.
    pub(crate) fn spawn(self, run: impl FnOnce() + Send + 'static) -> io::Result<Started> {
        match self {
            Self::Std { stack_bytes } => {
                let mut builder = std::thread::Builder::new();
                if let Some(bytes) = stack_bytes {
                    builder = builder.stack_size(bytes);
                }
                builder.spawn(run).map(Started::Std)
            }
            Self::Lean { stack_bytes } => {
                Lean::spawn(Box::new(run), stack_bytes.unwrap_or(STACK_BYTES)).map(Started::Lean)
            }
        }
    }
}

impl Started {
    /// Waits for the thread to end.
    pub(crate) fn join(self) {
        match self {
            // A panic has been printed by its own thread; its request stays without an end.
            Self::Std(handle) => drop(handle.join()),
            Self::Lean(thread) => thread.join(),
        }
    }
}

/// A plain pthread, joined or, when dropped, detached.
pub(crate) struct Lean(Option<libc::pthread_t>);

type Job = Box<dyn FnOnce() + Send>;

const STACK_BYTES: usize = 64 * 1024;

#[expect(unsafe_code, reason = "pthreads have no safe wrapper but std's, which this replaces")]
impl Lean {
    fn spawn(job: Job, stack_bytes: usize) -> io::Result<Self> {
        let argument = Box::into_raw(Box::new(job));
        let mut thread = MaybeUninit::<libc::pthread_t>::uninit();
        let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
        // SAFETY: `attributes` is initialised before use and destroyed after it; `argument` is
        // owned by the new thread if one was started, and by us again if not.
        unsafe {
            libc::pthread_attr_init(attributes.as_mut_ptr());
            libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), stack_bytes);
            let status = libc::pthread_create(
                thread.as_mut_ptr(),
                attributes.as_ptr(),
                start,
                argument.cast(),
            );
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
            if status != 0 {
                drop(Box::from_raw(argument));
                return Err(io::Error::from_raw_os_error(status));
            }
            Ok(Self(Some(thread.assume_init())))
        }
    }

    fn join(mut self) {
        if let Some(thread) = self.0.take() {
            // SAFETY: the thread was started by us and is neither joined nor detached yet.
            unsafe {
                libc::pthread_join(thread, std::ptr::null_mut());
            }
        }
    }
}

#[expect(unsafe_code, reason = "see above")]
impl Drop for Lean {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // SAFETY: as in `join`.
            unsafe {
                libc::pthread_detach(thread);
            }
        }
    }
}

/// Where a lean thread begins. A panic aborts here, since it cannot cross into C.
extern "C" fn start(argument: *mut libc::c_void) -> *mut libc::c_void {
    #[expect(unsafe_code, reason = "the argument crosses C as a raw pointer")]
    // SAFETY: `spawn` passed a boxed job that nobody else owns.
    let job = unsafe { Box::from_raw(argument.cast::<Job>()) };
    job();
    std::ptr::null_mut()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn threads_run_and_are_joined_or_run_on() {
        let stack_bytes = Some(256 << 10);
        let stated = [Spawner::Std { stack_bytes }, Spawner::Lean { stack_bytes }];
        for spawner in [Spawner::STD, Spawner::LEAN].into_iter().chain(stated) {
            let (sender, receiver) = mpsc::channel();
            let joined = sender.clone();
            spawner.spawn(move || joined.send(1).unwrap()).unwrap().join();
            assert_eq!(receiver.try_recv(), Ok(1), "{spawner:?}: joined means ended");
            drop(spawner.spawn(move || sender.send(2).unwrap()).unwrap());
            assert_eq!(receiver.recv(), Ok(2), "{spawner:?}: dropped runs on");
        }
    }
}
