//! The real programs as child processes.

use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use reqwest::Client;
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::pooler::is_pooled;

/// The secret of tests and demo for signing tokens.
pub const JWT_SECRET: &str = "a secret of the tests and the demo alone";
/// The secret of tests and demo for the sessions of browsers.
pub const SESSION_SECRET: &str = "a secret of the sessions of the tests and the demo";
/// The time in which a service must start or stop.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// The text before the address of each listener in the log of a service, in both formats.
const API_LISTENS: [&str; 2] = [": listening address=", "\"listening\",\"address\":\""];
const MANAGEMENT_LISTENS: [&str; 2] = [
    ": management listening address=",
    "\"management listening\",\"address\":\"",
];

/// The path of a program of this workspace: in the folder `TEST_PROGRAMS`, else that of the running program, or one above.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let folder = std::env::var_os("TEST_PROGRAMS").map(PathBuf::from);
    let running = std::env::current_exe().expect("the path of this program");
    let below = folder.as_deref().unwrap_or(&running);
    below
        .ancestors()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{name} is not built: run `cargo build --workspace`"))
}

/// A running service, which is killed when this value is dropped.
pub struct Process {
    name: &'static str,
    child: Child,
    /// The address of its API.
    pub address: SocketAddr,
    /// Its log.
    pub log: PathBuf,
}

impl Process {
    /// Starts `name` without waiting.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(
        name: &'static str,
        address: SocketAddr,
        log: PathBuf,
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        Self::start_program(&binary(name), name, address, log, environment)
    }

    /// Starts the program at `path` without waiting.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start_program(
        path: &Path,
        name: &'static str,
        address: SocketAddr,
        log: PathBuf,
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let output = file(&log)?;
        let mut command = Command::new(path);
        let url = environment.iter().find(|(name, _)| *name == "DATABASE_URL");
        if !url.is_some_and(|(_, url)| is_pooled(url)) {
            command.env_remove("DATABASE_POOLER");
        }
        let child = command
            .arg("serve")
            .env_remove("DATABASE_URL")
            .env_remove("AMQP_URL")
            .env("LISTEN_ADDR", address.to_string())
            // A free port, which the log names.
            .env("MANAGEMENT_ADDR", "127.0.0.1:0")
            .env("JWT_SECRET", JWT_SECRET)
            .env("SESSION_SECRET", SESSION_SECRET)
            // No proxy has to learn that it stops.
            .env("DRAIN_SECONDS", "0")
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
            address,
            log,
        })
    }

    /// The URL of a path of the API.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The URL of a path of the management listener, by the service's own log: `None` before it listens. Older
    /// versions, which the bench starts as a baseline, have these paths on the port of the API.
    #[must_use]
    pub fn management_url(&self, path: &str) -> Option<String> {
        let log = std::fs::read_to_string(&self.log).ok()?;
        let api = listener(&log, API_LISTENS)?;
        let address = listener(&log, MANAGEMENT_LISTENS).unwrap_or(api);
        Some(format!("http://{address}{path}"))
    }

    /// Waits until all its parts are up. That it is ready is not enough: it is ready while there is
    /// no connection to RabbitMQ, and what is published before the queue exists is lost.
    ///
    /// # Errors
    /// When it exits, or takes too long.
    pub async fn until_up(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        let name = self.name;
        while !self.is_up().await {
            let log = self.log.display();
            if let Some(status) = self.child.try_wait()? {
                bail!("{name} ended at once ({status}); its log: {log}");
            }
            ensure!(
                Instant::now() < deadline,
                "{name} does not get ready; its log: {log}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Whether this process listens and is up. A response alone does not say so: if the port was taken,
    /// another process responds.
    async fn is_up(&self) -> bool {
        match self.management_url("/readyz") {
            Some(url) => all_up(&url).await,
            None => false,
        }
    }

    /// Waits until it exits by itself, which is an error.
    ///
    /// # Errors
    /// When it exits.
    pub async fn until_it_ends<T>(&mut self) -> anyhow::Result<T> {
        let status = self.child.wait().await?;
        bail!(
            "{} ended ({status}); its log: {}",
            self.name,
            self.log.display()
        )
    }

    /// Sends SIGTERM, as Kubernetes does, without waiting.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub async fn ask_to_stop(&self) -> anyhow::Result<()> {
        // A process that has exited has no id.
        let Some(id) = self.child.id() else {
            return Ok(());
        };
        let sent = Command::new("kill")
            .args(["-TERM", &id.to_string()])
            .status();
        ensure!(
            sent.await?.success(),
            "cannot send SIGTERM to {}",
            self.name
        );
        Ok(())
    }

    /// Sends SIGTERM, as Kubernetes does, and waits for the exit.
    ///
    /// # Errors
    /// When it does not stop.
    pub async fn stop(&mut self) -> anyhow::Result<ExitStatus> {
        self.ask_to_stop().await?;
        let ended = tokio::time::timeout(START_TIMEOUT, self.child.wait()).await;
        let log = self.log.display();
        let late = || format!("{} does not stop; its log: {log}", self.name);
        Ok(ended.with_context(late)??)
    }

    /// Kills it, as a crash does.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Its process id.
    ///
    /// # Errors
    /// When it has exited.
    pub fn id(&self) -> anyhow::Result<u32> {
        self.child.id().context("it has ended")
    }

    /// Limits its number of file descriptors; open ones stay open.
    ///
    /// # Errors
    /// When it has exited, or the limit cannot be set.
    pub fn limit_descriptors(&self, descriptors: u32) -> anyhow::Result<()> {
        let status = std::process::Command::new("prlimit")
            .args(["--pid", &self.id()?.to_string()])
            .arg(format!("--nofile={descriptors}:"))
            .status()?;
        ensure!(status.success(), "cannot set the limits of {}", self.name);
        Ok(())
    }

    /// A line of `/proc/<pid>/status` in KiB: `VmRSS` is the current memory, `VmHWM` its maximum.
    ///
    /// # Errors
    /// When it has exited, or there is no such line.
    pub fn memory_kib(&self, line: &str) -> anyhow::Result<u64> {
        memory_kib(self.id()?, line)
    }
}

/// A line of `/proc/<pid>/status` of any process, in KiB.
///
/// # Errors
/// When it has exited, or there is no such line.
pub fn memory_kib(id: u32, line: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let value = status
        .lines()
        .find_map(|text| text.strip_prefix(line))
        .context("no such line")?;
    Ok(value
        .trim_start_matches(':')
        .trim()
        .trim_end_matches(" kB")
        .parse()?)
}

/// The address of a listener, by the log of its service.
fn listener<'a>(log: &'a str, before: [&str; 2]) -> Option<&'a str> {
    let line = before.iter().find_map(|before| log.split_once(before));
    let (_, address) = line?;
    address.split([' ', '\n', '"']).next()
}

async fn all_up(url: &str) -> bool {
    let Ok(answer) = Client::new().get(url).send().await else {
        return false;
    };
    let Ok(report) = answer.json::<Value>().await else {
        return false;
    };
    // Other versions, which the bench starts as a baseline, name the list otherwise.
    let checks = ["parts", "checks"]
        .iter()
        .find_map(|name| report[name].as_object());
    checks.is_some_and(|checks| checks.values().all(|check| check["status"] == "up"))
}

/// Creates or truncates a file.
///
/// # Errors
/// When it cannot be written.
pub fn file(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}
