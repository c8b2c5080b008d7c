//! Response bodies: a JSON document of exactly the size asked for, without building it, sent
//! whole or in chunks.
//!
//! `{"upstream":"api1","id":123,"pad":"xxxx…"}`: only the id differs between two responses, so
//! the rest is kept once per upstream and a response carries its digits and a position. The id
//! is there so that a client that mixes up two answers is caught.

use std::convert::Infallible;
use std::io::IoSlice;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use scenario::Framing;

const PAD_OPEN: &[u8] = b",\"pad\":\"";
const PAD_CLOSE: &[u8] = b"\"}";
/// Largest chunk, in bytes: what servers commonly buffer. Smaller bodies go in two chunks.
const CHUNK_BYTES: usize = 16 * 1024;
/// Longest decimal u64.
const DIGITS: usize = 20;
/// The digits, then what opens the pad, or up to as many spaces and the closing brace.
const MIDDLE: usize = DIGITS + PAD_OPEN.len() + PAD_CLOSE.len();

/// What the bodies of one upstream share.
pub(crate) struct Template {
    largest_bytes: usize,
    /// `{"upstream":"api1","id":`
    prefix: Box<[u8]>,
    /// `xxxx…"}`, as long as the largest body may need; a body takes its end.
    pad: Box<[u8]>,
}

impl Template {
    /// For bodies of `largest_bytes` bytes at most, or of as many as name and id need.
    pub(crate) fn new(name: &str, largest_bytes: usize) -> Self {
        // Names are letters, digits, `_` and `-`; serde_json quotes whatever else comes.
        let quoted = serde_json::Value::from(name).to_string();
        let prefix = format!("{{\"upstream\":{quoted},\"id\":").into_bytes().into_boxed_slice();
        let mut pad = vec![b'x'; largest_bytes.saturating_sub(prefix.len())];
        pad.extend_from_slice(PAD_CLOSE);
        Self { largest_bytes, prefix, pad: pad.into_boxed_slice() }
    }

    /// The body of `bytes` bytes for an id.
    pub(crate) fn body(self: &Rc<Self>, id: u64, bytes: usize) -> Json {
        debug_assert!(bytes <= self.largest_bytes, "{bytes} bytes are more than the largest body");
        let bytes = bytes.min(self.largest_bytes);
        let mut middle = [b' '; MIDDLE];
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(id).as_bytes();
        middle[..digits.len()].copy_from_slice(digits);
        let bare = self.prefix.len() + digits.len();
        let least_padded = bare + PAD_OPEN.len() + PAD_CLOSE.len();
        let (middle_len, pad_len);
        if bytes >= least_padded {
            middle_len = digits.len() + PAD_OPEN.len();
            middle[digits.len()..middle_len].copy_from_slice(PAD_OPEN);
            pad_len = bytes - least_padded + PAD_CLOSE.len();
        } else {
            // Too little room for a pad: spaces, which JSON ignores.
            middle_len = digits.len() + bytes.saturating_sub(bare).max(1);
            middle[middle_len - 1] = b'}';
            pad_len = 0;
        }
        let len = self.prefix.len() + middle_len + pad_len;
        Json { template: Rc::clone(self), middle, middle_len, len, at: 0, end: len }
    }
}

/// One such document, or the part of it that is to be sent: bytes `at..end` of `len`.
#[derive(Clone)]
pub(crate) struct Json {
    template: Rc<Template>,
    middle: [u8; MIDDLE],
    middle_len: usize,
    len: usize,
    at: usize,
    end: usize,
}

impl Json {
    /// Takes the first `bytes` of what is left.
    fn split_to(&mut self, bytes: usize) -> Self {
        debug_assert!(bytes <= self.remaining(), "no more can be taken than there is");
        let first = Self { end: self.at + bytes, ..self.clone() };
        self.at = first.end;
        first
    }

    /// The bytes from `at` on that lie in one piece; none at the end.
    fn run(&self, at: usize) -> &[u8] {
        let Template { prefix, pad, .. } = &*self.template;
        let pad_start = prefix.len() + self.middle_len;
        let (piece, start) = if at < prefix.len() {
            (&**prefix, 0)
        } else if at < pad_start {
            (&self.middle[..self.middle_len], prefix.len())
        } else {
            (&pad[pad.len() - (self.len - pad_start)..], pad_start)
        };
        &piece[at - start..piece.len().min(self.end - start)]
    }
}

impl Buf for Json {
    fn remaining(&self) -> usize {
        self.end - self.at
    }

    fn chunk(&self) -> &[u8] {
        self.run(self.at)
    }

    fn advance(&mut self, sent: usize) {
        debug_assert!(sent <= self.remaining(), "no more can be sent than there is");
        self.at += sent;
    }

    fn chunks_vectored<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        let (mut at, mut used) = (self.at, 0);
        while let (Some(slot), true) = (into.get_mut(used), at < self.end) {
            let run = self.run(at);
            *slot = IoSlice::new(run);
            at += run.len();
            used += 1;
        }
        used
    }
}

/// What a frame carries.
pub(crate) enum Content {
    Json(Json),
    Page(Bytes),
}

impl Buf for Content {
    fn remaining(&self) -> usize {
        match self {
            Self::Json(json) => json.remaining(),
            Self::Page(page) => page.remaining(),
        }
    }

    fn chunk(&self) -> &[u8] {
        match self {
            Self::Json(json) => json.chunk(),
            Self::Page(page) => page.chunk(),
        }
    }

    fn advance(&mut self, sent: usize) {
        match self {
            Self::Json(json) => json.advance(sent),
            Self::Page(page) => page.advance(sent),
        }
    }

    fn chunks_vectored<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        match self {
            Self::Json(json) => json.chunks_vectored(into),
            Self::Page(page) => page.chunks_vectored(into),
        }
    }
}

/// A response's body.
pub(crate) enum Answer {
    /// One frame whose length is known, so that the server states it (`Content-Length`).
    Whole(Option<Content>),
    /// Frames of so many bytes at most, each a chunk: how many follow is not told.
    Chunked { left: Json, chunk_bytes: usize },
}

impl Answer {
    pub(crate) fn json(json: Json, framing: Framing) -> Self {
        match framing {
            Framing::ContentLength => Self::Whole(Some(Content::Json(json))),
            Framing::Chunked => {
                let chunk_bytes = json.remaining().div_ceil(2).min(CHUNK_BYTES);
                Self::Chunked { left: json, chunk_bytes }
            }
        }
    }

    pub(crate) fn page(page: impl Into<Bytes>) -> Self {
        Self::Whole(Some(Content::Page(page.into())))
    }

    pub(crate) fn empty() -> Self {
        Self::Whole(None)
    }

    fn next(&mut self) -> Option<Content> {
        match self {
            Self::Whole(content) => content.take(),
            Self::Chunked { left, chunk_bytes } => {
                let bytes = left.remaining().min(*chunk_bytes);
                (bytes > 0).then(|| Content::Json(left.split_to(bytes)))
            }
        }
    }
}

impl Body for Answer {
    type Data = Content;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Content>, Infallible>>> {
        Poll::Ready(self.next().map(|content| Ok(Frame::data(content))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(content) => content.is_none(),
            Self::Chunked { left, .. } => !left.has_remaining(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(content) => SizeHint::with_exact(
                content.as_ref().map_or(0, |content| content.remaining() as u64),
            ),
            Self::Chunked { .. } => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(template: &Rc<Template>, id: u64, bytes: usize) -> String {
        let mut json = template.body(id, bytes);
        let bytes = json.copy_to_bytes(json.remaining());
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn every_size_is_met_exactly_with_valid_json() {
        for id in [0, 7, 1_234, u64::MAX] {
            let least = format!("{{\"upstream\":\"api1\",\"id\":{id}}}").len();
            let large = Rc::new(Template::new("api1", 65_536));
            for bytes in (0..200).chain([1_024, 65_536]) {
                let text = text(&Rc::new(Template::new("api1", bytes)), id, bytes);
                assert_eq!(text, self::text(&large, id, bytes), "others may be larger");
                assert_eq!(text.len(), bytes.max(least), "{text}");
                let value: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert_eq!(value["upstream"], "api1");
                assert_eq!(value["id"], id);
            }
        }
    }

    #[test]
    fn sending_it_in_bits_gives_the_same_bytes() {
        let template = Rc::new(Template::new("api1", 100));
        let whole = text(&template, 42, 100);
        for step in 1..=100 {
            let mut json = template.body(42, 100);
            let mut sent = Vec::new();
            while json.has_remaining() {
                let mut slices = [IoSlice::new(&[]); 4];
                let used = json.chunks_vectored(&mut slices);
                let vectored: usize = slices[..used].iter().map(|slice| slice.len()).sum();
                assert_eq!(vectored, json.remaining());
                let n = json.chunk().len().min(step);
                sent.extend_from_slice(&json.chunk()[..n]);
                json.advance(n);
            }
            assert_eq!(String::from_utf8(sent).unwrap(), whole);
        }
    }

    #[test]
    fn chunks_make_up_the_whole() {
        for bytes in [0, 30, 31, 100, 2 * CHUNK_BYTES - 1, 2 * CHUNK_BYTES + 1, 100_000] {
            let template = Rc::new(Template::new("api1", bytes));
            let whole = text(&template, 42, bytes);
            let mut answer = Answer::json(template.body(42, bytes), Framing::Chunked);
            assert_eq!(answer.size_hint().exact(), None);
            let (mut sent, mut chunks) = (Vec::new(), 0);
            while let Some(mut chunk) = answer.next() {
                assert!((1..=CHUNK_BYTES).contains(&chunk.remaining()));
                let bytes = chunk.copy_to_bytes(chunk.remaining());
                sent.extend_from_slice(&bytes);
                chunks += 1;
            }
            assert!(answer.is_end_stream() && chunks >= 2);
            assert_eq!(String::from_utf8(sent).unwrap(), whole);
        }
    }
}
