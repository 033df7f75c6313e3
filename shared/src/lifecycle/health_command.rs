//! The command `health`, by which containers are probed: their images have no HTTP client.

use std::{
    io::{Write, stderr, stdout},
    iter,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{StatusCode, Uri};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use thiserror::Error;
use tokio::time::timeout;

use crate::config::ManagementConfig;

/// The maximum size of a response, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Arguments of `health`.
#[derive(clap::Args, Clone, Debug)]
pub struct HealthCommand {
    /// The listener that is asked.
    #[command(flatten)]
    pub management: ManagementConfig,

    /// Ask only whether the process responds (`/livez`), not whether it is ready (`/readyz`).
    #[arg(long)]
    pub live: bool,

    /// Maximum time until the response, in seconds.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub timeout_seconds: u64,
}

/// The reason why there is no response.
#[derive(Debug, Error)]
enum HealthError {
    #[error("there is no response within {0} s")]
    Timeout(u64),
    #[error("the address is invalid: {0}")]
    Address(#[from] hyper::http::uri::InvalidUri),
    #[error("the service cannot be reached: {}", root_cause(.0))]
    Connection(#[from] hyper_util::client::legacy::Error),
    #[error("the response is truncated or has more than {MAX_BYTES} bytes")]
    Body,
}

impl HealthCommand {
    /// Asks the service on this host and prints its response. The exit code is 0 if the status is 200, else 1.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub async fn run(&self) -> std::io::Result<ExitCode> {
        let asked = timeout(Duration::from_secs(self.timeout_seconds), self.ask()).await;
        match asked.unwrap_or(Err(HealthError::Timeout(self.timeout_seconds))) {
            Ok((status, body)) => {
                writeln!(stdout(), "{}", String::from_utf8_lossy(&body).trim_end())?;
                Ok(ExitCode::from(u8::from(status != StatusCode::OK)))
            }
            Err(error) => {
                writeln!(stderr(), "{}: {error}", self.address())?;
                Ok(ExitCode::FAILURE)
            }
        }
    }

    async fn ask(&self) -> Result<(StatusCode, Bytes), HealthError> {
        let path = if self.live { "livez" } else { "readyz" };
        let url: Uri = format!("http://{}/{path}", self.address()).parse()?;
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        let response = client.get(url).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_BYTES).collect();
        let body = body.await.map_err(|_| HealthError::Body)?;
        Ok((status, body.to_bytes()))
    }

    /// The address of the listener for a client on the same host: that of the loopback interface, if it
    /// listens on all.
    fn address(&self) -> SocketAddr {
        let mut address = self.management.management_addr;
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                IpAddr::V4(Ipv4Addr::LOCALHOST)
            } else {
                IpAddr::V6(Ipv6Addr::LOCALHOST)
            });
        }
        address
    }
}

/// The innermost cause: the client's own message does not tell a refused connection from another failure.
fn root_cause<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> &'a (dyn std::error::Error + 'static) {
    iter::successors(Some(error), |error| error.source())
        .last()
        .unwrap_or(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_listens_on_all_addresses_is_asked_on_the_loopback_interface() {
        for (listens, asked) in [
            ("0.0.0.0:9086", "127.0.0.1:9086"),
            ("[::]:9086", "[::1]:9086"),
            ("10.1.2.3:80", "10.1.2.3:80"),
        ] {
            let command = HealthCommand {
                management: ManagementConfig {
                    management_addr: listens.parse().unwrap(),
                },
                live: false,
                timeout_seconds: 1,
            };
            assert_eq!(command.address().to_string(), asked);
        }
    }
}
