//! How a run's processes stand beside others that want their CPUs: what was asked of the kernel,
//! what it granted, and how far that reaches. Words for reports; who asks, and how, is not here.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// How the client and the mock are scheduled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheduling {
    /// As any other process of the user's session: they share CPUs with each other.
    Shared {
        /// Whether the mock alone goes first there, because the scenario asks for it.
        mock_first: bool,
    },
    /// On CPUs of their own, where they go before others as far as the OS allows it.
    First {
        /// Whether the mock stays behind, because the scenario asks for it.
        client_only: bool,
        /// What each got that asked.
        standing: Standing,
    },
}

/// What a process got that asked to go first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its nice value: -20 to 19, less goes before more.
    pub nice: i32,
    /// The nice value of its session, where the kernel shares CPUs out between sessions first.
    pub session_nice: Option<i32>,
    /// The control group that the kernel shares CPUs out to first, where it is in one: its nice
    /// value counts inside of it alone.
    pub control_group: Option<String>,
    /// Why it does not go first, where it does not.
    pub refused: Option<String>,
}

impl fmt::Display for Scheduling {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Shared { mock_first: false } => {
                f.write_str("as any other process: client and mock share CPUs")
            }
            Self::Shared { mock_first: true } => f.write_str(
                "the mock goes before all others on the CPUs it shares with the client; the client as any other process",
            ),
            Self::First { client_only, standing } => {
                let (who, mock) = match client_only {
                    true => ("the client", "; the mock as any other process"),
                    false => ("client and mock", ""),
                };
                let Standing { nice, session_nice, control_group, refused } = standing;
                match (refused, control_group, session_nice) {
                    (Some(why), ..) => write!(f, "{who} as any other process: {why}"),
                    (None, Some(group), _) => write!(
                        f,
                        "nice {nice} for {who}, which counts inside their control group {group} alone"
                    ),
                    (None, None, Some(nice)) => {
                        write!(f, "before others: {who}, in sessions of their own at nice {nice}")
                    }
                    (None, None, None) => write!(f, "before others: {who}, at nice {nice}"),
                }?;
                f.write_str(mock)
            }
        }
    }
}

/// Whether the kernel shares CPUs out between sessions first (autogroups); they are void inside
/// control groups that have a share of their own.
pub fn by_session() -> bool {
    fs::read_to_string("/proc/sys/kernel/sched_autogroup_enabled")
        .is_ok_and(|text| text.trim() == "1")
}

/// The control group with a share of the CPUs that this process is in, if that is not the whole
/// machine's.
pub fn control_group() -> Option<String> {
    let memberships = fs::read_to_string("/proc/self/cgroup").ok()?;
    control_group_of(&memberships, Path::new("/sys/fs/cgroup"))
}

/// A line is `ID:CONTROLLERS:PATH`. In version 1 the line of the CPU controller tells; in version 2,
/// which has one line without controllers, a group has a share where its folder says how large.
fn control_group_of(memberships: &str, mount: &Path) -> Option<String> {
    let lines = || {
        memberships.lines().filter_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            Some((controllers, path))
        })
    };
    let first = lines().find(|(controllers, _)| controllers.split(',').any(|name| name == "cpu"));
    if let Some((_, path)) = first {
        return (path != "/").then(|| path.to_owned());
    }
    let (_, path) = lines().find(|(controllers, _)| controllers.is_empty())?;
    let mut groups = Path::new(path).ancestors();
    let shared = groups.find(|group| {
        let folder = mount.join(group.strip_prefix("/").unwrap_or(group));
        folder.join("cpu.weight").exists()
    })?;
    Some(shared.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_groups_of_both_versions() {
        let mount = tempfile::tempdir().expect("a folder");
        let of = |text: &str| control_group_of(text, mount.path());
        assert_eq!(of("9:name=systemd:/user\n2:cpuacct:/u\n1:cpu:/\n0::/x\n"), None);
        assert_eq!(of("3:cpu,cpuacct:/docker/1\n0::/\n"), Some("/docker/1".to_owned()));
        let (slice, session) = ("/user.slice", "/user.slice/session-2.scope");
        let line = format!("0::{session}\n");
        assert_eq!(of(&line), None, "no share is stated anywhere");
        let folder = mount.path().join(&session[1..]);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(mount.path().join("user.slice/cpu.weight"), "100\n").expect("a file");
        assert_eq!(of(&line), Some(slice.to_owned()), "its parent has one");
        fs::write(folder.join("cpu.weight"), "100\n").expect("a file");
        assert_eq!(of(&line), Some(session.to_owned()));
        assert_eq!(of("0::/\n"), None);
        assert_eq!(of("gibberish"), None);
    }

    #[test]
    fn each_standing_has_words_of_its_own() {
        let first =
            Standing { nice: -19, session_nice: Some(-19), control_group: None, refused: None };
        let group = Some("/docker/1".to_owned());
        let both = |standing| Scheduling::First { client_only: false, standing };
        let all = [
            Scheduling::Shared { mock_first: false },
            Scheduling::Shared { mock_first: true },
            both(first.clone()),
            both(Standing { session_nice: None, ..first.clone() }),
            both(Standing { control_group: group, ..first.clone() }),
            both(Standing { refused: Some("it is so".to_owned()), ..first.clone() }),
            Scheduling::First { client_only: true, standing: first },
        ];
        let words: std::collections::BTreeSet<String> =
            all.iter().map(ToString::to_string).collect();
        assert_eq!(words.len(), all.len(), "{words:#?}");
        for scheduling in all {
            let text = serde_json::to_string(&scheduling).expect("is JSON");
            assert_eq!(serde_json::from_str::<Scheduling>(&text).expect("reads back"), scheduling);
        }
    }
}
