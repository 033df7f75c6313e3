//! The log filter, which can be replaced for some time while the process runs.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use thiserror::Error;
use tokio::{task::AbortHandle, time::sleep};
use tracing_subscriber::{
    EnvFilter, Registry,
    reload::{self, Handle},
};

use crate::telemetry::traces::SPAN_TARGET;

/// The time after which the configured filter is restored.
const REPLACEMENT_DURATION: Duration = Duration::from_mins(15);
/// The maximum length of a filter, in bytes.
const MAX_LENGTH: usize = 1024;

/// The log filter of a process.
pub(crate) struct LogFilter {
    handle: Handle<EnvFilter, Registry>,
    configured: String,
    replacement: Mutex<Option<Replacement>>,
}

/// A filter that replaces the configured one.
struct Replacement {
    text: String,
    /// The task that restores the configured filter.
    expiry: AbortHandle,
}

/// A text that is not a log filter.
#[derive(Debug, Error)]
pub(crate) enum InvalidFilter {
    #[error("must have 1 to {MAX_LENGTH} characters")]
    Length,
    #[error("is not a filter like `info,sqlx=debug`")]
    Syntax,
}

impl LogFilter {
    /// The layer of the configured filter, and the handle that replaces it.
    pub(super) fn layer(configured: &str) -> (reload::Layer<EnvFilter, Registry>, Self) {
        let (layer, handle) = reload::Layer::new(EnvFilter::new(complete(configured)));
        let filter = Self {
            handle,
            configured: configured.to_owned(),
            replacement: Mutex::default(),
        };
        (layer, filter)
    }

    /// Returns the current filter.
    pub(crate) fn text(&self) -> String {
        let replacement = self.lock();
        let text = replacement.as_ref().map(|replacement| &replacement.text);
        text.unwrap_or(&self.configured).clone()
    }

    /// Replaces the filter for 15 minutes.
    pub(crate) fn replace(&'static self, text: &str) -> Result<(), InvalidFilter> {
        let text = text.trim();
        if text.is_empty() || text.len() > MAX_LENGTH {
            return Err(InvalidFilter::Length);
        }
        // Regular expressions on the fields of spans would cost time for each span.
        let builder = EnvFilter::builder().with_regex(false);
        let filter = builder.parse(complete(text));
        let filter = filter.map_err(|_| InvalidFilter::Syntax)?;
        let expiry = tokio::spawn(async move {
            sleep(REPLACEMENT_DURATION).await;
            self.restore();
        });
        let replacement = Replacement {
            text: text.to_owned(),
            expiry: expiry.abort_handle(),
        };
        self.apply(filter, Some(replacement));
        tracing::info!(filter = text, "the log filter is replaced for 15 minutes");
        Ok(())
    }

    /// Restores the configured filter.
    pub(crate) fn restore(&self) {
        self.apply(EnvFilter::new(complete(&self.configured)), None);
        tracing::info!(
            filter = self.configured,
            "the log filter is that of the configuration"
        );
    }

    fn apply(&self, filter: EnvFilter, replacement: Option<Replacement>) {
        let mut current = self.lock();
        // Fails only if the subscriber is gone.
        let _ = self.handle.reload(filter);
        if let Some(former) = std::mem::replace(&mut *current, replacement) {
            former.expiry.abort();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Replacement>> {
        self.replacement
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds the directives that no filter may override: bodies of returned messages contain personal data, and spans
/// are no part of log lines.
fn complete(filter: &str) -> String {
    format!("{filter},lapin::returned_messages=off,{SPAN_TARGET}=off")
}
