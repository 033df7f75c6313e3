//! The number of connections that a listener keeps open.

use std::{io, sync::Arc};

use metrics::Gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::telemetry::http_metrics;

/// File descriptors reserved for everything else: the management listener, databases, brokers, files, logs.
const RESERVED_DESCRIPTORS: u64 = 256;

/// A limit on open connections.
#[derive(Clone)]
pub(super) struct ConnectionLimit {
    permits: Arc<Semaphore>,
    max: usize,
    open: Gauge,
}

/// Counts one connection as open until it is dropped.
pub(super) struct ConnectionPermit {
    _permit: OwnedSemaphorePermit,
    open: Gauge,
}

impl ConnectionLimit {
    /// A limit of `configured` connections, or of fewer where the process may not open as many files.
    ///
    /// # Errors
    /// When the limit of file descriptors cannot be read.
    pub(super) fn within_descriptors(configured: u32) -> io::Result<Self> {
        // The soft limit is low for programs that use `select`.
        let descriptors = rlimit::increase_nofile_limit(u64::MAX)?;
        let possible = descriptors
            .saturating_sub(RESERVED_DESCRIPTORS)
            .max(descriptors / 2);
        if possible < configured.into() {
            tracing::warn!(
                descriptors,
                connections = possible,
                "fewer connections than HTTP_MAX_CONNECTIONS: the limit of file descriptors is too low"
            );
        }
        let max = usize::try_from(possible.min(configured.into())).unwrap_or(usize::MAX);
        Ok(Self::new(max, http_metrics::connections()))
    }

    /// A limit of `max` connections, which `open` counts.
    pub(super) fn new(max: usize, open: Gauge) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(max)),
            max,
            open,
        }
    }

    /// The maximum number of connections.
    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// Returns whether less than a tenth of the permits is free.
    pub(super) fn is_nearly_reached(&self) -> bool {
        self.permits.available_permits() < self.max / 10
    }

    /// A permit, if one is free.
    pub(super) fn try_acquire(&self) -> Option<ConnectionPermit> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        self.open.increment(1.0);
        Some(ConnectionPermit {
            _permit: permit,
            open: self.open.clone(),
        })
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.open.decrement(1.0);
    }
}
