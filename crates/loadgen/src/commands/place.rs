//! The run directories that a command line names.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use measurement::directory::{RUN_JSON, TRIALS_JSONL};

use crate::exit::UsageError;

/// Refuses what is no run directory, and says which one close by may be meant.
pub(super) fn of_a_run(dir: &Path) -> Result<()> {
    let stated = dir.join(RUN_JSON);
    // One that is there and cannot be read is said where it is read.
    if fs::symlink_metadata(&stated).is_ok() {
        return Ok(());
    }
    let meant = close_by(dir)
        .map_or_else(String::new, |path| format!("; did you mean {}?", path.display()));
    let text = format!(
        "{} is no run directory: there is no {}; expected is the directory that a run left, with {RUN_JSON} and {TRIALS_JSONL}{meant}",
        dir.display(),
        stated.display()
    );
    Err(UsageError(text).into())
}

/// The folder of a file, or the latest run below: `results/high_latency` has `latest`.
fn close_by(dir: &Path) -> Option<PathBuf> {
    let below = || {
        let mut folders: Vec<PathBuf> =
            fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path().join("latest")).collect();
        folders.sort();
        Some(folders)
    };
    let above = dir.parent().filter(|_| dir.is_file()).map(Path::to_owned);
    above
        .into_iter()
        .chain([dir.join("latest")])
        .chain(below().unwrap_or_default())
        .find(|path| path.join(RUN_JSON).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_close_by_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let latest = folder.path().join("checkout/latest");
        fs::create_dir_all(&latest).expect("writable");
        assert_eq!(close_by(folder.path()), None);
        fs::write(latest.join(RUN_JSON), "{}").expect("writable");
        fs::write(latest.join("report.html"), "").expect("writable");
        for named in ["", "checkout", "checkout/latest/report.html"] {
            let named = folder.path().join(named);
            assert_eq!(close_by(&named), Some(latest.clone()), "{}", named.display());
            let refused = of_a_run(&named).expect_err("is no run directory");
            assert!(refused.is::<UsageError>() && refused.to_string().contains("did you mean"));
        }
        of_a_run(&latest).expect("is one");
    }
}
