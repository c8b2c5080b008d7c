//! The machine a run runs on, for `run.json`.

use std::fs;

use measurement::limits;
use measurement::run::Environment;

use crate::conductor::cpus::Split;

/// What can be read of this machine now; what only trying can tell is left open.
pub(crate) fn read(split: &Split) -> Environment {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let threads = limits::threads();
    Environment {
        cpu_model: value(&cpuinfo, "model name").unwrap_or("unknown").to_owned(),
        hypervisor: hypervisor(&cpuinfo),
        cpus: cpuinfo.lines().filter(|line| line.starts_with("processor")).count().max(1) as u32,
        client_cpus: split.client.clone(),
        upstream_cpus: split.upstream.clone(),
        kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
        memory_bytes: memory_bytes(),
        clocksource: line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        descriptors: limits::raise_descriptors(),
        thread_limit: threads.limit,
        thread_limit_because: threads.because,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        revision: Some(env!("LOADGEN_REVISION")).filter(|text| !text.is_empty()).map(str::to_owned),
        build: env!("LOADGEN_BUILD").to_owned(),
        scheduling: None,
    }
}

/// The hypervisor's name, as far as the clock sources it offers tell.
fn hypervisor(cpuinfo: &str) -> Option<String> {
    let flags = value(cpuinfo, "flags")?;
    flags.split_ascii_whitespace().find(|&flag| flag == "hypervisor")?;
    let clocks = line("/sys/devices/system/clocksource/clocksource0/available_clocksource");
    let known = [("kvm-clock", "KVM"), ("hyperv", "Hyper-V"), ("xen", "Xen")];
    let name = known.iter().find(|(clock, _)| clocks.contains(clock)).map(|&(_, name)| name);
    Some(name.unwrap_or("a hypervisor").to_owned())
}

fn memory_bytes() -> u64 {
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = total.and_then(|rest| rest.split_ascii_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

fn value<'a>(cpuinfo: &'a str, name: &str) -> Option<&'a str> {
    let line = cpuinfo.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}

fn line(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}
