//! A service as a child process. Unlike [`crate::service::Service`] it keeps its log where people
//! look for it, and says what to do instead of failing an assertion.

use std::{
    fs::File,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use reqwest::Client;
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::service::{JWT_SECRET, binary};

/// How long a service may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running service. It is killed with this value, if it was not stopped before.
pub struct Process {
    name: &'static str,
    child: Child,
    port: u16,
    /// What it logs.
    pub log: PathBuf,
}

/// Makes sure that nobody listens on `port`.
pub fn ensure_free(port: u16, option: &str) -> anyhow::Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| {
        format!(
            "cannot listen on 127.0.0.1:{port}. If another program has the port (an earlier demo?), \
             end it, or choose another port with --{option} or {}",
            option_variable(option)
        )
    })?;
    Ok(())
}

fn option_variable(option: &str) -> String {
    format!("DEMO_{}", option.replace('-', "_").to_uppercase())
}

impl Process {
    /// Starts `name` without waiting.
    pub fn start(
        name: &'static str,
        port: u16,
        log: PathBuf,
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let output = file(&log)?;
        let child = Command::new(binary(name))
            .arg("serve")
            .env_remove("AMQP_URL")
            .env("LISTEN_ADDR", format!("127.0.0.1:{port}"))
            .env("JWT_SECRET", JWT_SECRET)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self {
            name,
            child,
            port,
            log,
        })
    }

    /// Its URL, without a path.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until all its parts are up. `/readyz` alone is not enough: it says ready while there
    /// is no connection to RabbitMQ, and what is published before the queue exists is lost.
    pub async fn until_up(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let (name, url) = (self.name, format!("{}/readyz", self.url()));
        while !all_up(&url).await {
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "{name} ended at once ({status}); its log: {}",
                    self.log.display()
                );
            }
            let log = self.log.display();
            ensure!(
                Instant::now() < deadline,
                "{name} does not get ready; its log: {log}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Waits until it ends by itself, which is an error.
    pub async fn until_it_ends<T>(&mut self) -> anyhow::Result<T> {
        let status = self.child.wait().await?;
        bail!(
            "{} ended ({status}); its log: {}",
            self.name,
            self.log.display()
        )
    }

    /// Asks it to stop, as Kubernetes does, and waits for the end.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        // Without an id it has ended.
        if let Some(id) = self.child.id() {
            let sent = Command::new("kill")
                .args(["-TERM", &id.to_string()])
                .status();
            ensure!(
                sent.await?.success(),
                "cannot send SIGTERM to {}",
                self.name
            );
        }
        let log = self.log.display();
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status =
            ended.with_context(|| format!("{} does not stop; its log: {log}", self.name))??;
        ensure!(
            status.success(),
            "{} ended with {status}; its log: {log}",
            self.name
        );
        Ok(())
    }
}

async fn all_up(url: &str) -> bool {
    let Ok(answer) = Client::new().get(url).send().await else {
        return false;
    };
    let Ok(report) = answer.json::<Value>().await else {
        return false;
    };
    let parts = report["parts"].as_object();
    parts.is_some_and(|parts| parts.values().all(|part| part["status"] == "up"))
}

/// Makes a file anew.
pub fn file(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}
