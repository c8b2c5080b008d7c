//! Interrupts, crashes and neighbours: what had ended is kept, nothing outlives its parent, and
//! one trial's misfortune is one row.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use measurement::row::{TrialRow, Verdict};
use measurement::run::RunStatus;
use rustix::process::Signal;

use crate::bench::{
    Ended, Place, Running, TINY, alone, assert_sound, assert_status_fits, rows, run_info, until,
};
use crate::processes::{children, signal};

/// One model at a few levels, each long enough to interfere with.
const LONG: [&str; 7] = [
    "long.toml",
    "--model",
    "tokio",
    "--set",
    "load.concurrency=[1,2,3,4]",
    "--set",
    "load.duration=800ms",
];

/// Its trials.
const TRIALS: usize = 4;

/// A run in a folder of its own, written into `run`.
struct Long {
    place: Place,
    dir: PathBuf,
    running: Running,
}

impl Long {
    fn start() -> Self {
        let place = Place::new();
        place.file("long.toml", TINY);
        let running = place.start(&[&LONG[..], &["--out", "run"]].concat());
        let dir = place.path().join("run");
        Self { place, dir, running }
    }

    /// Waits until a trial has ended and another one is under way.
    fn second_trial(&self) {
        until("a trial has ended", || (!rows(&self.dir).is_empty()).then_some(()));
        self.child("child-trial");
    }

    /// Waits for a child of this command.
    fn child(&self, command: &str) -> u32 {
        until("the child is there", || children(&self.place, command).first().copied())
    }

    /// Waits until no child is left, whoever its parent is by now.
    fn childless(&self) {
        until("no child is left", || children(&self.place, "child-").is_empty().then_some(()));
    }
}

#[test]
fn an_interrupted_run_keeps_what_had_ended() {
    let _alone = alone();
    for raised in [Signal::INT, Signal::TERM, Signal::HUP] {
        let long = Long::start();
        long.second_trial();
        signal(long.running.pid(), raised);
        let ended = long.running.wait();
        assert_eq!(ended.code, Some(130), "{ended:?}");
        // The conductor has waited for its children: none is left now, not some time later.
        assert_eq!(children(&long.place, "child-"), Vec::<u32>::new());
        assert_eq!(run_info(&long.dir).status, RunStatus::Interrupted);
        let kept = rows(&long.dir);
        assert!((1..TRIALS).contains(&kept.len()), "{} rows", kept.len());
        kept.iter().for_each(assert_sound);
        assert!(ended.stdout.contains("report.html"), "{ended:?}");
        let summary = fs::read_to_string(long.dir.join("summary.md")).expect("was rendered");
        assert!(summary.to_lowercase().contains("interrupted"), "{summary}");
    }
}

#[test]
fn children_do_not_outlive_a_killed_conductor() {
    let _alone = alone();
    let long = Long::start();
    long.second_trial();
    signal(long.running.pid(), Signal::KILL);
    long.childless();
    assert_eq!(run_info(&long.dir).status, RunStatus::Running, "it had no chance to say more");
    // What it left can be reported.
    let again = long.place.loadgen(&["report", "run"]);
    assert_status_fits(&again, &rows(&long.dir));
    let summary = fs::read_to_string(long.dir.join("summary.md")).expect("was rendered");
    assert!(summary.contains("tokio"), "{summary}");
}

/// Kills one child of a run; returns how the run went on.
fn with_one_killed(command: &str) -> (Ended, Vec<TrialRow>) {
    let _alone = alone();
    let long = Long::start();
    long.second_trial();
    signal(long.child(command), Signal::KILL);
    let ended = long.running.wait();
    assert_eq!(run_info(&long.dir).status, RunStatus::Complete);
    (ended, rows(&long.dir))
}

#[test]
fn a_killed_child_is_one_failed_row() {
    for (command, name) in [("child-trial", "the trial"), ("child-upstream", "the mock")] {
        let (ended, rows) = with_one_killed(command);
        assert_status_fits(&ended, &rows);
        assert_eq!(rows.len(), TRIALS, "the run goes on: {ended:?}");
        let (failed, others): (Vec<_>, Vec<_>) =
            rows.iter().partition(|row| row.verdict == Verdict::Failed);
        let reasons: Vec<&str> = failed.iter().map(|row| row.reason.as_str()).collect();
        assert_eq!(reasons, [format!("{name} was killed by signal 9")]);
        others.into_iter().for_each(assert_sound);
    }
}

#[test]
fn two_runs_at_once_notice_each_other_and_nothing_more() {
    let place = Place::new();
    place.file("long.toml", TINY);
    let _alone = alone();
    let both = [place.start(&LONG), place.start(&LONG)];
    for ended in both.map(Running::wait) {
        // 1 where noise left no row to be trusted; whether it ran is seen below.
        assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
        assert_eq!(ended.stderr, "", "nothing to complain of");
    }
    let folder = place.path().join("results").join("long");
    let entries = fs::read_dir(&folder).expect("was made").flatten();
    let names: BTreeSet<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(names.len(), 3, "two runs and the link: {names:?}");
    let latest = fs::read_link(folder.join("latest")).expect("a link");
    assert!(names.contains(latest.to_string_lossy().as_ref()), "{}", latest.display());
    for name in names.iter().filter(|name| *name != "latest") {
        let dir = folder.join(name);
        let info = run_info(&dir);
        assert_eq!(info.status, RunStatus::Complete, "{name}");
        assert!(info.notes.iter().any(|note| note.contains("another run")), "{:?}", info.notes);
        let rows = rows(&dir);
        assert_eq!(rows.len(), TRIALS, "{name}");
        rows.iter().for_each(assert_sound);
        let summary = fs::read_to_string(dir.join("summary.md")).expect("was rendered");
        assert!(summary.contains("another run"), "the report says so too");
    }
}
