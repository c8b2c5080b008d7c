//! When a sampled request passed which point, as the client stamps it while the request runs.
//!
//! Times are nanoseconds of CLOCK_MONOTONIC; 0 says that the point was not reached. Deliberately
//! not here: what lies between two points, which is worked out after the trial.

/// The points of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestStamps {
    /// The request's own unit ran its first instruction; 0 where the model starts none.
    pub began_ns: u64,
    /// The unit that combines had both answers in hand.
    pub joined_ns: u64,
    /// Its two fetches.
    pub legs: [LegStamps; 2],
}

/// The points of one fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LegStamps {
    /// The fetch began, in its own thread, job or task.
    pub began_ns: u64,
    /// It had a connection, kept or newly opened.
    pub connected_ns: u64,
    /// It ran again, and what it then read held the head of the answer.
    pub woken_ns: u64,
    /// It had the whole body, and had given its connection back.
    pub ended_ns: u64,
}

/// Stamps of one in `every` of the window's requests: those of ids 0, `every`, 2 × `every`, ….
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sample {
    /// Distance between sampled ids; 0: none was sampled.
    pub every: u64,
    /// The stamps, in the order of ids.
    pub stamps: Vec<RequestStamps>,
}

impl RequestStamps {
    /// 64-bit words of encoded stamps.
    pub const WORDS: usize = 2 + 2 * LegStamps::WORDS;

    /// The stamps behind their words: `began`, `joined`, then the legs' points in order.
    pub fn from_words(words: &[u64; Self::WORDS]) -> Self {
        let leg = |at: usize| LegStamps {
            began_ns: words[at],
            connected_ns: words[at + 1],
            woken_ns: words[at + 2],
            ended_ns: words[at + 3],
        };
        Self { began_ns: words[0], joined_ns: words[1], legs: [leg(2), leg(2 + LegStamps::WORDS)] }
    }
}

impl LegStamps {
    /// 64-bit words of a fetch's points.
    pub const WORDS: usize = 4;
}

impl Sample {
    /// The sampled requests, each with its window id.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &RequestStamps)> {
        (0_u64..).step_by(self.every.max(1) as usize).zip(&self.stamps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_in_their_order() {
        let words = std::array::from_fn(|at| at as u64);
        let stamps = RequestStamps::from_words(&words);
        assert_eq!((stamps.began_ns, stamps.joined_ns), (0, 1));
        let [first, second] = stamps.legs;
        assert_eq!(
            [first.began_ns, first.connected_ns, first.woken_ns, first.ended_ns],
            [2, 3, 4, 5]
        );
        assert_eq!((second.began_ns, second.ended_ns), (6, 9));
    }

    #[test]
    fn ids_are_so_far_apart() {
        let sample = Sample { every: 4, stamps: vec![RequestStamps::default(); 3] };
        assert!(sample.iter().map(|(id, _)| id).eq([0, 4, 8]));
    }
}
