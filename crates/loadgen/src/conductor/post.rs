//! A child's post: where it runs, how it stands beside others, and whom it must not outlive.

use std::io::{BufRead, Write};

use anyhow::{Context, Result};
use measurement::scheduling;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::cpus;
use super::priority::{self, Standing};
use crate::exit::Exit;

/// Part of every child's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Post {
    pub(crate) cpus: Vec<usize>,
    standing: Standing,
    conductor: i32,
}

/// What a child is to do: it begins with taking its post.
pub(crate) trait Posted: Serialize {
    /// The post.
    fn post(&self) -> &Post;
}

impl Post {
    /// On these CPUs, as a child of this process.
    pub(crate) fn new(cpus: &[usize], standing: Standing) -> Self {
        let conductor = rustix::process::getpid().as_raw_nonzero().get();
        Self { cpus: cpus.to_vec(), standing, conductor }
    }

    /// Whether the child has to begin a session.
    pub(super) fn has_session(&self) -> bool {
        self.standing.has_session()
    }

    /// Takes it: before any other thread exists.
    fn take(&self) -> Result<()> {
        cpus::pin(&self.cpus)?;
        measurement::limits::raise_descriptors();
        let kill = Some(rustix::process::Signal::KILL);
        rustix::process::set_parent_process_death_signal(kill)
            .context("cannot tie to the conductor")?;
        let parent = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get());
        anyhow::ensure!(parent == Some(self.conductor), "the conductor is gone");
        self.standing.take();
        Ok(())
    }
}

impl Posted for Post {
    fn post(&self) -> &Self {
        self
    }
}

/// A child's plan, the one line of JSON on its stdin, with its post taken.
pub(crate) fn receive<T: Posted + DeserializeOwned>() -> Result<T> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("no plan on stdin")?;
    let plan: T = serde_json::from_str(&line)
        .context("stdin holds no plan: this command is the conductor's own")?;
    plan.post().take()?;
    Ok(plan)
}

/// The process that only takes its post, and says what standing it came to.
pub(crate) fn child() -> Result<Exit> {
    let _: Post = receive()?;
    let mut text = serde_json::to_vec(&priority::go_first())?;
    text.push(b'\n');
    std::io::stdout().lock().write_all(&text)?;
    Ok(Exit::Done)
}

/// Reads what that process printed.
pub(super) fn read(text: &str) -> Result<scheduling::Standing> {
    serde_json::from_str(text).with_context(|| format!("the post’s child printed {text:?}"))
}
