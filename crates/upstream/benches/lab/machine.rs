//! Where a benchmark runs: which machine, which command, which CPU for whom.

use std::error::Error;
use std::fs;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The CPU of the load, and that of what is measured: the first two that this process may use,
/// or twice the only one.
pub(crate) fn cpus() -> Result<[usize; 2], Box<dyn Error>> {
    let set = sched_getaffinity(None)?;
    let mut allowed = (0..CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu));
    let first = allowed.next().ok_or("no CPU is allowed")?;
    Ok([first, allowed.next().unwrap_or(first)])
}

/// Keeps this process on one CPU; to be called before it has other threads.
pub(crate) fn pin(cpu: usize) -> Result<(), Box<dyn Error>> {
    let mut set = CpuSet::new();
    set.set(cpu);
    Ok(sched_setaffinity(None, &set)?)
}

/// Prints what was run, and where.
pub(crate) fn introduce([load, measured]: [usize; 2]) {
    // Cargo adds `--bench` itself.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words = if words.is_empty() { String::new() } else { format!(" -- {}", words.join(" ")) };
    println!(
        "`cargo bench -p {} --bench {}{words}`\n",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_CRATE_NAME")
    );
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models =
        cpuinfo.lines().filter_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let models: Vec<&str> = models.map(|(_, model)| model).collect();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    println!(
        "{} × {}, Linux {}; load on CPU {load}, mock on CPU {measured}{}.\n",
        models.len(),
        models.first().unwrap_or(&"CPU of unknown model"),
        kernel.trim(),
        if load == measured { " (the only one: figures are those of a shared CPU)" } else { "" },
    );
}
