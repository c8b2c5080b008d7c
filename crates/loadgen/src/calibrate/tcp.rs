//! How long a byte takes over loopback TCP from a CPU of the client to one of the mock.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

use anyhow::{Context, Result};
use measurement::clock::now_ns;

use super::{Ground, Probe};
use crate::conductor::cpus;

pub(super) const PROBE: Probe = Probe {
    name: "wake-up/tcp",
    doc: "a byte over loopback TCP from the client's CPU to the mock's, one way: the other side sleeps and must be woken",
    unit: "us",
    run,
};

fn run(ground: &Ground) -> Result<Vec<u64>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen")?;
    let address = listener.local_addr()?;
    let upstream = ground.upstream.clone();
    let echo = std::thread::spawn(move || -> Result<()> {
        cpus::pin(&upstream)?;
        let (mut stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        let mut byte = [0];
        while stream.read(&mut byte)? == 1 {
            stream.write_all(&byte)?;
        }
        Ok(())
    });
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut byte = [0];
    let samples = ground.sample(|| {
        let began = now_ns();
        stream.write_all(&byte)?;
        stream.read_exact(&mut byte)?;
        Ok((now_ns() - began) / 2)
    });
    drop(stream);
    match echo.join() {
        Ok(ended) => ended.and(samples),
        Err(_) => samples,
    }
}
