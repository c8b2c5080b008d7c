//! Response bodies: a JSON document of exactly the size asked for, without building it.
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

const PAD_OPEN: &[u8] = b",\"pad\":\"";
const PAD_CLOSE: &[u8] = b"\"}";
/// Longest decimal u64.
const DIGITS: usize = 20;
/// The digits, then what opens the pad, or up to as many spaces and the closing brace.
const MIDDLE: usize = DIGITS + PAD_OPEN.len() + PAD_CLOSE.len();

/// What the bodies of one upstream share.
pub(crate) struct Template {
    bytes: usize,
    /// `{"upstream":"api1","id":`
    prefix: Box<[u8]>,
    /// `xxxx…"}`, as long as any id may need; a body takes its end.
    pad: Box<[u8]>,
}

impl Template {
    /// Bodies of `bytes` bytes, or of as many as name and id need.
    pub(crate) fn new(name: &str, bytes: usize) -> Self {
        // Names are letters, digits, `_` and `-`; serde_json quotes whatever else comes.
        let quoted = serde_json::Value::from(name).to_string();
        let prefix = format!("{{\"upstream\":{quoted},\"id\":").into_bytes().into_boxed_slice();
        let mut pad = vec![b'x'; bytes.saturating_sub(prefix.len())];
        pad.extend_from_slice(PAD_CLOSE);
        Self { bytes, prefix, pad: pad.into_boxed_slice() }
    }

    /// The body for an id.
    pub(crate) fn body(self: &Rc<Self>, id: u64) -> Json {
        let mut middle = [b' '; MIDDLE];
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(id).as_bytes();
        middle[..digits.len()].copy_from_slice(digits);
        let bare = self.prefix.len() + digits.len();
        let least_padded = bare + PAD_OPEN.len() + PAD_CLOSE.len();
        let (middle_len, pad_len);
        if self.bytes >= least_padded {
            middle_len = digits.len() + PAD_OPEN.len();
            middle[digits.len()..middle_len].copy_from_slice(PAD_OPEN);
            pad_len = self.bytes - least_padded + PAD_CLOSE.len();
        } else {
            // Too little room for a pad: spaces, which JSON ignores.
            middle_len = digits.len() + self.bytes.saturating_sub(bare).max(1);
            middle[middle_len - 1] = b'}';
            pad_len = 0;
        }
        let len = self.prefix.len() + middle_len + pad_len;
        Json { template: Rc::clone(self), middle, middle_len, len, at: 0 }
    }
}

/// One such document, or what is left of it to send.
pub(crate) struct Json {
    template: Rc<Template>,
    middle: [u8; MIDDLE],
    middle_len: usize,
    len: usize,
    at: usize,
}

impl Json {
    /// The three pieces, less what has been sent.
    fn pieces(&self) -> [&[u8]; 3] {
        let Template { prefix, pad, .. } = &*self.template;
        let pad_len = self.len - prefix.len() - self.middle_len;
        let mut pieces = [prefix, &self.middle[..self.middle_len], &pad[pad.len() - pad_len..]];
        let mut skip = self.at;
        for piece in &mut pieces {
            let cut = skip.min(piece.len());
            *piece = &piece[cut..];
            skip -= cut;
        }
        pieces
    }
}

impl Buf for Json {
    fn remaining(&self) -> usize {
        self.len - self.at
    }

    fn chunk(&self) -> &[u8] {
        self.pieces().into_iter().find(|piece| !piece.is_empty()).unwrap_or_default()
    }

    fn advance(&mut self, sent: usize) {
        debug_assert!(sent <= self.remaining(), "no more can be sent than there is");
        self.at += sent;
    }

    fn chunks_vectored<'a>(&'a self, into: &mut [IoSlice<'a>]) -> usize {
        let pieces = self.pieces().into_iter().filter(|piece| !piece.is_empty());
        let mut used = 0;
        for (slot, piece) in into.iter_mut().zip(pieces) {
            *slot = IoSlice::new(piece);
            used += 1;
        }
        used
    }
}

/// What a response carries, in one frame.
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

/// A response's body. Its length is known, so the server states it (`Content-Length`); chunked
/// bodies would be another variant here, one that does not know it.
pub(crate) struct Answer(Option<Content>);

impl Answer {
    pub(crate) fn json(json: Json) -> Self {
        Self(Some(Content::Json(json)))
    }

    pub(crate) fn page(page: impl Into<Bytes>) -> Self {
        Self(Some(Content::Page(page.into())))
    }

    pub(crate) fn empty() -> Self {
        Self(None)
    }
}

impl Body for Answer {
    type Data = Content;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Content>, Infallible>>> {
        Poll::Ready(self.0.take().map(|content| Ok(Frame::data(content))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |content| content.remaining() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(template: &Rc<Template>, id: u64) -> String {
        let mut json = template.body(id);
        let bytes = json.copy_to_bytes(json.remaining());
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn every_size_is_met_exactly_with_valid_json() {
        for id in [0, 7, 1_234, u64::MAX] {
            let least = format!("{{\"upstream\":\"api1\",\"id\":{id}}}").len();
            for bytes in (0..200).chain([1_024, 65_536]) {
                let text = text(&Rc::new(Template::new("api1", bytes)), id);
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
        let whole = text(&template, 42);
        for step in 1..=100 {
            let mut json = template.body(42);
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
}
