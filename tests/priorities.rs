//! Who goes first: sessions, nice values and scheduling policies of the children, as the kernel
//! states them while a run is under way.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;

use measurement::run::RunStatus;
use measurement::scheduling::{Scheduling, Standing};
use rustix::process::{Pid, Signal, getpriority_process, kill_process_group};

use crate::bench::{Place, Running, TINY, alone, assert_sound, rows, run_info, until};
use crate::processes::{children, signal};

/// Two trials, each long enough to be looked at.
const LOOK: [&str; 9] = [
    "tiny.toml",
    "--out",
    "run",
    "--model",
    "tokio",
    "--set",
    "load.concurrency=[1,2]",
    "--set",
    "load.duration=800ms",
];

/// What the kernel says of a process.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    leads_session: bool,
    leads_group: bool,
    nice: Option<i32>,
    /// Of its session, as in `/autogroup-603 nice -19`.
    session_nice: Option<i32>,
    /// 0: ordinary, 2: round robin in real time.
    policy: Option<u32>,
}

impl Seen {
    /// `None` if the process is gone.
    fn of(pid: u32) -> Option<Self> {
        let autogroup = fs::read_to_string(format!("/proc/{pid}/autogroup")).ok();
        let [session, group] = [SESSION, GROUP].map(|field| stat(&pid.to_string(), field));
        Some(Self {
            leads_session: session? == pid,
            leads_group: group? == pid,
            nice: getpriority_process(Some(id(pid))).ok(),
            session_nice: autogroup.and_then(|text| text.split_whitespace().last()?.parse().ok()),
            policy: stat(&pid.to_string(), POLICY),
        })
    }
}

/// Fields of `/proc/PID/stat`, counted from 1 as in `proc_pid_stat(5)`.
const GROUP: usize = 5;
const SESSION: usize = 6;
const POLICY: usize = 41;

/// A field of a process's (or `self`'s) `/proc/PID/stat`; `None` if the process is gone.
///
/// Group and session are read here and not by `getpgid` and `getsid`: they are 0 where their
/// leader lives outside the process-id namespace, as in a container, and rustix takes no 0.
fn stat(process: &str, field: usize) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is a name in parentheses, which may hold anything; the third follows it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(field - 3)?.parse().ok()
}

/// The session and the process group of a process.
fn belongs(process: &str) -> [u32; 2] {
    [SESSION, GROUP].map(|field| stat(process, field).expect("the process is there"))
}

fn id(pid: u32) -> Pid {
    i32::try_from(pid).ok().and_then(Pid::from_raw).expect("is a process id")
}

/// CPUs that this process may use.
fn cpus() -> u32 {
    let set = rustix::thread::sched_getaffinity(None).expect("can be read");
    set.count()
}

/// Looks at both children of a run until what is seen fits: a child takes its post a moment after
/// it was started, and a trial may end meanwhile.
fn both(place: &Place, fits: impl Fn(&Seen, &str) -> bool) {
    for command in ["child-upstream", "child-trial"] {
        let mut last = None;
        until(&format!("{command} is as it should be"), || {
            last = children(place, command).first().and_then(|&pid| Seen::of(pid)).or(last.take());
            last.as_ref().filter(|seen| fits(seen, command)).map(drop)
        });
    }
}

fn place() -> Place {
    let place = Place::new();
    place.file("tiny.toml", TINY);
    place
}

/// The scheduling that a run in `place` states.
fn scheduling(place: &Place) -> Scheduling {
    let dir = place.path().join("run");
    // The file is replaced as a whole; it is there before the first child that makes load.
    run_info(&dir).environment.scheduling.expect("every run states it")
}

#[test]
fn children_on_cpus_of_their_own_are_sessions_that_go_first() {
    if cpus() < 2 {
        return;
    }
    let place = place();
    let _alone = alone();
    // A timer that does not spin: no reason for real time here.
    let running = place.start(&[&LOOK[..], &["--set", "mock.timer=timerfd"]].concat());
    until("a trial is under way", || children(&place, "child-trial").first().copied());
    let Scheduling::First { client_only: false, standing } = scheduling(&place) else {
        panic!("they share no CPU: {:?}", scheduling(&place))
    };
    let Standing { nice, session_nice, refused, .. } = &standing;
    assert_eq!(refused.is_none(), session_nice.unwrap_or(*nice) < 0, "{standing:?}");
    both(&place, |seen, _| {
        seen.leads_session
            && seen.leads_group
            && seen.policy == Some(0)
            && seen.nice == Some(*nice)
            && session_nice.is_none_or(|session| seen.session_nice == Some(session))
    });
    // The conductor stays where the user started it, as any other process.
    assert_eq!(belongs(&running.pid().to_string())[0], belongs("self")[0]);
    assert_eq!(getpriority_process(Some(id(running.pid()))), getpriority_process(None));
    running.wait();
    let dir = place.path().join("run");
    rows(&dir).iter().for_each(assert_sound);
    let summary = fs::read_to_string(dir.join("summary.md")).expect("was rendered");
    assert!(summary.contains("| Scheduling "), "{summary}");
}

#[test]
fn children_that_share_cpus_stay_in_the_session() {
    let own = getpriority_process(None).ok();
    for high in [false, true] {
        let place = place();
        let _alone = alone();
        let cpu = rustix::thread::sched_getcpu().to_string();
        let (client, upstream) =
            (format!("cpus.client=\"{cpu}\""), format!("cpus.upstream=\"{cpu}\""));
        let mut arguments = [&LOOK[..], &["--set", &client, "--set", &upstream]].concat();
        if high {
            arguments.extend(["--set", "mock.priority=high"]);
        }
        let running = place.start(&arguments);
        until("a trial is under way", || children(&place, "child-trial").first().copied());
        let Scheduling::Shared { mock_first } = scheduling(&place) else {
            panic!("they share a CPU: {:?}", scheduling(&place))
        };
        assert!(high || !mock_first, "nobody asked for it");
        both(&place, |seen, command| {
            let first = mock_first && command == "child-upstream";
            !seen.leads_session
                && seen.leads_group
                && (seen.nice == own) != first
                && (seen.policy == Some(0)) != first
        });
        running.wait();
        rows(&place.path().join("run")).iter().for_each(assert_sound);
    }
}

/// Without the right to it (taken from root here; left out where that cannot be done).
#[test]
fn who_may_not_go_first_reads_so_in_the_report() {
    let place = place();
    let without = |command: &[&str]| {
        let mut setpriv = Command::new("setpriv");
        setpriv.args(["--inh-caps=-sys_nice", "--bounding-set=-sys_nice"]).args(command);
        place.settle(&mut setpriv);
        setpriv.spawn().map(|child| Running::of(child).wait())
    };
    let possible = without(&["true"]).is_ok_and(|tried| tried.code == Some(0));
    if !possible || cpus() < 2 {
        return;
    }
    let _alone = alone();
    let ended = without(&[&[env!("CARGO_BIN_EXE_loadgen")], &LOOK[..]].concat());
    let ended = ended.expect("starts, as before");
    assert!(!ended.stderr.contains("priority"), "it is for the report alone: {ended:?}");
    let dir = place.path().join("run");
    assert_eq!(rows(&dir).len(), 2, "{ended:?}");
    let info = run_info(&dir);
    let summary = fs::read_to_string(dir.join("summary.md")).expect("was rendered");
    assert!(summary.contains("the OS refuses them"), "{summary}");
    let Some(Scheduling::First { standing, .. }) = info.environment.scheduling else {
        panic!("{:?}", info.environment.scheduling)
    };
    assert!(standing.refused.is_some(), "{standing:?}");
    assert_eq!(Some(standing.nice), getpriority_process(None).ok(), "as it was started");
}

/// As a terminal sends it: to the whole group of the process in its foreground.
#[test]
fn ctrl_c_in_a_terminal_is_the_conductor_s_to_handle() {
    let place = place();
    let _alone = alone();
    let mut command = place.command(&LOOK);
    let running = Running::of(command.process_group(0).spawn().expect("the program starts"));
    until("a trial has ended", || (!rows(&place.path().join("run")).is_empty()).then_some(()));
    kill_process_group(id(running.pid()), Signal::INT).expect("the group is there and ours");
    let ended = running.wait();
    // 0 or 1 where the last trial had just ended: nothing was left to interrupt.
    assert!(matches!(ended.code, Some(130 | 0 | 1)), "{ended:?}");
    assert_eq!(children(&place, "child-"), Vec::<u32>::new());
    let dir = place.path().join("run");
    assert_ne!(run_info(&dir).status, RunStatus::Running);
    rows(&dir).iter().for_each(assert_sound);
}

#[test]
fn a_mock_by_hand_stays_in_the_terminal_s_session() {
    let place = place();
    let running = place.start(&["upstream", "tiny.toml"]);
    let it = Some(id(running.pid()));
    let handler = || {
        let status = fs::read_to_string(format!("/proc/{}/status", running.pid())).ok()?;
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
        let caught = u64::from_str_radix(caught.trim(), 16).ok()?;
        (caught & (1 << (Signal::INT.as_raw() - 1)) != 0).then_some(())
    };
    until("it waits for Ctrl-C", handler);
    assert_eq!(belongs(&running.pid().to_string()), belongs("self"));
    assert_eq!(getpriority_process(it), getpriority_process(None));
    signal(running.pid(), Signal::INT);
    assert_eq!(running.wait().code, Some(0));
}
