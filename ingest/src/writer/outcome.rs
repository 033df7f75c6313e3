//! The outcome of a submitted fact.

/// The outcome of a submitted fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Inserted by this submission.
    Stored,
    /// Stored before, or by an earlier submission of the same batch.
    Duplicate,
    /// The database rejects a value; every further attempt fails as well.
    Invalid,
    /// The database is unavailable, or the commit was not confirmed; the fact can be submitted again.
    Unavailable,
    /// An internal error, which has been logged.
    Failed,
}
