//! Ctrl-C and SIGTERM: the running children are killed, what had ended is kept.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// Whether the run was interrupted, and which children to kill when it is.
#[derive(Debug, Clone)]
pub(super) struct Interrupt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    raised: AtomicBool,
    children: Mutex<Vec<u32>>,
}

impl Interrupt {
    /// Handles SIGINT, SIGTERM and SIGHUP from now on.
    pub(super) fn install() -> Result<Self> {
        let interrupt = Self(Arc::default());
        let state = Arc::clone(&interrupt.0);
        ctrlc::set_handler(move || state.raise()).context("cannot handle Ctrl-C")?;
        Ok(interrupt)
    }

    /// Whether it was raised.
    pub(super) fn raised(&self) -> bool {
        self.0.raised.load(Ordering::SeqCst)
    }

    /// Kills `child` when raised, as long as the guard lives.
    pub(super) fn guard(&self, child: u32) -> Guard {
        self.0.children.lock().unwrap_or_else(PoisonError::into_inner).push(child);
        if self.raised() {
            kill(child);
        }
        Guard { state: Arc::clone(&self.0), child }
    }
}

impl State {
    fn raise(&self) {
        self.raised.store(true, Ordering::SeqCst);
        for &child in self.children.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            kill(child);
        }
    }
}

/// Ends the watch over a child.
pub(super) struct Guard {
    state: Arc<State>,
    child: u32,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut children = self.state.children.lock().unwrap_or_else(PoisonError::into_inner);
        children.retain(|&child| child != self.child);
    }
}

fn kill(child: u32) {
    if let Some(pid) = i32::try_from(child).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::KILL);
    }
}
