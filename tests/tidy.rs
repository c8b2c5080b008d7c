//! House rules that a machine can check. Each test names every breach as `path:line: rule`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Longest Rust file, in lines: one idea each.
const MOST_LINES: usize = 400;

/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[];

/// What the top level holds beside dot-files; `target` is cargo's.
const TOP_LEVEL: &[&str] =
    &["Cargo.lock", "Cargo.toml", "README.md", "crates", "results", "scenarios", "target", "tests"];

/// A file of the repository.
struct Source {
    /// Relative to the top, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn is_rust(&self) -> bool {
        self.extension() == Some("rs")
    }

    fn extension(&self) -> Option<&str> {
        Path::new(&self.path).extension()?.to_str()
    }

    /// `path:line: problem` for every line that `wrong` says something of.
    fn breaches(&self, wrong: impl Fn(usize, &str) -> Option<String>) -> Vec<String> {
        let lines = self.text.lines().enumerate();
        lines
            .filter_map(|(index, line)| {
                wrong(index, line).map(|problem| format!("{}:{}: {problem}", self.path, index + 1))
            })
            .collect()
    }
}

fn top() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.ancestors().nth(2).expect("crates/loadgen lies two below the top").to_owned()
}

/// Every text file of the repository: what git would commit or, where this is no checkout, what
/// lies in the folders that are ours.
fn sources() -> Vec<Source> {
    let top = top();
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(&top)
        .output()
        .ok()
        .filter(|output| output.status.success())
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let paths: Vec<String> = match listed {
        Some(text) => text.lines().map(str::to_owned).collect(),
        None => {
            ["crates", "scenarios", "tests"].iter().flat_map(|name| below(&top, name)).collect()
        }
    };
    // What is listed and gone, or no text, has no lines to look at.
    let read =
        |path: String| Some(Source { text: fs::read_to_string(top.join(&path)).ok()?, path });
    let found: Vec<Source> = paths.into_iter().filter_map(read).collect();
    assert!(found.iter().any(|source| source.path == "crates/loadgen/src/main.rs"), "sees sources");
    found
}

fn below(top: &Path, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(top.join(folder)).expect("a folder can be read").flatten();
    entries
        .flat_map(|entry| {
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() { below(top, &path) } else { vec![path] }
        })
        .collect()
}

fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn rust_files_hold_one_idea_each() {
    let too_long = sources().into_iter().filter(Source::is_rust).filter_map(|source| {
        let lines = source.text.lines().count();
        let excused = LONGER.iter().any(|(path, _)| *path == source.path);
        (lines > MOST_LINES && !excused).then(|| {
            format!("{}:{}: {lines} lines, at most {MOST_LINES}", source.path, MOST_LINES + 1)
        })
    });
    assert_none(&too_long.collect::<Vec<_>>());
    for (path, reason) in LONGER {
        let text = fs::read_to_string(top().join(path)).unwrap_or_default();
        assert!(text.lines().count() > MOST_LINES, "{path} needs no exception ({reason})");
    }
}

#[test]
fn nothing_is_left_to_do_or_switched_off() {
    // Put together here, so that this file does not name them itself.
    let words =
        [["to", "do!("], ["unimple", "mented!("], ["#[ig", "nore"], ["dbg", "!("], ["FIX", "ME"]];
    let words = words.map(|halves| halves.concat());
    let breaches = sources().into_iter().filter(Source::is_rust).flat_map(|source| {
        source.breaches(|_, line| {
            let word = words.iter().find(|word| line.contains(*word))?;
            (!run_by_another(line, &source.text)).then(|| format!("`{word}` is left"))
        })
    });
    assert_none(&breaches.collect::<Vec<_>>());
}

/// A test that needs a process of its own says which other test runs it; that one is there.
fn run_by_another(line: &str, text: &str) -> bool {
    let reason = line.split_once("= \"run by ").and_then(|(_, rest)| rest.split('"').next());
    reason.is_some_and(|name| text.contains(&format!("fn {name}()")))
}

#[test]
fn every_module_says_what_it_is() {
    let breaches = sources().into_iter().filter(|source| {
        let ours = source.path.starts_with("crates/") || source.path.starts_with("tests/");
        source.is_rust() && ours && !source.text.starts_with("//! ")
    });
    let breaches = breaches.map(|source| format!("{}:1: no module doc (`//!`)", source.path));
    assert_none(&breaches.collect::<Vec<_>>());
}

#[test]
fn the_top_level_holds_what_it_should() {
    let entries = fs::read_dir(top()).expect("the top can be read").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let strange = names
        .filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()))
        .map(|name| format!("{name}:1: does not belong at the top level"));
    assert_none(&strange.collect::<Vec<_>>());
    for name in TOP_LEVEL.iter().filter(|name| **name != "target") {
        assert!(top().join(name).exists(), "{name}:1: is missing at the top level");
    }
}

#[test]
fn no_path_of_somebodys_machine() {
    let roots = ["work", "tmp", "home", "root", "Users"].map(|name| format!("/{name}/"));
    // Inside a longer path or a URL, it is none of the machine's roots.
    let inside = |before: Option<char>| {
        before
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '}' | '/' | '~'))
    };
    let breaches = sources().into_iter().flat_map(|source| {
        source.breaches(|_, line| {
            let mut found = roots.iter().filter_map(|root| line.find(root).map(|at| (root, at)));
            found
                .find(|(_, at)| !inside(line[..*at].chars().next_back()))
                .map(|(root, _)| format!("a path below {root}"))
        })
    });
    assert_none(&breaches.collect::<Vec<_>>());
}

#[test]
fn unsafe_says_why_it_is_sound() {
    let breaches = sources().into_iter().filter(Source::is_rust).flat_map(|source| {
        let lines: Vec<&str> = source.text.lines().collect();
        source.breaches(|index, line| {
            let code = line.split("//").next().unwrap_or_default();
            let block = ["{", "impl "].iter().any(|rest| code.contains(&format!("unsafe {rest}")));
            // Words in a string, as in a test of this test, are not code.
            let is_code = block && !code.contains('"');
            let above = &lines[index.saturating_sub(6)..=index];
            let explained = above.iter().any(|line| line.contains("SAFETY:"));
            (is_code && !explained).then(|| "unsafe without a SAFETY comment".to_owned())
        })
    });
    assert_none(&breaches.collect::<Vec<_>>());
}

#[test]
fn scenarios_open_with_what_they_show() {
    let scenarios: Vec<Source> = sources()
        .into_iter()
        .filter(|source| {
            source.path.starts_with("scenarios/") && source.extension() == Some("toml")
        })
        .collect();
    assert!(scenarios.len() >= 3, "there are scenarios");
    let breaches = scenarios.iter().filter(|source| !source.text.starts_with("# "));
    let breaches = breaches.map(|source| format!("{}:1: opens without a comment", source.path));
    assert_none(&breaches.collect::<Vec<_>>());
}
