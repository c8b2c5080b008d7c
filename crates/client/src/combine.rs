//! The work a request does with its two answers: parse both, make one document.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cell::RefCell;

use measurement::record::LegOutcome;

use crate::http::Fetched;

/// An upstream's answer.
#[derive(Debug, Deserialize, Serialize, PartialEq)]
struct Answer<'a> {
    #[serde(borrow)]
    upstream: Cow<'a, str>,
    id: u64,
    #[serde(borrow, default)]
    pad: Cow<'a, str>,
}

/// The combined document.
#[derive(Debug, Serialize)]
struct Combined<'a> {
    data1: Part<'a>,
    data2: Part<'a>,
}

/// One half of it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Part<'a> {
    Data(Answer<'a>),
    Error { error: &'static str },
}

/// Parses both answers to `id` and serialises one document; an answer that cannot be used becomes
/// `{"error": …}`, and its leg's outcome says why. `read` sees the document.
pub(crate) fn combine<R>(
    names: [&str; 2],
    id: u64,
    fetched: &mut [Fetched; 2],
    read: impl FnOnce(&[u8]) -> R,
) -> R {
    thread_local! {
        static DOCUMENT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    let [first, second] = fetched;
    let combined = Combined { data1: part(names[0], id, first), data2: part(names[1], id, second) };
    DOCUMENT.with_borrow_mut(|document| {
        document.clear();
        // Strings and numbers into memory: nothing that can fail.
        let written = serde_json::to_writer(&mut *document, &combined);
        debug_assert!(written.is_ok(), "{written:?}");
        read(document)
    })
}

fn part<'a>(name: &str, id: u64, fetched: &'a mut Fetched) -> Part<'a> {
    if fetched.leg.outcome.is_fetched() {
        match serde_json::from_slice::<Answer<'a>>(&fetched.body) {
            Ok(answer) if answer.id == id && answer.upstream == name => return Part::Data(answer),
            Ok(_) => fetched.leg.outcome = LegOutcome::Mismatch,
            Err(_) => fetched.leg.outcome = LegOutcome::Malformed,
        }
    }
    Part::Error { error: fetched.leg.outcome.name() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &'static str) -> Fetched {
        Fetched { body: text.into(), ..Fetched::default() }
    }

    fn document(id: u64, mut fetched: [Fetched; 2]) -> (String, [LegOutcome; 2]) {
        let text = combine(["a", "b"], id, &mut fetched, |json| {
            String::from_utf8_lossy(json).into_owned()
        });
        (text, fetched.map(|f| f.leg.outcome))
    }

    #[test]
    fn both_answers_become_one_document() {
        let (text, outcomes) = document(
            7,
            [
                answer(r#"{"upstream":"a","id":7,"pad":"x\n"}"#),
                answer(r#"{"upstream":"b","id":7}"#),
            ],
        );
        assert_eq!(
            text,
            r#"{"data1":{"upstream":"a","id":7,"pad":"x\n"},"data2":{"upstream":"b","id":7,"pad":""}}"#
        );
        assert_eq!(outcomes, [LegOutcome::Fetched; 2]);
    }

    #[test]
    fn a_failed_fetch_degrades_its_half_only() {
        let (text, _) = document(
            7,
            [answer(r#"{"upstream":"a","id":7}"#), Fetched::failed(LegOutcome::Timeout)],
        );
        assert_eq!(
            text,
            r#"{"data1":{"upstream":"a","id":7,"pad":""},"data2":{"error":"timeout"}}"#
        );
    }

    #[test]
    fn answers_that_cannot_be_used_are_errors() {
        let (text, outcomes) =
            document(7, [answer(r#"{"upstream":"a","id":8}"#), answer("<html>")]);
        assert_eq!(text, r#"{"data1":{"error":"mismatch"},"data2":{"error":"malformed"}}"#);
        assert_eq!(outcomes, [LegOutcome::Mismatch, LegOutcome::Malformed]);
    }
}
