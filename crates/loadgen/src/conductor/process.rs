//! A child process: a plan in, a stream out, never outliving the conductor.

use std::io::{BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use super::interrupt::{Guard, Interrupt};
use super::post::Posted;
use anyhow::{Context, Result, anyhow};

/// Most that is kept of what a child says on stderr.
const STDERR_BYTES: u64 = 16 * 1024;

/// Runs this program as `command` with a plan on its stdin; returns what it printed.
pub(super) fn answer(
    command: &str,
    name: &'static str,
    plan: &impl Posted,
    interrupt: &Interrupt,
) -> Result<String> {
    let mut child = Process::start(command, name, plan, interrupt)?;
    let mut text = String::new();
    let read = child.stdout().read_to_string(&mut text);
    child.wait()?;
    read.with_context(|| format!("what {name} printed"))?;
    Ok(text)
}

/// Has the child begin a session, or at least a process group: Ctrl-C is the conductor's to handle
/// from the child's first moment on, which is why the child does not see to it itself.
#[expect(unsafe_code, reason = "what happens between fork and exec has no safe wrapper")]
fn detach(command: &mut Command, session: bool) {
    if !session {
        command.process_group(0);
        return;
    }
    // SAFETY: setsid is one system call; it allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(|| Ok(rustix::process::setsid().map(drop)?));
    }
}

/// A running child. Dropping it kills it.
pub(super) struct Process {
    name: &'static str,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    stderr: Option<JoinHandle<String>>,
    _guard: Guard,
}

impl Process {
    /// Starts this program as `command` and hands it its plan.
    pub(super) fn start(
        command: &str,
        name: &'static str,
        plan: &impl Posted,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let mut child = Command::new(program);
        child.arg(command).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        detach(&mut child, plan.post().has_session());
        let mut child = child.spawn().with_context(|| format!("cannot start {name}"))?;
        let guard = interrupt.guard(child.id());
        let mut stdin = child.stdin.take();
        let stdout = child.stdout.take().context("a child has a stdout")?;
        let mut errors = child.stderr.take().context("a child has a stderr")?;
        let stderr = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = errors.by_ref().take(STDERR_BYTES).read_to_end(&mut text);
            let _ = std::io::copy(&mut errors, &mut std::io::sink());
            String::from_utf8_lossy(&text).trim().to_owned()
        });
        if let Some(stdin) = &mut stdin {
            let mut line = serde_json::to_vec(plan)?;
            line.push(b'\n');
            // A child that died at once shows in its exit status, not here.
            let _ = stdin.write_all(&line);
        }
        let stdout = BufReader::with_capacity(1 << 16, stdout);
        Ok(Self { name, child, stdin, stdout, stderr: Some(stderr), _guard: guard })
    }

    /// Its process id.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it says.
    pub(super) fn stdout(&mut self) -> &mut BufReader<ChildStdout> {
        &mut self.stdout
    }

    /// Tells it to stop.
    pub(super) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Waits for its end; an error says how it died and what it said.
    pub(super) fn wait(&mut self) -> Result<()> {
        self.stdin = None;
        let status = self.child.wait().with_context(|| format!("waiting for {}", self.name))?;
        let said = self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        if status.success() {
            return Ok(());
        }
        let how = match (status.signal(), status.code()) {
            (Some(signal), _) => format!("{} was killed by signal {signal}", self.name),
            (None, code) => format!("{} ended with status {}", self.name, code.unwrap_or(-1)),
        };
        Err(if said.is_empty() { anyhow!(how) } else { anyhow!("{how}: {said}") })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
