//! The state of the connection to the broker.

use analytics_shared::lifecycle::health::CheckStatus;

/// The state of the connection to the broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerState {
    /// `AMQP_URL` is not set.
    NotConfigured,
    /// Connected and consuming.
    Consuming,
    /// Not connected.
    Disconnected,
}

impl BrokerState {
    /// The readiness check: HTTP works without the broker.
    pub fn health(self) -> CheckStatus {
        match self {
            Self::NotConfigured => CheckStatus::Up("not configured: HTTP only".to_owned()),
            Self::Consuming => CheckStatus::Up("consuming".to_owned()),
            Self::Disconnected => {
                CheckStatus::Degraded("not connected: messages wait in the broker".to_owned())
            }
        }
    }
}
