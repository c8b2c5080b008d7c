//! `loadgen calibrate` and what runs make of it.

use std::fs;
use std::path::PathBuf;

use measurement::calibration::Calibration;
use rustix::process::Signal;

use crate::bench::{Place, alone, run_info, until};
use crate::processes::{children, signal};

const SCENARIO: &str = r#"title = "Any"
[upstream.api1]
latency = "2ms"
[upstream.api2]
latency = "2ms"
[load]
concurrency = [2]
warmup = "20ms"
duration = "50ms"
repeats = 1
reruns = 0
[[model]]
kind = "tokio"
"#;

/// The one calibration in the place's cache.
fn kept(place: &Place) -> PathBuf {
    let folder = place.path().join("cache/loadgen");
    let entries = fs::read_dir(&folder).expect("a calibration was kept").flatten();
    let files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

/// Calibrates once, then runs with the file as it is and with it made for another machine.
#[test]
fn a_run_picks_up_the_calibration_of_its_machine_and_no_other() {
    let place = Place::new();
    place.file("any.toml", SCENARIO);
    let _alone = alone();
    place.loadgen(&["any.toml", "--out", "before"]);
    let before = run_info(&place.path().join("before"));
    assert_eq!(before.calibration, None);
    assert!(before.not_calibrated.is_some_and(|why| why.contains("`loadgen calibrate`")));

    let ended = place.loadgen(&["calibrate", "--json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let printed: Calibration = serde_json::from_str(&ended.stdout).expect("is JSON");
    let path = kept(&place);
    assert!(ended.stderr.contains(&path.display().to_string()), "{}", ended.stderr);
    let text = fs::read_to_string(&path).expect("can be read");
    assert_eq!(serde_json::from_str::<Calibration>(&text).expect("is JSON"), printed);
    for name in ["clock-read", "wake-up/tcp", "mock-ceiling", "client-ceiling/tokio"] {
        let figure = printed.figure(name).unwrap_or_else(|| panic!("{name}: {printed:?}"));
        assert!(figure.p50 > 0.0 && figure.samples > 0, "{figure:?}");
    }
    assert_eq!(printed.limits.len(), 2, "{:?}", printed.limits);
    assert!(printed.highest_rate_rps.is_some() && printed.least_latency_us.is_some());

    place.loadgen(&["any.toml", "--out", "with"]);
    let with = run_info(&place.path().join("with"));
    assert_eq!((with.calibration.as_ref(), with.not_calibrated), (Some(&printed), None));
    let summary = fs::read_to_string(place.path().join("with/summary.md")).expect("is written");
    assert!(summary.contains("What this machine can do, calibrated on"));

    let other = Calibration { machine: "another one".to_owned(), ..printed };
    fs::write(&path, serde_json::to_string(&other).expect("is JSON")).expect("writable");
    place.loadgen(&["any.toml", "--out", "other"]);
    let other = run_info(&place.path().join("other"));
    assert_eq!(other.calibration, None);
    let why = other.not_calibrated.expect("said");
    assert!(why.contains("not calibrated with this build, kernel and CPU split"), "{why}");
    let page = fs::read_to_string(place.path().join("other/report.html")).expect("is written");
    assert_eq!(page.matches("Not calibrated with this build").count(), 1);
}

#[test]
fn only_the_cpu_split_can_be_set() {
    let place = Place::new();
    let wrong = place.loadgen(&["calibrate", "--set", "load.duration=1s"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("only cpus.client and cpus.upstream can be set here"));
    let absent = place.loadgen(&["calibrate", "--set", "cpus.client=1000"]);
    assert_eq!(absent.code, Some(2), "{absent:?}");
    assert!(!place.path().join("cache").exists(), "nothing was measured, nothing kept");
}

#[test]
fn an_interrupted_calibration_keeps_nothing() {
    let place = Place::new();
    let _alone = alone();
    let running = place.start(&["calibrate"]);
    until("a probe is under way", || children(&place, "child-").first().copied());
    signal(running.pid(), Signal::INT);
    let ended = running.wait();
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert_eq!(children(&place, "child-"), Vec::<u32>::new());
    assert!(!place.path().join("cache").exists());
}
