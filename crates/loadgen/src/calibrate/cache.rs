//! The last calibration of each machine and CPU split, in the user's cache folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use measurement::calibration::Calibration;
use measurement::run::Environment;
use scenario::units::cpu_list_text;

use crate::conductor::priority;

/// What a calibration holds for: another CPU, kernel, split or build is another machine, and so is
/// one that does not let the measured processes go first.
pub(crate) fn machine(environment: &Environment) -> String {
    format!(
        "{} x {}, Linux {}, client on {}, mock on {}, {}, loadgen {} {}, {}",
        environment.cpus,
        environment.cpu_model,
        environment.kernel,
        cpu_list_text(&environment.client_cpus),
        cpu_list_text(&environment.upstream_cpus),
        if priority::to_be_had() { "priorities granted" } else { "priorities refused" },
        environment.version,
        environment.revision.as_deref().unwrap_or("unknown revision"),
        environment.build,
    )
}

/// The calibration of this machine, or why there is none.
pub(crate) fn look(machine: &str) -> Result<Calibration, String> {
    let folder = folder(&|name| std::env::var_os(name).map(PathBuf::from));
    look_in(folder.as_deref(), machine)
}

/// Keeps a calibration; returns where.
pub(crate) fn keep(calibration: &Calibration) -> Result<PathBuf> {
    let folder = folder(&|name| std::env::var_os(name).map(PathBuf::from))
        .context("neither XDG_CACHE_HOME nor HOME names a folder")?;
    keep_in(&folder, calibration).with_context(|| folder.display().to_string())
}

/// `$XDG_CACHE_HOME/loadgen`, or `~/.cache/loadgen`. Relative paths are none, as the XDG rules
/// have it.
fn folder(variable: &dyn Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    Some(cache?.join("loadgen"))
}

const PREFIX: &str = "calibration-";

fn look_in(folder: Option<&Path>, machine: &str) -> Result<Calibration, String> {
    let offer = "`loadgen calibrate` takes half a minute and tells up to which rate and below \
                 which latency results on this machine mean nothing";
    let none = || format!("not calibrated: {offer}");
    let folder = folder.ok_or_else(none)?;
    let text = fs::read(folder.join(file_name(machine)));
    let read = text.ok().and_then(|text| serde_json::from_slice::<Calibration>(&text).ok());
    // Names are short and may clash; what a file is for, it says itself.
    read.filter(|calibration| calibration.machine == machine).ok_or_else(|| {
        let others = fs::read_dir(folder).is_ok_and(|mut entries| {
            entries.any(|entry| {
                entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX))
            })
        });
        if others {
            format!("not calibrated with this build, kernel and CPU split: {offer}")
        } else {
            none()
        }
    })
}

fn keep_in(folder: &Path, calibration: &Calibration) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let path = folder.join(file_name(&calibration.machine));
    let mut text = serde_json::to_vec_pretty(calibration)?;
    text.push(b'\n');
    // Whole or not at all: a run may look at the same time.
    let fresh = folder.join(format!(".{}.new", std::process::id()));
    fs::write(&fresh, text)?;
    fs::rename(&fresh, &path)?;
    Ok(path)
}

/// The machine as a name: 64-bit FNV-1a, hex.
fn file_name(machine: &str) -> String {
    let hash = machine.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{PREFIX}{hash:016x}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_follows_the_xdg_rules() {
        let of = |xdg: Option<&'static str>, home: Option<&'static str>| {
            folder(&move |name| match name {
                "XDG_CACHE_HOME" => xdg.map(PathBuf::from),
                _ => home.map(PathBuf::from),
            })
        };
        assert_eq!(of(Some("/c"), Some("/h")), Some(PathBuf::from("/c/loadgen")));
        assert_eq!(of(Some("relative"), Some("/h")), Some(PathBuf::from("/h/.cache/loadgen")));
        assert_eq!(of(None, Some("/h")), Some(PathBuf::from("/h/.cache/loadgen")));
        assert_eq!(of(Some(""), None), None);
    }

    #[test]
    fn only_what_was_made_for_this_machine_is_found() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Some(place.path());
        let none = look_in(folder, "a").expect_err("nothing there");
        assert!(none.starts_with("not calibrated: "), "{none}");
        let calibration = Calibration { machine: "a".to_owned(), ..Calibration::default() };
        let path = keep_in(place.path(), &calibration).expect("writable");
        assert_eq!(look_in(folder, "a").as_ref(), Ok(&calibration));
        let other = look_in(folder, "b").expect_err("another machine");
        assert!(other.contains("with this build, kernel and CPU split"), "{other}");
        // A file under this machine's name that is another's, or is broken.
        fs::copy(&path, place.path().join(file_name("b"))).expect("copies");
        assert!(look_in(folder, "b").is_err());
        fs::write(&path, "{ \"machine\": ").expect("writable");
        assert!(look_in(folder, "a").is_err());
        assert!(look_in(None, "a").is_err());
    }
}
