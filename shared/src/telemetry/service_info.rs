//! The identity of a program in its logs and traces.

/// The name and version of a program.
#[derive(Clone, Debug)]
pub struct ServiceInfo {
    /// The name.
    pub name: String,
    /// The version.
    pub version: &'static str,
}

impl ServiceInfo {
    /// The identity of a program; see [`service_info!`](crate::service_info).
    #[must_use]
    pub fn new(name: &str, version: &'static str) -> Self {
        let name = name.to_owned();
        Self { name, version }
    }
}

/// The [`ServiceInfo`](crate::telemetry::ServiceInfo) of the crate that calls it.
#[macro_export]
macro_rules! service_info {
    () => {
        $crate::telemetry::ServiceInfo::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
    };
}
