//! Sockets whose thread waits in `poll(2)`, driven by [`crate::executor`].
//!
//! The sockets are nonblocking: hyper reads before it writes, so over a truly blocking socket it
//! would hang. What is known of readiness is remembered between calls, as tokio does, so that a
//! fetch costs one write, one poll and one read.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::ReadBufCursor;
use rustix::event::PollFlags;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, ipproto, socket_with, sockopt};

use super::Transport;
use crate::executor::{assume_readable, take_ready, want};

/// Waits in `poll(2)`; the thread is parked meanwhile.
pub(crate) enum Poll2 {}

impl Transport for Poll2 {
    type Io = Socket;

    async fn connect(address: SocketAddr) -> io::Result<Socket> {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let fd = socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
        sockopt::set_tcp_nodelay(&fd, true)?;
        let mut socket = Socket { fd, readable: false, writable: false };
        match connect(&socket.fd, &address) {
            Ok(()) => {}
            Err(Errno::INPROGRESS) => {
                std::future::poll_fn(|_| socket.poll_writable()).await;
                sockopt::socket_error(&socket.fd)??;
            }
            Err(error) => return Err(error.into()),
        }
        socket.writable = true;
        Ok(socket)
    }

    fn before_idle_check() {
        assume_readable();
    }
}

/// A nonblocking TCP socket and what is known of its readiness.
pub(crate) struct Socket {
    fd: OwnedFd,
    readable: bool,
    writable: bool,
}

impl Socket {
    fn poll_readable(&mut self) -> Poll<()> {
        self.readable |= take_ready(PollFlags::IN);
        if self.readable {
            return Poll::Ready(());
        }
        want(self.fd.as_raw_fd(), PollFlags::IN);
        Poll::Pending
    }

    fn poll_writable(&mut self) -> Poll<()> {
        self.writable |= take_ready(PollFlags::OUT);
        if self.writable {
            return Poll::Ready(());
        }
        want(self.fd.as_raw_fd(), PollFlags::OUT);
        Poll::Pending
    }
}

impl hyper::rt::Read for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            std::task::ready!(self.poll_readable());
            #[expect(unsafe_code, reason = "reading into memory not yet initialised")]
            // SAFETY: the slice is only handed to `read`, which writes to it and never reads.
            let space = unsafe { buf.as_mut() };
            let capacity = space.len();
            match rustix::io::read(&self.fd, space) {
                Ok((filled, _)) => {
                    let count = filled.len();
                    // A short read has emptied the socket: wait before reading again.
                    self.readable = count == capacity || count == 0;
                    #[expect(unsafe_code, reason = "see above")]
                    // SAFETY: `read` has just initialised the first `count` bytes.
                    unsafe {
                        buf.advance(count);
                    }
                    return Poll::Ready(Ok(()));
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.readable = false,
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }
}

impl hyper::rt::Write for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            std::task::ready!(self.poll_writable());
            // MSG_NOSIGNAL: a closed peer is an error to report, not a signal to die of.
            match rustix::net::send(&self.fd, buf, rustix::net::SendFlags::NOSIGNAL) {
                Ok(count) => {
                    self.writable = count == buf.len();
                    return Poll::Ready(Ok(count));
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.writable = false,
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let _ = rustix::net::shutdown(&self.fd, rustix::net::Shutdown::Write);
        Poll::Ready(Ok(()))
    }
}
