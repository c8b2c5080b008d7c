//! Looking for the program's processes, and ending them one way or another.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

use crate::bench::Place;

/// Sends a signal to one process.
pub(crate) fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("is a process id");
    kill_process(pid, signal).expect("the process is there and ours");
}

/// The children of runs in `place` whose command is `command` (`child-` finds them all): known
/// by their environment, which they keep when their parent is gone.
pub(crate) fn children(place: &Place, command: &str) -> Vec<u32> {
    let mark = format!("TMPDIR={}", place.path().display());
    let entries = fs::read_dir("/proc").expect("there is /proc").flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| {
            let read = |file: &str| fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            // The processes may end meanwhile: they are then read as empty, and not counted.
            let starts = |part: &[u8]| part.starts_with(command.as_bytes());
            read("cmdline").split(|&byte| byte == 0).nth(1).is_some_and(starts)
                && read("environ").split(|&byte| byte == 0).any(|line| line == mark.as_bytes())
        })
        .collect()
}

/// Sockets that a process has open.
pub(crate) fn sockets(pid: u32) -> usize {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
    let targets = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

/// Threads of this user, on the whole machine: what the limit on processes counts.
pub(crate) fn threads_of_user() -> u64 {
    let uid = rustix::process::getuid().as_raw().to_string();
    let value = |status: &str, name: &str| -> Option<String> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_ascii_whitespace().next().map(str::to_owned)
    };
    let entries = fs::read_dir("/proc").expect("there is /proc").flatten();
    entries
        .filter_map(|entry| fs::read_to_string(entry.path().join("status")).ok())
        .filter(|status| value(status, "Uid:").is_some_and(|owner| owner == uid))
        .filter_map(|status| value(&status, "Threads:")?.parse::<u64>().ok())
        .sum()
}
