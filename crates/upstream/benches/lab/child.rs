//! Child processes: a benchmark starts itself again, with words that say what to be.
//!
//! A child pins itself to its CPU, says one line when it is ready, works until its standard input
//! ends and then says the rest.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{self, ChildStdout, Command, Stdio};

use crate::machine;

/// First word of a child's command line.
pub(crate) const MARK: &str = "child";

/// A started child. Dropping it kills it.
pub(crate) struct Child {
    process: process::Child,
    stdout: BufReader<ChildStdout>,
    /// The line it said when it was ready.
    pub(crate) ready: String,
}

impl Child {
    /// Starts this program again on one CPU and waits until it is ready.
    pub(crate) fn start(cpu: usize, words: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .args([MARK, &cpu.to_string()])
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = BufReader::new(process.stdout.take().ok_or("a child without stdout")?);
        let mut child = Self { process, stdout, ready: String::new() };
        if child.stdout.read_line(&mut child.ready)? == 0 {
            return Err(format!("{words:?} ended before it was ready").into());
        }
        child.ready.truncate(child.ready.trim_end().len());
        Ok(child)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Tells it to end; returns all that it says then.
    pub(crate) fn end(mut self, last_words: &str) -> Result<String, Box<dyn Error>> {
        let mut stdin = self.process.stdin.take().ok_or("a child without stdin")?;
        stdin.write_all(last_words.as_bytes())?;
        drop(stdin);
        let mut said = String::new();
        self.stdout.read_to_string(&mut said)?;
        let status = self.process.wait()?;
        if status.success() { Ok(said) } else { Err(format!("a child ended with {status}").into()) }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What this process is to be, if it is a child; it is then on its CPU.
pub(crate) fn words() -> Result<Option<Vec<String>>, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(MARK) {
        return Ok(None);
    }
    let cpu = arguments.next().ok_or("a child is told its CPU")?.parse()?;
    machine::pin(cpu)?;
    measurement::limits::raise_descriptors();
    Ok(Some(arguments.collect()))
}
