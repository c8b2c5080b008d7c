//! The work that a request does with its entry in hand.

use std::time::Duration;

use measurement::clock::now_ns;

/// CPU time that is spun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hold {
    length_ns: u64,
}

impl Hold {
    pub(super) fn of(length: Duration) -> Self {
        Self { length_ns: length.as_nanos() as u64 }
    }

    pub(super) fn spin(self) {
        let until_ns = now_ns() + self.length_ns;
        while self.length_ns > 0 && now_ns() < until_ns {
            std::hint::spin_loop();
        }
    }
}
