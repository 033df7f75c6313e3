//! Consecutive exports of the large event during a measurement, received by their own thread, so that the
//! measured client does not wait for them.

use std::{convert::Infallible, thread::JoinHandle};

use anyhow::{anyhow, bail};
use bytes::Bytes;
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

use super::{files, site::Site};
use crate::{bench::client::Client, service::Service};

/// The thread.
pub struct Exporting {
    stop: CancellationToken,
    thread: JoinHandle<anyhow::Result<()>>,
}

impl Exporting {
    /// Starts to export from `query` as CSV.
    pub fn start(site: &Site, query: &Service) -> Self {
        let stop = CancellationToken::new();
        let (base, token) = (query.url(""), site.reader.clone());
        let request = files::request(site, "csv");
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                tokio::select! {
                    never = export(&base, &token, request) => match never? {},
                    () = stopped.cancelled() => Ok(()),
                }
            })
        });
        Self { stop, thread }
    }

    /// Aborts the current export.
    ///
    /// # Errors
    /// When an export has failed, so that the measurement was not made during one.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        match tokio::task::spawn_blocking(|| self.thread.join()).await? {
            Ok(ended) => ended,
            Err(_) => bail!("the thread of the exports panicked"),
        }
    }
}

/// Exports until it is dropped.
async fn export(base: &str, token: &str, request: Bytes) -> anyhow::Result<Infallible> {
    let mut client = Client::connect(base, 1, token).await?;
    loop {
        let fetched = client.fetch(files::PATH, request.clone()).await;
        fetched.map_err(|error| anyhow!("an export failed: {error:#}"))?;
    }
}
