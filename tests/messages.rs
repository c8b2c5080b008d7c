//! What the program says: of scenarios that are wrong, of wrong usage, and of itself.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use crate::bench::{Place, Running, TINY};
use crate::processes::signal;

/// One thing made wrong in a right scenario.
struct Wrong {
    /// What is replaced …
    right: &'static str,
    /// … and by what.
    by: &'static str,
    /// Where the message points, from there on.
    points_at: &'static str,
    /// What the message has to say.
    says: &'static [&'static str],
}

const WRONG: &[Wrong] = &[
    Wrong {
        right: "latency = \"20ms\"",
        by: "latency = { lognormal = { p50 = \"80m\", p99 = \"400ms\" } }",
        points_at: "\"80m\"",
        says: &["80m", "did you mean", "80ms"],
    },
    Wrong {
        right: "kind = \"tokio\"",
        by: "kind = \"tokyo\"",
        points_at: "\"tokyo\"",
        says: &["tokyo", "did you mean", "tokio"],
    },
    Wrong {
        right: "[upstream.api2]\nlatency = \"10ms\"\nbody = \"2KiB\"\n",
        by: "",
        points_at: "api1",
        says: &["2 upstreams", "api1", "[upstream."],
    },
    Wrong {
        right: "concurrency = [2, 16]",
        by: "concurrency = []",
        points_at: "[]",
        says: &["concurrency", "at least one", "for example"],
    },
    Wrong {
        right: "duration = \"300ms\"",
        by: "duration = \"-2s\"",
        points_at: "\"-2s\"",
        says: &["-2s", "negative"],
    },
    Wrong {
        right: "workers = 1",
        by: "worker = 1",
        points_at: "worker",
        says: &["worker", "did you mean", "workers", "[[model]]"],
    },
];

#[test]
fn a_wrong_scenario_is_refused_with_its_place_and_a_suggestion() {
    for case in WRONG {
        let text = TINY.replace(case.right, case.by);
        assert_ne!(text, TINY, "{} is in the scenario", case.right);
        let place = Place::new();
        place.file("wrong.toml", &text);
        let at = text.find(case.by).filter(|_| !case.by.is_empty()).unwrap_or(0);
        let at = at + text[at..].find(case.points_at).expect("is in the text");
        let line = text[..at].matches('\n').count() + 1;
        let column = at - text[..at].rfind('\n').map_or(0, |end| end + 1) + 1;
        for arguments in [&["check", "wrong.toml"][..], &["wrong.toml"]] {
            let ended = place.loadgen(arguments);
            assert_eq!(ended.code, Some(2), "{ended:?}");
            assert_eq!(ended.stdout, "", "messages go to stderr");
            let position = format!("wrong.toml:{line}:{column}\n");
            for part in case.says.iter().copied().chain([position.as_str(), "^"]) {
                assert!(ended.stderr.contains(part), "no {part:?} in\n{}", ended.stderr);
            }
            assert_eq!(ended.stderr.matches("error").count(), 1, "one message: {}", ended.stderr);
        }
        assert!(!place.path().join("results").exists(), "nothing was begun");
    }
}

#[test]
fn a_scenario_that_is_not_there_is_named() {
    let place = Place::new();
    for arguments in [&["check", "nowhere.toml"][..], &["nowhere.toml"]] {
        let ended = place.loadgen(arguments);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        let says = "no scenario file at \"nowhere.toml\"";
        assert!(ended.stderr.contains(says), "{}", ended.stderr);
        assert_eq!(ended.stderr.trim_end().lines().count(), 1, "{}", ended.stderr);
    }
}

#[test]
fn a_wrong_one_among_right_ones_does_not_hide_them() {
    let place = Place::new();
    place.file("right.toml", TINY);
    place.file("wrong.toml", "title = 1\n");
    let ended = place.loadgen(&["check", "wrong.toml", "right.toml"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stdout.contains("right.toml: Tiny"), "{ended:?}");
    assert!(ended.stderr.contains("wrong.toml:1:"), "{ended:?}");
}

#[test]
fn the_shipped_scenarios_are_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let entries = fs::read_dir(folder).expect("there are scenarios").flatten();
    let paths =
        entries.map(|entry| entry.path()).filter(|path| path.extension() == Some("toml".as_ref()));
    let paths: Vec<String> = paths.map(|path| path.display().to_string()).collect();
    assert!(paths.len() >= 3, "{paths:?}");
    let place = Place::new();
    for path in &paths {
        for flags in [&[][..], &["--quick"]] {
            let mut ended = place.loadgen(&[&["check", path.as_str()], flags].concat());
            if ended.stderr.contains("this process may not use CPU") {
                // Right as it is, but for another machine: all else of it is looked at.
                assert_eq!(ended.code, Some(2), "{ended:?}");
                let here = rustix::thread::sched_getcpu();
                let cpus = ["client", "upstream"].map(|side| format!("cpus.{side}=\"{here}\""));
                let set = ["--set", cpus[0].as_str(), "--set", cpus[1].as_str()];
                ended = place.loadgen(&[&["check", path.as_str()], flags, &set].concat());
            }
            assert_eq!(ended.code, Some(0), "{ended:?}");
            let says = ended.stdout.contains(" trials ") && ended.stdout.contains("about ");
            assert!(says && ended.stderr.is_empty(), "{ended:?}");
        }
    }
}

#[test]
fn wrong_usage_ends_with_status_2() {
    let place = Place::new();
    place.file("tiny.toml", TINY);
    let cases: &[(&[&str], &[&str])] = &[
        (&["tiny.toml", "--quik"], &["--quik", "--quick"]),
        (&["tiny.toml", "--model", "nosuch"], &["nosuch", "tokio"]),
        (&["chek", "tiny.toml"], &["\"chek\" is neither", "check, report"]),
        (&["modles"], &["\"modles\" is neither", "models"]),
        (&["tiny.toml", "other.toml"], &["one scenario", "other.toml"]),
        (&["."], &["is a folder", "*.toml"]),
        (&["tiny.toml", "--out", "tiny.toml"], &["--out tiny.toml", "it is a file"]),
        (&["tiny.toml", "--set", "load.duraton=1s"], &["duraton", "duration"]),
        (&["tiny.toml", "--set", "load.duration=1"], &["load.duration=1"]),
        (&["tiny.toml", "--set", "load.duration"], &["="]),
        (&[], &["SCENARIO.toml"]),
        (&["check"], &["SCENARIO.toml"]),
    ];
    for (arguments, says) in cases {
        let ended = place.loadgen(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "{arguments:?}");
        for part in *says {
            assert!(ended.stderr.contains(part), "{arguments:?}: no {part} in {}", ended.stderr);
        }
    }
    assert!(!place.path().join("results").exists(), "nothing was begun");
}

#[test]
fn models_are_listed_by_kind() {
    let place = Place::new();
    let ended = place.loadgen(&["models"]);
    assert_eq!(ended.code, Some(0));
    let first: BTreeSet<&str> =
        ended.stdout.lines().filter(|line| !line.starts_with(' ')).filter_map(first_word).collect();
    let kinds = client::models::kinds();
    assert_eq!(first, kinds.iter().map(|kind| kind.kind).collect());
    assert!(["thread-per-request", "rayon", "tokio"].iter().all(|kind| first.contains(kind)));
}

fn first_word(line: &str) -> Option<&str> {
    line.split_ascii_whitespace().next()
}

#[test]
fn the_schema_is_json_and_knows_the_models() {
    let place = Place::new();
    let ended = place.loadgen(&["schema"]);
    assert_eq!(ended.code, Some(0));
    let schema: serde_json::Value = serde_json::from_str(&ended.stdout).expect("is JSON");
    assert!(schema.get("$schema").is_some() && schema.get("properties").is_some(), "{schema}");
    for kind in client::models::kinds() {
        assert!(ended.stdout.contains(&format!("\"{}\"", kind.kind)), "{}", kind.kind);
    }
}

#[test]
fn a_folder_without_a_run_is_named() {
    let place = Place::new();
    fs::create_dir(place.path().join("empty")).expect("writable");
    let broken = place.path().join("broken");
    fs::create_dir(&broken).expect("writable");
    fs::write(broken.join("run.json"), "{\n\"schema_version\": \n").expect("writable");
    for folder in ["nowhere", "empty", "broken"] {
        let ended = place.loadgen(&["report", folder]);
        assert!(matches!(ended.code, Some(1 | 2)), "{ended:?}");
        let named = ended.stderr.contains(folder) && ended.stderr.contains("run.json");
        assert!(named && ended.stdout.is_empty(), "{ended:?}");
    }
    assert_eq!(fs::read_dir(place.path().join("empty")).expect("is there").count(), 0);
}

#[test]
fn a_choice_that_a_run_does_not_have_is_an_error_that_lists_what_it_has() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/samples/low_latency");
    let place = Place::new();
    fs::create_dir(place.path().join("run")).expect("writable");
    for file in ["run.json", "trials.jsonl"] {
        fs::copy(sample.join(file), place.path().join("run").join(file)).expect("can be copied");
    }
    for (flag, known) in [("--baseline", "tokio"), ("--level", "32"), ("--charts", "throughput")] {
        let ended = place.loadgen(&["report", "run", flag, "nothing"]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        let named = format!("{flag} nothing: the run has none of this name; expected one of ");
        assert!(ended.stderr.contains(&named) && ended.stderr.contains(known), "{ended:?}");
    }
    let ended = place.loadgen(&["report", "run", "--charts", "clocks,cpu", "--baseline", "tokio"]);
    assert!(ended.stderr.contains("no chart clocks: a closed loop has no schedule"), "{ended:?}");
    let drawn = fs::read_dir(place.path().join("run/charts")).expect("is there");
    assert_eq!(drawn.filter(|entry| entry.as_ref().is_ok_and(|e| e.path().is_file())).count(), 1);
}

/// Asks an upstream for `id`; the whole answer as text.
fn ask(address: &str, path: &str, id: u64) -> String {
    let mut stream = TcpStream::connect(address).expect("the mock listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("can be set");
    let request = format!(
        "GET /{path} HTTP/1.1\r\nhost: {address}\r\nx-request-id: {id}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("can be written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("is answered");
    answer
}

#[test]
fn the_mock_runs_alone_until_it_is_told_to_stop() {
    for stop in [Signal::TERM, Signal::INT] {
        let place = Place::new();
        place.file("tiny.toml", TINY);
        let mut child =
            place.command(&["upstream", "tiny.toml"]).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("is a pipe")).lines();
        let running = Running::of(child);
        for (number, name) in ["api1", "api2"].into_iter().enumerate() {
            let line = lines.next().expect("a line per upstream").expect("is text");
            let address = line.strip_prefix(&format!("{name} http://")).expect("name and URL");
            assert!(address.starts_with("127.0.0.1:"), "{line}");
            for id in 0..=number as u64 {
                let answer = ask(address, name, id);
                assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
                assert!(answer.to_ascii_lowercase().contains("\nserver-timing: requested;dur="));
                let body = answer.split_once("\r\n\r\n").expect("has a body").1;
                let body: serde_json::Value = serde_json::from_str(body).expect("is JSON");
                assert_eq!((&body["upstream"], &body["id"]), (&name.into(), &id.into()));
            }
        }
        signal(running.pid(), stop);
        let ended = running.wait();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        for part in ["api1: received 1, answered 1", "api2: received 2, answered 2"] {
            assert!(ended.stderr.contains(part), "no {part:?} in\n{}", ended.stderr);
        }
    }
}
