//! The shutdown of a service, and the signals that request it.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// The two steps of a shutdown.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// Cancelled by the signal. From then on the service is not ready, but still accepts connections: proxies
    /// learn only later that they must not use it.
    pub requested: CancellationToken,
    /// Cancelled at the end of the drain. From then on the service accepts nothing, and completes what is open.
    pub drained: CancellationToken,
}

impl Shutdown {
    /// A shutdown that begins with SIGTERM, after which the service drains, or with SIGINT (Ctrl-C), after which
    /// it does not: no proxy is told that a developer stops it.
    ///
    /// # Errors
    /// When the signal handlers cannot be installed.
    pub fn on_signal(drain: Duration) -> io::Result<Self> {
        let shutdown = Self::default();
        let (mut signals, begun) = (Signals::new()?, shutdown.clone());
        tokio::spawn(async move {
            let drain = match signals.next().await {
                StopSignal::Terminate => drain,
                StopSignal::Interrupt => Duration::ZERO,
            };
            begun.requested.cancel();
            sleep(drain).await;
            begun.drained.cancel();
        });
        Ok(shutdown)
    }
}

/// Returns a token that the first SIGTERM or SIGINT cancels.
///
/// # Errors
/// When the signal handlers cannot be installed.
pub fn shutdown_on_signal() -> io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let (mut signals, cancelled) = (Signals::new()?, token.clone());
    tokio::spawn(async move {
        signals.next().await;
        cancelled.cancel();
    });
    Ok(token)
}

/// A signal that asks a program to stop.
enum StopSignal {
    Terminate,
    Interrupt,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> StopSignal {
        let (name, stop) = tokio::select! {
            _ = self.terminate.recv() => ("SIGTERM", StopSignal::Terminate),
            _ = self.interrupt.recv() => ("SIGINT", StopSignal::Interrupt),
        };
        tracing::info!(signal = name, "shutting down");
        stop
    }
}
