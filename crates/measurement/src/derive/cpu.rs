//! CPU time inside the window: what client and mock used, and what they had.

use super::MockCpus;
use super::facts::Facts;

impl Facts<'_> {
    /// The client's CPU time inside the window, user and system. The kernel knows their sum well
    /// and estimates how it divides, anew at each reading: a part may seem to shrink.
    pub(super) fn cpu_ns(&self) -> (u64, u64) {
        let (start, end) = (&self.window.start, &self.window.end);
        let both = (end.cpu_user_ns + end.cpu_system_ns)
            .saturating_sub(start.cpu_user_ns + start.cpu_system_ns);
        let user = end.cpu_user_ns.saturating_sub(start.cpu_user_ns).min(both);
        (user, both - user)
    }

    /// The client's CPU time inside the window, seconds.
    pub(super) fn cpu_s(&self) -> f64 {
        let (user_ns, system_ns) = self.cpu_ns();
        (user_ns + system_ns) as f64 / 1e9
    }

    /// Share used of the CPU time inside the window that the client had: all of its CPUs, but what
    /// a mock that goes first used of those they share.
    pub(super) fn cpu_utilisation(&self) -> f64 {
        self.cpu_s() / self.client_had_s().unwrap_or(self.client_cpus_s())
    }

    /// The CPU time inside the window of all CPUs that the client may use, seconds.
    fn client_cpus_s(&self) -> f64 {
        self.window.seconds() * f64::from(self.account.cpus.max(1))
    }

    /// What of it the mock left, where it shares some of them and goes first there.
    pub(super) fn client_had_s(&self) -> Option<f64> {
        let MockCpus { count, shared, first } = self.upstream_cpus;
        if !first || shared == 0 {
            return None;
        }
        let taken = self.upstream_cpu_s().unwrap_or(0.0) * shared as f64 / count.max(1) as f64;
        let all = self.client_cpus_s();
        // A hundredth is left whatever the readings say: they are not taken at one instant.
        Some((all - taken).max(0.01 * all))
    }

    /// The mock's CPU time inside the window, seconds.
    pub(super) fn upstream_cpu_s(&self) -> Option<f64> {
        let (start, end) = (&self.window.start, &self.window.end);
        Some(end.upstream_cpu_ns?.checked_sub(start.upstream_cpu_ns?)? as f64 / 1e9)
    }

    /// The same without its spinning.
    pub(super) fn upstream_busy_s(&self) -> Option<f64> {
        let spun: u64 = self.loop_slots().map(|slot| slot.spin_ns).sum();
        Some((self.upstream_cpu_s()? - spun as f64 / 1e9).max(0.0))
    }

    /// The CPU time inside the window that the mock had: all of its CPUs, but what the client used
    /// of those they share, where the mock does not go first, seconds.
    pub(super) fn upstream_had_s(&self) -> f64 {
        let MockCpus { count, shared, first } = self.upstream_cpus;
        let all = self.window.seconds() * count.max(1) as f64;
        // The client's use spreads evenly over its CPUs, as far as anybody knows.
        let taken = self.cpu_s() * shared as f64 / f64::from(self.account.cpus.max(1));
        if first { all } else { (all - taken).max(0.0) }
    }
}
