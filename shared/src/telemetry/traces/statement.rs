//! The spans of statements, by the semantic conventions for PostgreSQL. They have no values and no SQL.

use std::{borrow::Cow, future::Future, sync::OnceLock};

use tracing::{Instrument, Span, field::Empty};

use super::{SPAN_TARGET, is_sampled};

/// The schema of the service.
const SCHEMA: &str = "analytics_service";
/// The error type of a failure without a more precise one.
const OTHER: &str = "_OTHER";

/// The database, as `database|schema`.
static NAMESPACE: OnceLock<String> = OnceLock::new();

/// The error of a statement.
pub trait ErrorType {
    /// The SQLSTATE, if the database reported one.
    fn sqlstate(&self) -> Option<Cow<'_, str>>;
}

/// Sets the name of the database, which spans of statements have.
pub fn set_database(name: &str) {
    // All pools of a process have the same database.
    let _ = NAMESPACE.set(format!("{name}|{SCHEMA}"));
}

/// Runs a statement in a span, if the current trace is exported. `summary` is the operation with its target, as
/// `INSERT analytics_events`; `rows` is their number, for several at once.
///
/// # Errors
/// When the statement fails.
pub async fn traced_statement<T, E: ErrorType>(
    summary: &'static str,
    rows: Option<usize>,
    statement: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    if !is_sampled() {
        return statement.await;
    }
    let span = statement_span(summary);
    if let Some(rows) = rows.filter(|&rows| rows > 1) {
        span.record("db.operation.batch.size", rows);
    }
    let result = statement.instrument(span.clone()).await;
    if let Err(error) = &result {
        let sqlstate = error.sqlstate();
        span.record("error.type", sqlstate.as_deref().unwrap_or(OTHER));
        span.record("db.response.status_code", sqlstate.as_deref());
        span.record("otel.status_code", "ERROR");
    }
    result
}

fn statement_span(summary: &'static str) -> Span {
    let (operation, _) = summary.split_once(' ').unwrap_or((summary, ""));
    tracing::info_span!(
        target: SPAN_TARGET,
        "statement",
        otel.name = summary,
        otel.kind = "client",
        otel.status_code = Empty,
        db.system.name = "postgresql",
        db.namespace = NAMESPACE.get().map(String::as_str),
        db.operation.name = operation,
        db.operation.batch.size = Empty,
        db.query.summary = summary,
        db.response.status_code = Empty,
        "error.type" = Empty,
    )
}
