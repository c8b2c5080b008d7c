//! Notes what the binary was built from and how, for `run.json`.

use std::path::Path;
use std::process::Command;

fn main() {
    // Unpacked without a history of its own, this may lie in somebody else's.
    let ours = !output("git", &["ls-files", "build.rs"]).is_empty();
    let git = |arguments: &[&str]| if ours { output("git", arguments) } else { String::new() };
    let revision = git(&["rev-parse", "--short=12", "HEAD"]);
    let dirty = git(&["status", "--porcelain", "--untracked-files=no"]);
    let mark = if dirty.is_empty() { "" } else { "+" };
    println!("cargo::rustc-env=LOADGEN_REVISION={revision}{mark}");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    let profile = std::env::var("PROFILE").unwrap_or_default();
    let profile = if profile == "debug" { "dev" } else { &profile };
    println!(
        "cargo::rustc-env=LOADGEN_BUILD={profile} profile, opt-level {level}, {}, {}",
        std::env::var("TARGET").unwrap_or_default(),
        output(&rustc, &["--version"]),
    );
    // Every commit writes to the first, where git keeps it; a file that is not there would have
    // cargo build this again each time.
    let heads = ["logs/HEAD", "HEAD"].map(|name| git(&["rev-parse", "--git-path", name]));
    if let Some(head) = heads.iter().find(|path| Path::new(path).is_file()) {
        println!("cargo::rerun-if-changed={head}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}

/// What a command prints, trimmed; empty where it fails.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let stdout = output.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    String::from_utf8_lossy(&stdout.unwrap_or_default()).trim().to_owned()
}
