//! How many threads and descriptors this process may safely use.
//!
//! Rust aborts a process whose new thread cannot map its signal stack, so admission has to stop
//! before the OS refuses: at 80 % of the lowest limit that applies.

use std::fs;

use rustix::process::{Resource, getrlimit, setrlimit};

/// A limit and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// So many may be in use at once.
    pub limit: u64,
    /// The OS limit behind it, in words.
    pub because: String,
}

/// Raises the soft descriptor limit to the hard one; returns the limit in force.
pub fn raise_descriptors() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            limit = raised;
        }
    }
    limit.current.unwrap_or(1 << 20)
}

/// Threads that admission lets exist at once: 80 % of the lowest OS limit.
pub fn threads() -> Limit {
    let candidates = [
        // A thread maps its stack, the stack's guard and its signal stack with a guard.
        read_number("/proc/sys/vm/max_map_count").map(|n| (n / 4, "a quarter of vm.max_map_count")),
        read_number("/proc/sys/kernel/pid_max").map(|n| (n, "kernel.pid_max")),
        read_number("/proc/sys/kernel/threads-max").map(|n| (n, "kernel.threads-max")),
        cgroup_pids().map(|n| (n, "the cgroup's pids.max")),
        // Applied to root as well, whom the kernel would let pass: who sets it means it.
        getrlimit(Resource::Nproc).current.map(|n| {
            (n.saturating_sub(threads_of_user()), "the processes left to this user (ulimit -u)")
        }),
    ];
    let (lowest, name) =
        candidates.into_iter().flatten().min().unwrap_or((10_000, "no limit found: a default"));
    Limit { limit: lowest * 8 / 10, because: format!("80 % of {lowest}, {name}") }
}

/// Sockets that admission lets be open at once: what the descriptor limit leaves.
pub fn sockets() -> Limit {
    const RESERVE: u64 = 32;
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(1 << 20);
    let open = fs::read_dir("/proc/self/fd").map_or(16, |entries| entries.count() as u64);
    Limit {
        limit: limit.saturating_sub(open + RESERVE),
        because: format!("{limit} descriptors (ulimit -n) less {} for other uses", open + RESERVE),
    }
}

/// Local ports that connections to one destination can have, where the kernel says so.
pub fn ports() -> Option<Limit> {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ends = text.split_ascii_whitespace().map(str::parse::<u64>);
    let (low, high) = (ends.next()?.ok()?, ends.next()?.ok()?);
    Some(Limit {
        limit: high.checked_sub(low)? + 1,
        because: "net.ipv4.ip_local_port_range, for one destination; a closed connection keeps its port for a while, TIME_WAIT".to_owned(),
    })
}

fn read_number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The lowest `pids.max` from this process's cgroup up to the root.
fn cgroup_pids() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/cgroup").ok()?;
    let mut lowest = None;
    for line in text.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?);
        let root = match controllers {
            "" => "/sys/fs/cgroup",
            "pids" => "/sys/fs/cgroup/pids",
            _ => continue,
        };
        let mut at = format!("{root}{path}");
        loop {
            if let Some(n) = read_number(&format!("{at}/pids.max")) {
                lowest = Some(lowest.map_or(n, |l: u64| l.min(n)));
            }
            match at.rfind('/') {
                Some(cut) if cut >= root.len() => at.truncate(cut),
                _ => break,
            }
        }
    }
    lowest
}

/// Threads of this process's user that exist now: what RLIMIT_NPROC counts.
fn threads_of_user() -> u64 {
    let uid = rustix::process::getuid().as_raw().to_string();
    let Ok(entries) = fs::read_dir("/proc") else { return 0 };
    let numeric = entries.flatten().filter(|entry| {
        entry.file_name().to_str().is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()))
    });
    numeric
        .filter_map(|entry| fs::read_to_string(entry.path().join("status")).ok())
        .filter(|status| status_value(status, "Uid:") == Some(uid.as_str()))
        .filter_map(|status| status_value(&status, "Threads:")?.parse::<u64>().ok())
        .sum()
}

fn status_value<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name))?.split_ascii_whitespace().next()
}
