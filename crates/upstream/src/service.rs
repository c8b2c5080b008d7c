//! What a request asks for: an upstream's answer, one of the mock's own pages, or nothing served.

use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderMap, HeaderName, HeaderValue};
use hyper::service::Service;
use hyper::{Method, Request, Response, StatusCode};

use crate::body::Answer;
use crate::connection::Connection;
use crate::exchange::Exchanging;
use crate::pages;
use crate::worker::Worker;

/// Carries a request's id, a decimal u64.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The service of one connection.
pub(crate) struct Mock {
    worker: Rc<Worker>,
    connection: Rc<Connection>,
    /// The upstream whose port this is.
    position: usize,
}

impl Mock {
    pub(crate) fn new(worker: Rc<Worker>, connection: Rc<Connection>, position: usize) -> Self {
        Self { worker, connection, position }
    }

    fn name(&self) -> &str {
        &self.worker.shared.upstreams[self.position].name
    }
}

impl Service<Request<Incoming>> for Mock {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Reply;

    fn call(&self, request: Request<Incoming>) -> Reply {
        let path = request.uri().path();
        if path.strip_prefix('/') != Some(self.name()) {
            return Reply::Now(Some(self.page(&request)));
        }
        if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
            self.worker.counters().not_found.add();
            let mut refused = pages::text(StatusCode::METHOD_NOT_ALLOWED, "no such method here\n");
            let allowed = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            refused.headers_mut().insert(ALLOW, allowed);
            return Reply::Now(Some(refused));
        }
        let id = match request_id(request.headers()) {
            Ok(Some(id)) => id,
            Ok(None) => self.worker.shared.next_id(self.position),
            Err(()) => {
                self.worker.counters().bad_ids.add();
                let why = "x-request-id must be one decimal number below 2^64\n";
                return Reply::Now(Some(pages::text(StatusCode::BAD_REQUEST, why)));
            }
        };
        let (worker, connection) = (Rc::clone(&self.worker), Rc::clone(&self.connection));
        Exchanging::begin(worker, connection, self.position, id, request)
    }
}

impl Mock {
    fn page(&self, request: &Request<Incoming>) -> Response<Answer> {
        let shared = &self.worker.shared;
        match request.uri().path() {
            "/" => pages::index(shared),
            "/-/health" => pages::text(StatusCode::OK, "ok\n"),
            "/-/stats" => pages::stats(&shared.stats()),
            _ => {
                self.worker.counters().not_found.add();
                pages::not_found(self.name())
            }
        }
    }
}

/// The id in the header; `None` without one; an error if it is no number, or there are several.
fn request_id(headers: &HeaderMap) -> Result<Option<u64>, ()> {
    let mut values = headers.get_all(REQUEST_ID).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let digits = value.as_bytes();
    if values.next().is_some() || digits.is_empty() {
        return Err(());
    }
    digits
        .iter()
        .try_fold(0_u64, |id, byte| {
            let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
            id.checked_mul(10)?.checked_add(digit)
        })
        .map(Some)
        .ok_or(())
}

/// A response that is due, or one that is awaited.
pub(crate) enum Reply {
    Now(Option<Response<Answer>>),
    Later(Exchanging),
}

impl Future for Reply {
    type Output = Result<Response<Answer>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Now(response) => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                None => Poll::Pending, // Polled after it was ready: a bug of the caller's.
            },
            Self::Later(exchanging) => exchanging.poll(cx).map(Ok),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_whole_decimal_numbers() {
        let parse = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(REQUEST_ID, HeaderValue::from_static(value));
            }
            request_id(&headers)
        };
        assert_eq!(parse(&[]), Ok(None));
        assert_eq!(parse(&["0"]), Ok(Some(0)));
        assert_eq!(parse(&["18446744073709551615"]), Ok(Some(u64::MAX)));
        for wrong in
            ["", "18446744073709551616", "-1", "+1", "1.0", "0x1", "1 2", "99999999999999999999999"]
        {
            assert_eq!(parse(&[wrong]), Err(()), "{wrong:?}");
        }
        assert_eq!(parse(&["1", "1"]), Err(()));
    }
}
