//! What a switch from thread to thread costs on one CPU.

use std::io::{Read, Write, pipe};

use anyhow::Result;
use measurement::clock::now_ns;

use super::{Ground, Probe};
use crate::conductor::cpus;

pub(super) const PROBE: Probe = Probe {
    name: "context-switch",
    doc: "from one thread to another on one CPU, with the pipe's read and write that cause it",
    unit: "us",
    run,
};

fn run(ground: &Ground) -> Result<Vec<u64>> {
    // Both threads on one CPU; the second one inherits it.
    cpus::pin(&ground.post.cpus[..ground.post.cpus.len().min(1)])?;
    let (mut from_us, mut to_them) = pipe()?;
    let (mut from_them, mut to_us) = pipe()?;
    let other = std::thread::spawn(move || {
        let mut byte = [0];
        while matches!(from_us.read(&mut byte), Ok(1)) {
            if to_us.write_all(&byte).is_err() {
                break;
            }
        }
    });
    let mut byte = [0];
    let samples = ground.sample(|| {
        let began = now_ns();
        to_them.write_all(&byte)?;
        from_them.read_exact(&mut byte)?;
        Ok((now_ns() - began) / 2)
    });
    drop(to_them);
    let _ = other.join();
    samples
}
