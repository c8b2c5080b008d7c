//! An async load client as a child process: so many keep-alive connections, one request in flight
//! on each, all on one thread. It measures nothing: what is measured is the mock.

use std::error::Error;
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read};
use std::net::TcpStream as StdStream;
use std::pin::Pin;
use std::task::ready;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What is asked, again and again.
pub(crate) const REQUEST: &[u8] = b"GET /api HTTP/1.1\r\nhost: localhost\r\n\r\n";
/// Longest response with its head, in bytes.
pub(crate) const LONGEST: usize = 2048;

/// Connects `connections` times to `address`, says that it has, starts the connections' requests
/// spread evenly over `spread_ms`, and goes on until standard input ends.
pub(crate) fn drive([address, connections, spread_ms]: [&str; 3]) -> Result<(), Box<dyn Error>> {
    let connections: u32 = connections.parse()?;
    let spread = Duration::from_millis(spread_ms.parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut streams = Vec::new();
        for _ in 0..connections {
            let stream = StdStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            streams.push(TcpStream::from_std(stream)?);
        }
        println!("connected");
        for (index, stream) in (0..connections).zip(streams) {
            tokio::spawn(converse(stream, spread * index / connections));
        }
        let (ended, end) = tokio::sync::oneshot::channel::<()>();
        std::thread::spawn(move || {
            let _ = io::stdin().read_to_end(&mut Vec::new());
            drop(ended);
        });
        let _ = end.await;
        Ok(())
    })
}

/// Bytes of the response at the start of `bytes`, head and body; `None` if more are to come.
pub(crate) fn response_len(bytes: &[u8]) -> Option<usize> {
    let head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..head_end]).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    })?;
    (bytes.len() >= head_end + 4 + length).then_some(head_end + 4 + length)
}

/// One connection; ends with it.
async fn converse(mut stream: TcpStream, start_after: Duration) -> io::Result<()> {
    tokio::time::sleep(start_after).await;
    let mut buffer = [0; LONGEST];
    loop {
        let sent = poll_fn(|cx| Pin::new(&mut stream).poll_write(cx, REQUEST)).await?;
        if sent < REQUEST.len() {
            return Err(ErrorKind::WriteZero.into());
        }
        let mut filled = 0;
        while response_len(&buffer[..filled]).is_none() {
            let got = poll_fn(|cx| {
                let mut into = ReadBuf::new(&mut buffer[filled..]);
                ready!(Pin::new(&mut stream).poll_read(cx, &mut into))?;
                std::task::Poll::Ready(io::Result::Ok(into.filled().len()))
            });
            match got.await? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                got => filled += got,
            }
        }
    }
}
