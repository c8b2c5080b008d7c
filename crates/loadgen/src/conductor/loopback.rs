//! Can client and mock reach each other at all?

use std::net::{Ipv4Addr, TcpListener, TcpStream};

use anyhow::{Context, Result};

/// Connects to itself once, as the client will to the mock: a machine that cannot do that, as a
/// network namespace whose loopback interface is down, would only yield requests that all fail.
pub(super) fn check() -> Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| TcpStream::connect(listener.local_addr()?))
        .map(drop)
        .context(
            "client and mock cannot reach each other over 127.0.0.1 (is the loopback interface \
             up? `ip link set lo up`)",
        )
}
