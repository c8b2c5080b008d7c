//! Listening sockets.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, listen, socket_with, sockopt};

use crate::Error;

/// Connections the kernel may complete before they are accepted. It cuts this to its own limit
/// (`net.core.somaxconn`); with fewer, a burst of connects would wait for SYN retransmissions,
/// a second each.
const BACKLOG: i32 = 65_535;

/// One listener per worker, all on the same address; `address` with port 0 takes a free one.
///
/// Workers share a port by `SO_REUSEPORT`: the kernel spreads connections over them, without a
/// thread that hands them out. One worker alone does without, so that a second mock on the same
/// port is refused rather than given half of the first one's connections.
pub(crate) fn listeners(address: SocketAddr, workers: usize) -> Result<Vec<TcpListener>, Error> {
    let failed = |source| Error::Listen { address, source };
    let shared = workers > 1;
    if shared && address.port() != 0 {
        // The same refusal for several: nobody else may hold the port now.
        bound(address, false).map_err(failed)?;
    }
    let first = listening(address, shared).map_err(failed)?;
    let chosen = first.local_addr().map_err(failed)?;
    let mut all = vec![first];
    for _ in 1..workers {
        all.push(listening(chosen, shared).map_err(failed)?);
    }
    Ok(all)
}

fn listening(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    let socket = bound(address, shared)?;
    listen(&socket, BACKLOG)?;
    Ok(TcpListener::from(socket))
}

fn bound(address: SocketAddr, shared: bool) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    // A mock that has just ended leaves connections in TIME_WAIT on its fixed port.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    sockopt::set_socket_reuseport(&socket, shared)?;
    // Accepted sockets inherit it, which saves a system call for each.
    sockopt::set_tcp_nodelay(&socket, true)?;
    bind(&socket, &address)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;

    const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

    #[test]
    fn accepted_sockets_do_not_delay() {
        let listener = listeners(ANY, 1).unwrap().remove(0);
        listener.set_nonblocking(false).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        assert!(listener.accept().unwrap().0.nodelay().unwrap());
    }

    #[test]
    fn a_port_in_use_is_refused_however_many_share_it() {
        for workers in [1, 2] {
            let held = listeners(ANY, workers).unwrap();
            let address = held[0].local_addr().unwrap();
            assert!(held.iter().all(|listener| listener.local_addr().unwrap() == address));
            for others in [1, 2] {
                let refused = listeners(address, others).unwrap_err();
                assert!(matches!(refused, Error::Listen { address: at, .. } if at == address));
            }
        }
    }
}
