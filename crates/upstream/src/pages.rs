//! The mock's own pages, for people and scripts; none of them is an exchange of an upstream.

use std::fmt::Write;

use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};

use crate::body::Answer;
use crate::stats::Stats;
use crate::worker::Shared;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What is served where.
pub(crate) fn index(shared: &Shared) -> Response<Answer> {
    let mut text = String::new();
    for (upstream, address) in shared.upstreams.iter().zip(&shared.addresses) {
        let name = &upstream.name;
        let _ = write!(text, "http://{address}/{name}  {}", upstream.latency.describe());
        let _ = write!(text, ", body {}", upstream.body.describe());
        for words in upstream.manners() {
            let _ = write!(text, ", {words}");
        }
        for fault in &upstream.faults {
            let percent = fault.rate * 100.0;
            let _ = match fault.kind {
                scenario::FaultKind::Status(status) => {
                    write!(text, ", {percent} % status {status}")
                }
                scenario::FaultKind::Hang => write!(text, ", {percent} % never answered"),
            };
        }
        text.push('\n');
    }
    text.push_str("/-/health  /-/stats\n");
    self::text(StatusCode::OK, text)
}

/// The ledger.
pub(crate) fn stats(stats: &Stats) -> Response<Answer> {
    let document = serde_json::to_vec_pretty(stats).unwrap_or_default();
    page(StatusCode::OK, JSON, Answer::page(document))
}

/// Nothing here, and what would be.
pub(crate) fn not_found(name: &str) -> Response<Answer> {
    text(StatusCode::NOT_FOUND, format!("this port serves /{name}; / lists everything\n"))
}

/// A line or more of text.
pub(crate) fn text(status: StatusCode, text: impl Into<bytes::Bytes>) -> Response<Answer> {
    page(status, TEXT, Answer::page(text))
}

fn page(status: StatusCode, kind: HeaderValue, body: Answer) -> Response<Answer> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
