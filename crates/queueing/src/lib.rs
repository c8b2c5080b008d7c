//! Queues with known answers: exact recursions, and the formulas of queueing theory.
//!
//! ```text
//! recursion  [`fifo`]                    start and end of every job, from arrivals and service times
//!            [`closed`]                  the same where each end lets the next request in
//! formula    [`Mmc`]                     Erlang C: Poisson arrivals, exponential service, c servers
//!            [`pollaczek_khinchine`]     Poisson arrivals, any service, one server
//!            [`mva`]                     mean-value analysis of a closed network
//!            [`Max`]                     the longer of two independent waits
//! ```
//!
//! The recursions know nothing of distributions: fed with what one trial really met, they say what
//! a pool of threads must have answered, without sampling noise. The formulas say what the
//! recursions must approach over many draws; that is how both are tested.
//!
//! Pure: values in, values out. Deliberately not here: random numbers, latency laws (any function
//! will do), measurements, I/O.

mod closed_loop;
mod maximum;
mod mean_value;
mod mmc;
mod recursion;

pub use closed_loop::closed;
pub use maximum::Max;
pub use mean_value::{Closed, mva};
pub use mmc::{Mmc, pollaczek_khinchine};
pub use recursion::{Request, Servers, Span, fifo, pairs};
