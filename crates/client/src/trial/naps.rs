//! The supervisor's sleep, in short naps: who wakes from one much too late, without having stood
//! in a queue for a CPU meanwhile, was stopped, and the whole process with it.
//!
//! A nap that ends late because the model's threads keep the CPUs busy is no stop: the supervisor
//! was ready then, which the kernel counts (`schedstat`), and that time is taken off.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use measurement::clock::now_ns;
use measurement::output::Stop;

/// Longest nap: a stop is noticed but for this much of it.
const NAP: Duration = Duration::from_millis(20);
/// Shorter stops are not noted: the machine's own noise.
const NOTED_NS: u64 = 5_000_000;
/// At most so many are kept, the longest of all in any case.
const KEPT: usize = 1_000;

/// The naps of the one thread that takes them.
#[derive(Debug)]
pub(super) struct Naps {
    /// Opened by the supervisor, whose statistics it therefore has.
    schedstat: Option<File>,
    stops: Vec<Stop>,
}

impl Naps {
    /// For the calling thread.
    pub(super) fn new() -> Self {
        Self { schedstat: File::open("/proc/thread-self/schedstat").ok(), stops: Vec::new() }
    }

    /// Sleeps for `wanted`, but at most for a nap.
    pub(super) fn take(&mut self, wanted: Duration) {
        let nap = wanted.min(NAP);
        let due_ns = now_ns() + nap.as_nanos() as u64;
        let queued_ns = self.queued_ns();
        std::thread::park_timeout(nap);
        let until_ns = now_ns();
        let late_ns = until_ns.saturating_sub(due_ns);
        if late_ns < NOTED_NS {
            return;
        }
        let length_ns = late_ns.saturating_sub(self.queued_ns().saturating_sub(queued_ns));
        if length_ns >= NOTED_NS {
            self.note(Stop { until_ns, length_ns });
        }
    }

    /// The stops noted so far, by time.
    pub(super) fn into_stops(self) -> Vec<Stop> {
        self.stops
    }

    fn note(&mut self, stop: Stop) {
        if self.stops.len() < KEPT {
            self.stops.push(stop);
        } else if let Some(shortest) = self.stops.iter_mut().min_by_key(|stop| stop.length_ns)
            && shortest.length_ns < stop.length_ns
        {
            *shortest = stop;
        }
    }

    /// Time that this thread was ready and waited for a CPU, since it began.
    fn queued_ns(&self) -> u64 {
        let mut text = [0; 96];
        let read = self.schedstat.as_ref().and_then(|file| file.read_at(&mut text, 0).ok());
        let text = std::str::from_utf8(&text[..read.unwrap_or(0)]).unwrap_or("");
        text.split_ascii_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_keeps_the_longest() {
        let mut naps = Naps::new();
        let stop = |length_ns| Stop { until_ns: 0, length_ns };
        (0..KEPT as u64).for_each(|length| naps.note(stop(10 + length)));
        naps.note(stop(5));
        naps.note(stop(5_000));
        let kept = naps.into_stops();
        assert_eq!(kept.len(), KEPT);
        assert!(kept.contains(&stop(5_000)) && !kept.contains(&stop(10)));
    }

    #[test]
    fn a_nap_is_short_whatever_is_wanted() {
        let mut naps = Naps::new();
        let began_ns = now_ns();
        naps.take(Duration::from_millis(1));
        assert!(now_ns() > began_ns, "time passed");
        naps.take(Duration::from_secs(3_600));
        assert!(naps.queued_ns() < now_ns());
    }
}
