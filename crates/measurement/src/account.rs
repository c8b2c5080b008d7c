//! What the kernel says of a process and of the machine: CPU time, memory, threads.
//!
//! Everything reads `/proc` or makes one system call; a figure the kernel does not give is `None`,
//! never a guess.

use std::fs;

/// CPU time and context switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// User mode, nanoseconds.
    pub user_ns: u64,
    /// Kernel mode, nanoseconds.
    pub system_ns: u64,
    /// Voluntary context switches.
    pub ctx_voluntary: u64,
    /// Involuntary context switches.
    pub ctx_involuntary: u64,
}

/// Reads `/proc/self/status`' fields of one line each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status {
    /// Resident memory now.
    pub rss_bytes: u64,
    /// Its peak since the last [`reset_peak_rss`].
    pub rss_peak_bytes: u64,
    /// Threads now.
    pub threads: u64,
}

/// Counters of `/proc/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Machine {
    /// Processes and threads started since boot.
    pub forks: u64,
    /// Stolen time of all CPUs, ticks of 10 ms.
    pub steal_ticks: u64,
}

/// What the scheduler says of one thread since it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ThreadTimes {
    /// On a CPU.
    pub running_ns: u64,
    /// Ready, waiting for a CPU.
    pub runnable_ns: u64,
}

/// Reads a thread's `schedstat` file.
pub fn thread_times(path: &str) -> Option<ThreadTimes> {
    let text = fs::read_to_string(path).ok()?;
    let mut numbers = text.split_ascii_whitespace().map(str::parse);
    Some(ThreadTimes { running_ns: numbers.next()?.ok()?, runnable_ns: numbers.next()?.ok()? })
}

/// CPU time and context switches of this process so far, all threads, ended ones included.
pub fn usage() -> Usage {
    usage_of(libc::RUSAGE_SELF)
}

/// CPU time and context switches of the calling thread so far.
pub fn usage_of_thread() -> Usage {
    usage_of(libc::RUSAGE_THREAD)
}

/// getrusage.
fn usage_of(who: libc::c_int) -> Usage {
    // rustix has no getrusage; the libc call cannot fail for these two and a valid pointer.
    let mut raw = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    #[expect(unsafe_code, reason = "getrusage has no safe wrapper among our dependencies")]
    // SAFETY: `raw` is valid for writes and all-zero is a valid `rusage`.
    let raw = unsafe {
        libc::getrusage(who, raw.as_mut_ptr());
        raw.assume_init()
    };
    let ns = |time: libc::timeval| time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1_000;
    Usage {
        user_ns: ns(raw.ru_utime),
        system_ns: ns(raw.ru_stime),
        ctx_voluntary: raw.ru_nvcsw as u64,
        ctx_involuntary: raw.ru_nivcsw as u64,
    }
}

impl Usage {
    /// What is left of it without a part of it.
    #[must_use]
    pub fn without(&self, part: &Self) -> Self {
        Self {
            user_ns: self.user_ns.saturating_sub(part.user_ns),
            system_ns: self.system_ns.saturating_sub(part.system_ns),
            ctx_voluntary: self.ctx_voluntary.saturating_sub(part.ctx_voluntary),
            ctx_involuntary: self.ctx_involuntary.saturating_sub(part.ctx_involuntary),
        }
    }
}

/// CPU time of another process, all its threads, in nanoseconds.
pub fn cpu_of(pid: u32) -> Option<u64> {
    // The kernel's name for a process's CPU clock (include/linux/posix-timers.h, CPUCLOCK_SCHED).
    let id = !(pid.cast_signed()) << 3 | 2;
    let mut raw = std::mem::MaybeUninit::<libc::timespec>::zeroed();
    #[expect(unsafe_code, reason = "rustix has no constructor for another process's CPU clock")]
    // SAFETY: `raw` is valid for writes and all-zero is a valid `timespec`.
    let (status, time) = unsafe {
        let status = libc::clock_gettime(id, raw.as_mut_ptr());
        (status, raw.assume_init())
    };
    (status == 0).then_some(time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64)
}

/// This process's memory and threads now.
pub fn status() -> Option<Status> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    Some(Status {
        rss_bytes: field(&text, "VmRSS:")? * 1024,
        rss_peak_bytes: field(&text, "VmHWM:")? * 1024,
        threads: field(&text, "Threads:")?,
    })
}

/// Starts the peak of [`Status::rss_peak_bytes`] anew; `false` where the kernel refuses.
pub fn reset_peak_rss() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// The machine's counters now.
pub fn machine() -> Option<Machine> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let cpu = text.lines().next()?;
    Some(Machine {
        forks: field(&text, "processes")?,
        steal_ticks: cpu.split_ascii_whitespace().nth(8)?.parse().ok()?,
    })
}

/// Memory the kernel itself uses for waiting: stacks, page tables, slabs (sockets among them).
pub fn kernel_memory_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kib = ["KernelStack:", "PageTables:", "Slab:"].iter().map(|name| field(&text, name));
    kib.sum::<Option<u64>>().map(|kib| kib * 1024)
}

/// Time since boot in which some runnable task of the machine had no CPU, microseconds; `None`
/// where the kernel keeps no pressure stall information.
pub fn cpu_pressure_us() -> Option<u64> {
    let text = fs::read_to_string("/proc/pressure/cpu").ok()?;
    let some = text.lines().find(|line| line.starts_with("some "))?;
    some.split_ascii_whitespace().find_map(|word| word.strip_prefix("total="))?.parse().ok()
}

/// The first number after `name` at the start of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line[name.len()..].split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_answers() {
        let before = usage();
        let spent = |usage: Usage| usage.user_ns + usage.system_ns;
        // The kernel splits user from system time by its ticks, for process and thread apart: early
        // in a process's life the two need not agree yet.
        let seen = || {
            let (mine, all) = (usage_of_thread(), usage());
            spent(mine) > 0 && spent(all) > spent(before) && spent(all.without(&mine)) < spent(all)
        };
        let began = std::time::Instant::now();
        let mut sum = 0_u64;
        while !seen() {
            sum = sum.wrapping_mul(31).wrapping_add(1);
            assert!(began.elapsed().as_secs() < 60, "the CPU time of this thread never shows");
        }
        std::hint::black_box(sum);
        let own = cpu_of(std::process::id()).unwrap();
        assert!(own >= before.user_ns, "a process's CPU clock runs with its rusage");
        let pressure = fs::exists("/proc/pressure/cpu").unwrap_or(false);
        assert_eq!(cpu_pressure_us().is_some(), pressure);
        assert_eq!(cpu_of(u32::MAX >> 4), None, "no such process");
        let status = status().unwrap();
        assert!(status.threads >= 1 && status.rss_peak_bytes >= status.rss_bytes / 2);
        assert!(machine().unwrap().forks > 0);
        assert!(kernel_memory_bytes().unwrap() > 0);
    }
}
