//! Do other runs share this machine's CPUs? Every run holds one advisory lock, shared; who could
//! have it alone is alone.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::{FlockOperation, flock};

/// This run's hold on the lock; without one (no writable temporary folder) nobody is noticed.
pub(super) struct Neighbours(Option<File>);

impl Neighbours {
    /// Lets other runs know of this one.
    pub(super) fn join() -> Self {
        let path = std::env::temp_dir().join("loadgen.lock");
        // Readable and writable by everybody: runs of several users share the CPUs too.
        let opened =
            OpenOptions::new().read(true).append(true).create(true).mode(0o666).open(&path);
        let file = opened.or_else(|_| File::open(&path)).ok();
        if let Some(file) = &file {
            let _ = flock(file, FlockOperation::LockShared);
        }
        Self(file)
    }

    /// Whether another run is under way now.
    pub(super) fn present(&self) -> bool {
        let Some(file) = &self.0 else { return false };
        let alone = flock(file, FlockOperation::NonBlockingLockExclusive).is_ok();
        // A refused change may have cost the lock held so far.
        let _ = flock(file, FlockOperation::LockShared);
        !alone
    }
}
