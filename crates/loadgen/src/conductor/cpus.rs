//! Which CPUs the client and the mock get.

use anyhow::{Context, Result};
use measurement::derive::MockCpus;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use scenario::units::cpu_list_text;
use scenario::{Cpus, Kinds, Priority, Scenario, Timer};

use super::priority::{self, Standing};

/// CPUs of the two sides of the experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Split {
    /// Of the trial processes.
    pub(crate) client: Vec<usize>,
    /// Of the mock, and of the conductor.
    pub(crate) upstream: Vec<usize>,
}

impl Split {
    /// The split a scenario states, or the default: with two CPUs one each; with more, the mock
    /// gets a quarter, at least one; with one, both share it.
    pub(crate) fn of(stated: &Cpus) -> Result<Self> {
        let default = Self::default_of(&allowed()?);
        Ok(Self {
            client: stated.client.clone().unwrap_or(default.client),
            upstream: stated.upstream.clone().unwrap_or(default.upstream),
        })
    }

    fn default_of(allowed: &[usize]) -> Self {
        let mock = (allowed.len() / 4).max(1);
        match allowed.len() {
            0 | 1 => Self { client: allowed.to_vec(), upstream: allowed.to_vec() },
            all => Self {
                client: allowed[..all - mock].to_vec(),
                upstream: allowed[all - mock..].to_vec(),
            },
        }
    }

    /// How many CPUs the mock has, how many of them are the client's as well, and whether it goes
    /// first there, and the OS allows it.
    pub(crate) fn mock(&self, scenario: &Scenario) -> MockCpus {
        let first = self.mock_standing(scenario) != Standing::Ordinary && priority::to_be_had();
        MockCpus { count: self.upstream.len(), shared: self.shared(), first }
    }

    /// How the mock stands beside others on its CPUs: first where that is stated, or else where it
    /// shares none with the client.
    pub(crate) fn mock_standing(&self, scenario: &Scenario) -> Standing {
        let own = self.shared() == 0;
        let default = if own { Priority::High } else { Priority::Normal };
        match scenario.mock.priority.unwrap_or(default) {
            Priority::Normal => Standing::Ordinary,
            Priority::High if own => Standing::First,
            Priority::High => {
                Standing::FirstOfShared { spins: self.timer(scenario) == Timer::Hybrid }
            }
        }
    }

    /// How the client stands beside others on its CPUs: first where the mock has none of them.
    pub(crate) fn client_standing(&self) -> Standing {
        if self.shared() == 0 { Standing::First } else { Standing::Ordinary }
    }

    /// How many of the mock's CPUs are the client's as well.
    fn shared(&self) -> usize {
        self.upstream.iter().filter(|cpu| self.client.contains(cpu)).count()
    }

    /// The timer in force: the one stated, or one that spins only on CPUs of the mock's own.
    pub(crate) fn timer(&self, scenario: &Scenario) -> Timer {
        let default = if self.shared() > 0 { Timer::Timerfd } else { Timer::Hybrid };
        scenario.mock.timer.unwrap_or(default)
    }

    /// The client's CPUs in the kernel's notation.
    pub(crate) fn client_text(&self) -> String {
        cpu_list_text(&self.client)
    }

    /// The mock's CPUs in the kernel's notation.
    pub(crate) fn upstream_text(&self) -> String {
        cpu_list_text(&self.upstream)
    }
}

/// What a scenario may name that is to run here.
pub(crate) fn kinds_here() -> Result<Kinds> {
    Ok(Kinds { cpus: Some(allowed()?), ..client::kinds() })
}

/// CPUs this process may use.
pub(crate) fn allowed() -> Result<Vec<usize>> {
    let set = sched_getaffinity(None).context("cannot read this process's CPUs")?;
    Ok((0..CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu)).collect())
}

/// Confines the calling thread, and every thread it starts later, to `cpus`.
pub(crate) fn pin(cpus: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for &cpu in cpus {
        set.set(cpu);
    }
    sched_setaffinity(None, &set)
        .with_context(|| format!("cannot move to CPUs {}", cpu_list_text(cpus)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn default_split() {
        let split = |n: usize| Split::default_of(&(0..n).collect::<Vec<_>>());
        assert_eq!(split(1), Split { client: vec![0], upstream: vec![0] });
        assert_eq!(split(2), Split { client: vec![0], upstream: vec![1] });
        assert_eq!(split(3), Split { client: vec![0, 1], upstream: vec![2] });
        assert_eq!(split(8), Split { client: (0..6).collect(), upstream: vec![6, 7] });
    }

    #[test]
    fn who_goes_first() {
        let apart = Split { client: vec![0, 1], upstream: vec![2] };
        let sharing = Split { client: vec![0, 1], upstream: vec![1] };
        let mock = |split: &Split, settings: &[&str]| {
            let settings: Vec<String> = settings.iter().map(|set| format!("mock.{set}")).collect();
            let scenario =
                Scenario::parse(Path::new("s.toml"), SCENARIO, &settings, &client::kinds());
            split.mock_standing(&scenario.expect("is valid"))
        };
        assert_eq!(apart.client_standing(), Standing::First);
        assert_eq!(mock(&apart, &[]), Standing::First);
        // Real time is for shared CPUs: whatever the timer, it is not taken here.
        assert_eq!(mock(&apart, &["timer=timerfd", "priority=high"]), Standing::First);
        assert_eq!(mock(&apart, &["priority=normal"]), Standing::Ordinary);
        assert_eq!(sharing.client_standing(), Standing::Ordinary);
        assert_eq!(mock(&sharing, &[]), Standing::Ordinary);
        let first = |spins| Standing::FirstOfShared { spins };
        assert_eq!(mock(&sharing, &["priority=high"]), first(false));
        assert_eq!(mock(&sharing, &["priority=high", "timer=hybrid"]), first(true));
    }

    const SCENARIO: &str = r#"
        title = "S"
        upstream.api1.latency = "1ms"
        upstream.api2.latency = "1ms"
        load = { concurrency = [1], duration = "1s" }
        model = [{ kind = "tokio" }]
    "#;
}
