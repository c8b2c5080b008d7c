//! What charts say: titles, notes and tables that several of them share.
//!
//! Everything is plain text, not yet escaped. Deliberately not here: where it is written, and the
//! report's findings, which claim more than a title does.

pub(crate) mod notes;
pub(crate) mod over_sweep;
pub(crate) mod table;
pub(crate) mod takeaway;
pub(crate) mod words;
