//! Notes what the binary was built from and how, for `run.json`.

use std::process::Command;

fn main() {
    let revision = output("git", &["rev-parse", "--short=12", "HEAD"]);
    let dirty = output("git", &["status", "--porcelain", "--untracked-files=no"]);
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
    let head = output("git", &["rev-parse", "--git-path", "logs/HEAD"]);
    println!("cargo::rerun-if-changed={head}");
    println!("cargo::rerun-if-changed=build.rs");
}

/// What a command prints, trimmed; empty where it fails.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let stdout = output.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    String::from_utf8_lossy(&stdout.unwrap_or_default()).trim().to_owned()
}
