//! Where a run's directory lies.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use measurement::directory::TRIALS_JSONL;

use crate::exit::UsageError;

/// A run directory to be made.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// The link beside it that names the latest run, where there is one.
    latest: Option<PathBuf>,
}

/// `out` itself, or `results/<scenario>/<UTC start>` below the current folder.
pub(crate) fn run_directory(scenario: &str, out: Option<&Path>) -> Result<Place> {
    if let Some(out) = out {
        if out.join(TRIALS_JSONL).exists() {
            let text = format!("--out {}: holds a run already; name another folder", out.display());
            return Err(UsageError(text).into());
        }
        std::fs::create_dir_all(out).map_err(|error| {
            let why = if out.is_file() { "it is a file".to_owned() } else { error.to_string() };
            let shown = out.display();
            UsageError(format!("--out {shown}: no folder can be made there: {why}; name another"))
        })?;
        return Ok(Place { path: out.to_owned(), latest: None });
    }
    let folder = Path::new("results").join(scenario);
    let start = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let names = std::iter::once(start.clone()).chain((2..).map(|n| format!("{start}-{n}")));
    let _ = std::fs::create_dir_all(&folder);
    // Made here, not looked for: another run may begin in the same second.
    for path in names.map(|name| folder.join(name)) {
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(Place { path, latest: Some(folder.join("latest")) }),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                let text = format!(
                    "cannot make {}: {error}; start in another folder, or name one with --out",
                    path.display()
                );
                return Err(UsageError(text).into());
            }
        }
    }
    bail!("there is no free name below {}", folder.display())
}

impl Place {
    /// Points `latest` at this run. A convenience: where it cannot be done, nothing is lost.
    pub(super) fn link_latest(&self) {
        let (Some(latest), Some(name)) = (&self.latest, self.path.file_name()) else { return };
        let fresh = latest.with_extension(std::process::id().to_string());
        if std::os::unix::fs::symlink(name, &fresh).is_ok()
            && std::fs::rename(&fresh, latest).is_err()
        {
            let _ = std::fs::remove_file(&fresh);
        }
    }
}
