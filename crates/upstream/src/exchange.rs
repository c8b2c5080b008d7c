//! One exchange with an upstream: its delay, its body read and dropped, its answer, its entry.

use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Buf, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode, Version};
use measurement::exchange::{Exchange, Fate};
use scenario::{Draw, FaultKind, Timer};
use tokio::time::Sleep;

use crate::body::Answer;
use crate::clock::now_ns;
use crate::connection::{Connection, Stage};
use crate::delay::Ticket;
use crate::service::Reply;
use crate::timing::server_timing;
use crate::worker::Worker;

/// Largest request body that is read and dropped, in bytes.
const BODY_LIMIT: u64 = 8 * 1024 * 1024;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// An exchange that is not over. Dropping it writes the entry of one that was abandoned.
pub(crate) struct Exchanging {
    begun: Begun,
    hold: Hold,
    body: Option<Incoming>,
    body_bytes: u64,
    ended: bool,
}

/// What is known of an exchange from its head on.
struct Begun {
    worker: Rc<Worker>,
    connection: Rc<Connection>,
    /// The request's map, emptied: hyper hands the response's map to the next request in turn,
    /// so that none is allocated.
    headers: HeaderMap,
    version: Version,
    position: usize,
    id: u64,
    received_ns: u64,
    draw: Draw,
    /// The first on its connection.
    opened: bool,
}

impl Begun {
    /// When the answer is due by its draw.
    fn due_ns(&self) -> u64 {
        self.received_ns.saturating_add(nanos(self.draw.delay))
    }

    /// How much of the time until `now` a scheduled stall has taken. A request that never gets an
    /// answer is not kept from it.
    fn stalled_ns(&self, now: u64) -> u64 {
        if self.draw.fault == Some(FaultKind::Hang) {
            return 0;
        }
        let due_ns = self.due_ns();
        let release_ns = self.worker.shared.stalls.release_ns(self.position, due_ns);
        release_ns.min(now).saturating_sub(due_ns)
    }
}

/// How the delay passes.
enum Hold {
    /// It has; so long was it held, in ns.
    Over(u64),
    /// Not asked for yet.
    Due,
    Queued(Ticket),
    Sleeping(Pin<Box<Sleep>>),
    /// No answer ever.
    Hang,
}

impl Exchanging {
    /// Draws what the id meets, and answers at once if that is no wait.
    pub(crate) fn begin(
        worker: Rc<Worker>,
        connection: Rc<Connection>,
        position: usize,
        id: u64,
        request: Request<Incoming>,
    ) -> Reply {
        let received_ns = now_ns();
        worker.probe(received_ns);
        worker.shared.stalls.received(id, received_ns);
        let draw = worker.shared.draw(position, id);
        let counters = &worker.counters().upstreams[position];
        counters.received.add();
        if let Some(kind) = draw.fault {
            counters.fault(kind);
        }
        let (head, body) = request.into_parts();
        let mut headers = head.headers;
        headers.clear();
        let opened = connection.open();
        let begun = Begun {
            worker,
            connection,
            headers,
            version: head.version,
            position,
            id,
            received_ns,
            draw,
            opened,
        };
        let hold = match draw {
            Draw { fault: Some(FaultKind::Hang), .. } => Hold::Hang,
            // A stall holds back what has no delay of its own, too.
            Draw { delay: Duration::ZERO, .. }
                if begun.worker.shared.stalls.release_ns(position, received_ns) == received_ns =>
            {
                Hold::Over(0)
            }
            _ => Hold::Due,
        };
        let body = (!body.is_end_stream()).then_some(body);
        begun.connection.enter(if body.is_some() { Stage::Body } else { Stage::Hold });
        let mut exchanging = Self { begun, hold, body, body_bytes: 0, ended: false };
        match (&exchanging.hold, &exchanging.body) {
            (Hold::Over(_), None) => Reply::Now(Some(exchanging.answer(0, received_ns))),
            _ => Reply::Later(exchanging),
        }
    }

    /// Ready with the response once the delay has passed and the request's body has been read.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Response<Answer>> {
        let held = self.poll_hold(cx);
        match self.poll_body(cx) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(status)) => return Poll::Ready(self.refuse(status)),
            Poll::Pending => return Poll::Pending,
        }
        match held {
            Poll::Ready((held_ns, now)) => Poll::Ready(self.answer(held_ns, now)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Ready with the time held and the time it is now, ns.
    ///
    /// The delay ends when it is over *here*, not when the queue noticed: what a busy event loop
    /// adds is part of how long the response was kept. Waiting for a client's body is not.
    fn poll_hold(&mut self, cx: &mut Context<'_>) -> Poll<(u64, u64)> {
        let Begun { worker, received_ns, position, .. } = &self.begun;
        let due_ns = self.begun.due_ns();
        loop {
            let passed = match &mut self.hold {
                Hold::Over(held_ns) => return Poll::Ready((*held_ns, now_ns())),
                Hold::Hang => return Poll::Pending,
                Hold::Queued(ticket) => worker.queue.poll(ticket, cx),
                Hold::Sleeping(sleep) => sleep.as_mut().poll(cx),
                Hold::Due => Poll::Ready(()),
            };
            if passed.is_pending() {
                return Poll::Pending;
            }
            let now = now_ns();
            // A stall shows only once the window has begun, which may be after this was queued.
            let deadline_ns = worker.shared.stalls.release_ns(*position, due_ns);
            if now >= deadline_ns {
                self.hold = Hold::Over(now - received_ns);
                return Poll::Ready((now - received_ns, now));
            }
            self.hold = if worker.shared.timer == Timer::Tokio {
                let left = Duration::from_nanos(deadline_ns - now);
                Hold::Sleeping(Box::pin(tokio::time::sleep(left)))
            } else {
                Hold::Queued(worker.queue.insert(deadline_ns, now, cx.waker().clone()))
            };
        }
    }

    /// Ready once the request's body has been read, or with the status that refuses it.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StatusCode>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(Ok(()));
        };
        if body.size_hint().lower() > BODY_LIMIT {
            return Poll::Ready(Err(StatusCode::PAYLOAD_TOO_LARGE));
        }
        loop {
            match pin!(&mut *body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    let bytes = frame.data_ref().map_or(0, Buf::remaining);
                    self.body_bytes += bytes as u64;
                    if self.body_bytes > BODY_LIMIT {
                        return Poll::Ready(Err(StatusCode::PAYLOAD_TOO_LARGE));
                    }
                }
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(StatusCode::BAD_REQUEST)),
                Poll::Ready(None) => {
                    self.body = None;
                    self.begun.connection.enter(Stage::Hold);
                    return Poll::Ready(Ok(()));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// The answer that was drawn.
    fn answer(&mut self, held_ns: u64, now: u64) -> Response<Answer> {
        let Begun { worker, connection, version, position, id, draw, .. } = &self.begun;
        let status = match draw.fault {
            Some(FaultKind::Status(status)) => StatusCode::from_u16(status).unwrap_or_default(),
            _ => StatusCode::OK,
        };
        let body = if has_no_body(status) {
            Answer::empty()
        } else {
            let json = worker.templates[*position].body(*id, draw.body_bytes as usize);
            Answer::json(json, worker.upstream(*position).framing)
        };
        // To HTTP/1.0 only the connection's end tells the end of a body without a length.
        let endless = matches!(body, Answer::Chunked { .. }) && *version == Version::HTTP_10;
        let answered = connection.answer();
        let spent = worker.upstream(*position).close_after.is_some_and(|n| answered >= n.get());
        let requested_ns = nanos(draw.delay);
        let stalled_ns = self.begun.stalled_ns(now);
        let mut response = self.respond(status, body);
        let timing = server_timing(requested_ns, stalled_ns, held_ns);
        response.headers_mut().insert(SERVER_TIMING, timing);
        if spent || endless {
            self.close_after(&mut response);
        }
        self.end(Fate::Answered, status.as_u16(), held_ns, now);
        response
    }

    /// Ends an exchange whose request cannot be read to its end. It is not held at all, and its
    /// entry says that nothing was asked of the delay queue.
    fn refuse(&mut self, status: StatusCode) -> Response<Answer> {
        self.leave_queue();
        self.begun.draw.delay = Duration::ZERO;
        let mut response = self.respond(status, Answer::empty());
        self.close_after(&mut response);
        self.end(Fate::Answered, status.as_u16(), 0, now_ns());
        response
    }

    fn respond(&mut self, status: StatusCode, body: Answer) -> Response<Answer> {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = std::mem::take(&mut self.begun.headers);
        response.headers_mut().insert(CONTENT_TYPE, JSON);
        response
    }

    /// Has the connection closed after this response. One of version 1.1 would not do for a
    /// client of 1.0 that asked to keep it: hyper grants that beside our `close`.
    fn close_after(&self, response: &mut Response<Answer>) {
        response.headers_mut().insert(CONNECTION, CLOSE);
        *response.version_mut() = self.begun.version;
    }

    fn leave_queue(&mut self) {
        if let Hold::Queued(ticket) = std::mem::replace(&mut self.hold, Hold::Hang) {
            self.begun.worker.queue.cancel(ticket);
        }
    }

    fn end(&mut self, fate: Fate, status: u16, held_ns: u64, now: u64) {
        debug_assert!(!self.ended, "an exchange ends once");
        self.ended = true;
        let Begun { worker, connection, position, id, received_ns, draw, opened, .. } = &self.begun;
        connection.enter(Stage::Head);
        worker.ended(Exchange {
            id: *id,
            received_ns: *received_ns,
            ended_ns: now,
            requested_ns: nanos(draw.delay),
            queued_ns: 0,
            stalled_ns: if held_ns == 0 { 0 } else { self.begun.stalled_ns(now) },
            held_ns,
            upstream: *position as u8,
            fate,
            status,
            opened: *opened,
        });
    }
}

impl Drop for Exchanging {
    fn drop(&mut self) {
        self.leave_queue();
        if self.ended {
            return;
        }
        let now = now_ns();
        let stopping = self.begun.worker.stopping.get();
        let fate = if stopping { Fate::Pending } else { Fate::Abandoned };
        self.end(fate, 0, now - self.begun.received_ns, now);
    }
}

/// Whether HTTP forbids a body with this status.
fn has_no_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
