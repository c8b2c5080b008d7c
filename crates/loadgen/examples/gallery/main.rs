//! Makes the sample runs and the pages that show them.
//!
//! ```text
//! cargo run --release -p loadgen --example gallery                  every scenario, one after the other
//! cargo run --release -p loadgen --example gallery -- NAME...       these scenarios
//! cargo run --release -p loadgen --example gallery -- --render [NAME]...   no run: render them again
//! ```
//!
//! A sample is a whole run directory, `results/samples/NAME` of `scenarios/NAME.toml`. A run that
//! fails leaves the sample it was to replace. Every mode ends with the pages made from the samples:
//! `results/samples/README.md` and the blocks of `results/samples/design_doc.md`.
//! Figures are worth keeping only from a quiet machine.

mod pages;

use std::env;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail, ensure};

/// Where samples lie, from the top of the repository.
const SAMPLES: &str = "results/samples";

/// Exit status of a run that ended well, and of one whose `[slo]` no model met: both are results.
const RESULTS: [i32; 2] = [0, 3];

fn main() -> ExitCode {
    match gallery() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            say(&format!("{failed} samples were not made"));
            ExitCode::FAILURE
        }
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Does what the command line says; returns how many samples failed.
fn gallery() -> Result<usize> {
    let mut names: Vec<String> = env::args().skip(1).collect();
    let render = names.iter().any(|name| name == "--render");
    names.retain(|name| name != "--render");
    // Run directories record the command line: only paths from the top may stand in it.
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    env::set_current_dir(&top).context("cannot enter the repository")?;
    let known = if render { folders(SAMPLES)? } else { scenarios()? };
    if let Some(name) = names.iter().find(|name| !known.contains(name)) {
        bail!("`{name}` is none of: {}", known.join(", "));
    }
    let names = if names.is_empty() { known } else { names };
    let program = if render { None } else { Some(program()?) };
    let mut failed = 0;
    for (at, name) in names.iter().enumerate() {
        say(&format!("{} of {}: {name}", at + 1, names.len()));
        let made = match &program {
            Some(program) => run(program, name),
            None => rendered(&sample(name)),
        };
        if let Err(error) = made {
            say(&format!("{name}: {error:#}"));
            failed += 1;
        }
    }
    for (path, text) in pages::pages(Path::new(SAMPLES))? {
        fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(failed)
}

/// Stems of the scenario files, in order.
fn scenarios() -> Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir("scenarios")?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// Names of the folders in a folder, in order.
fn folders(path: &str) -> Result<Vec<String>> {
    let entries = fs::read_dir(path).with_context(|| path.to_owned())?.flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

fn sample(name: &str) -> PathBuf {
    Path::new(SAMPLES).join(name)
}

/// The program, built as this example is.
fn program() -> Result<PathBuf> {
    let own = env::current_exe().context("cannot find this program's own file")?;
    let folder = own.ancestors().nth(2).context("an example lies two below its profile")?;
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args(["build", "-q", "-p", "loadgen"]);
    if folder.ends_with("release") {
        build.arg("--release");
    }
    ensure!(
        build.status().context("cargo does not start")?.success(),
        "the program does not build"
    );
    Ok(folder.join("loadgen"))
}

/// Runs a scenario into its sample. What was there stands aside until the run has ended well.
fn run(program: &Path, name: &str) -> Result<()> {
    let (place, aside) = (sample(name), Path::new("results").join(format!("{name}.aside")));
    let _ = fs::remove_dir_all(&aside);
    let had = place.exists();
    if had {
        fs::rename(&place, &aside).context("cannot put the old sample aside")?;
    }
    let ended = Command::new(program)
        // Not where cargo has put it: that path is this machine's.
        .arg0("loadgen")
        .arg(format!("scenarios/{name}.toml"))
        .arg("--out")
        .arg(&place)
        .status()
        .context("the program does not start");
    let well = ended.as_ref().is_ok_and(|s| s.code().is_some_and(|code| RESULTS.contains(&code)));
    if !well {
        let _ = fs::remove_dir_all(&place);
        if had {
            fs::rename(&aside, &place).context("cannot put the old sample back")?;
        }
        bail!("the run ended with {}, the old sample stays", ended?);
    }
    let _ = fs::remove_dir_all(&aside);
    Ok(())
}

/// Renders a sample again; charts that the report no longer has go.
fn rendered(place: &Path) -> Result<()> {
    let rendered = report::render(place)?;
    let _ = fs::remove_dir_all(place.join("charts"));
    Ok(report::write(place, &rendered)?)
}

#[expect(clippy::print_stderr, reason = "an example has no other way to speak")]
fn say(words: &str) {
    eprintln!("gallery: {words}");
}
