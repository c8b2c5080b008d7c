//! One HTTP/1.1 connection, driven by whoever uses it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use http_body_util::Empty;
use hyper::body::{Body, Frame, Incoming};
use hyper::client::conn::http1::{Builder, Connection as Driver, SendRequest};
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, Uri};
use measurement::clock::now_ns;
use measurement::record::{LegOutcome, LegRecord};

use super::Fetched;
use super::pool::OpenSocket;
use super::server_timing::ServerTiming;
use crate::transport::Transport;
use crate::trial::LegWatch;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// A connection idle for longer than this is looked at before it is used again: its upstream may
/// have closed it. Shorter pauses are not worth the look.
const LOOK_AFTER_IDLE_NS: u64 = 250_000_000;

/// An open connection to one upstream.
pub(super) struct Connection<T: Transport> {
    sender: SendRequest<Empty<Bytes>>,
    driver: Driver<T::Io, Empty<Bytes>>,
    /// The header map of the last response, emptied, for the next request.
    headers: HeaderMap,
    /// Where ids are written out.
    digits: BytesMut,
    idle_since_ns: u64,
    _socket: OpenSocket,
}

impl<T: Transport> Connection<T> {
    /// Speaks HTTP over an open socket.
    pub(super) async fn over(io: T::Io, socket: OpenSocket) -> hyper::Result<Box<Self>> {
        let mut builder = Builder::new();
        builder.read_buf_exact_size(Some(READ_BUFFER_BYTES)).writev(false);
        let (sender, driver) = builder.handshake(io).await?;
        Ok(Box::new(Self {
            sender,
            driver,
            headers: HeaderMap::new(),
            digits: BytesMut::new(),
            idle_since_ns: 0,
            _socket: socket,
        }))
    }

    /// Sends `GET uri` for `id` and takes the whole answer.
    pub(super) async fn exchange(
        &mut self,
        uri: &Uri,
        host: &HeaderValue,
        id: u64,
        watch: LegWatch<'_>,
    ) -> Fetched {
        match self.try_exchange(uri, host, id, watch).await {
            Ok(fetched) => fetched,
            Err(error) => Fetched::failed(outcome_of(&error)),
        }
    }

    /// Whether another exchange may follow; if so the connection counts as idle from now on.
    pub(super) fn is_reusable(&mut self) -> bool {
        self.idle_since_ns = now_ns();
        self.sender.is_ready()
    }

    /// Whether an idle connection has been closed meanwhile.
    pub(super) fn is_stale(&mut self) -> bool {
        if now_ns() - self.idle_since_ns < LOOK_AFTER_IDLE_NS {
            return false;
        }
        T::before_idle_check();
        let mut cx = Context::from_waker(Waker::noop());
        Pin::new(&mut self.driver).poll(&mut cx).is_ready() || self.sender.is_closed()
    }

    async fn try_exchange(
        &mut self,
        uri: &Uri,
        host: &HeaderValue,
        id: u64,
        watch: LegWatch<'_>,
    ) -> hyper::Result<Fetched> {
        let request = self.request(uri, host, id);
        let mut response = std::pin::pin!(self.sender.send_request(request));
        let driver = &mut self.driver;
        let response = std::future::poll_fn(|cx| {
            watch.woken();
            // The driver's own end is told through the response.
            let _ = Pin::new(&mut *driver).poll(cx);
            response.as_mut().poll(cx)
        })
        .await?;
        self.take(response, watch).await
    }

    fn request(&mut self, uri: &Uri, host: &HeaderValue, id: u64) -> Request<Empty<Bytes>> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = uri.clone();
        let mut headers = std::mem::take(&mut self.headers);
        headers.clear();
        headers.insert(HOST, host.clone());
        self.digits.extend_from_slice(itoa::Buffer::new().format(id).as_bytes());
        let digits = self.digits.split().freeze();
        if let Ok(value) = HeaderValue::from_maybe_shared(digits) {
            headers.insert(REQUEST_ID, value);
        }
        *request.headers_mut() = headers;
        request
    }

    async fn take(
        &mut self,
        response: Response<Incoming>,
        watch: LegWatch<'_>,
    ) -> hyper::Result<Fetched> {
        let (head, mut body) = response.into_parts();
        let bytes = self.drain(&mut body).await?;
        let timing = match head.headers.get(SERVER_TIMING) {
            Some(value) if watch.recording => ServerTiming::parse(value.as_bytes()),
            _ => ServerTiming::default(),
        };
        self.headers = head.headers;
        let outcome = if head.status == hyper::StatusCode::OK {
            LegOutcome::Fetched
        } else {
            LegOutcome::Status
        };
        let leg = LegRecord {
            requested_ns: timing.requested_ns,
            queued_ns: timing.queued_ns,
            held_ns: timing.held_ns,
            outcome,
        };
        Ok(Fetched { leg, body: bytes })
    }

    /// Reads the body to its end and leaves the connection ready for the next request.
    async fn drain(&mut self, body: &mut Incoming) -> hyper::Result<Bytes> {
        let mut whole = Bytes::new();
        while !body.is_end_stream() {
            match std::future::poll_fn(|cx| self.poll_frame(body, cx)).await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        append(&mut whole, data);
                    }
                }
                Some(Err(error)) => return Err(error),
                None => break,
            }
        }
        if !self.sender.is_ready() {
            // One more turn lets the driver see that the exchange is over.
            std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut self.driver).poll(cx).is_ready()))
                .await;
        }
        Ok(whole)
    }

    /// The body asks first, so that the driver knows somebody wants data, and again after it.
    fn poll_frame(
        &mut self,
        body: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        // The driver's own end is told through the body.
        let _ = Pin::new(&mut self.driver).poll(cx);
        Pin::new(body).poll_frame(cx)
    }
}

/// hyper's least: a response of a few KiB arrives in one read.
const READ_BUFFER_BYTES: usize = 8 * 1024;

/// Keeps a body that came in one piece as it came.
fn append(whole: &mut Bytes, data: Bytes) {
    if whole.is_empty() {
        *whole = data;
    } else {
        let mut joined = BytesMut::from(std::mem::take(whole));
        joined.extend_from_slice(&data);
        *whole = joined.freeze();
    }
}

/// The kind of failure behind hyper's error.
fn outcome_of(error: &hyper::Error) -> LegOutcome {
    use std::error::Error as _;
    use std::io::ErrorKind;
    if error.is_parse() {
        return LegOutcome::Malformed;
    }
    let io = error.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    match io.map(std::io::Error::kind) {
        Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => LegOutcome::Reset,
        _ => LegOutcome::Closed,
    }
}
