//! The real binaries as processes.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

/// The secret that tests and demo sign tokens with.
pub const JWT_SECRET: &str = "a secret of the tests and the demo alone";

/// The path of one of our programs, beside the program that runs now.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let running = std::env::current_exe().expect("the path of this program");
    running
        .ancestors()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{name} is not built: run `cargo build --workspace`"))
}

/// A running service; it is killed with this value.
pub struct Service {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// What it logs.
    pub log: PathBuf,
}

impl Service {
    /// Starts `name` on a free port and waits until it is ready.
    ///
    /// # Panics
    /// When it does not become ready within half a minute.
    pub async fn start(name: &str, environment: &[(&str, &str)]) -> Self {
        let service = Self::spawn(name, free_address(), environment);
        service.wait_until_ready().await;
        service
    }

    /// Starts `name` at `address` without waiting.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn spawn(name: &str, address: SocketAddr, environment: &[(&str, &str)]) -> Self {
        let log = std::env::temp_dir().join(format!("{name}-{}.log", address.port()));
        let output = File::create(&log).expect("a log file");
        let child = Command::new(binary(name))
            .arg("serve")
            .env_remove("DATABASE_URL")
            .env_remove("AMQP_URL")
            .env("LISTEN_ADDR", address.to_string())
            .env("JWT_SECRET", JWT_SECRET)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a second handle"))
            .stderr(output)
            .spawn()
            .expect("the service starts");
        Self {
            child,
            address,
            log,
        }
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits until `/readyz` says so.
    ///
    /// # Panics
    /// When it does not within half a minute.
    pub async fn wait_until_ready(&self) {
        self.wait_until(|report| report["status"] == "ready").await;
    }

    /// Waits until the report of `/readyz` is as wanted.
    ///
    /// # Panics
    /// When it is not within half a minute.
    pub async fn wait_until(&self, is_wanted: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let http = reqwest::Client::new();
        loop {
            if let Ok(answer) = http.get(self.url("/readyz")).send().await
                && let Ok(report) = answer.json().await
                && is_wanted(&report)
            {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "not as wanted; its log:\n{}",
                self.logged()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything that it has logged.
    ///
    /// # Panics
    /// When the log cannot be read.
    #[must_use]
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).expect("the log")
    }

    /// Asks it to stop, as Kubernetes does, and waits for the end.
    ///
    /// # Panics
    /// When it does not end within half a minute.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().expect("its status") {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "does not stop; its log:\n{}",
                self.logged()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends it at once, as a crash does.
    ///
    /// # Panics
    /// When it cannot be ended.
    pub fn kill(&mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("its status");
    }

    /// Sends a signal by name.
    ///
    /// # Panics
    /// When it cannot be sent.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status();
        assert!(status.expect("kill runs").success());
    }

    /// A line of `/proc/<pid>/status` in KiB: `VmRSS` is the memory now, `VmHWM` the most it was.
    ///
    /// # Panics
    /// When there is no such line.
    #[must_use]
    pub fn memory_kib(&self, line: &str) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("status");
        let value = status
            .lines()
            .find_map(|text| text.strip_prefix(line))
            .expect("the line");
        value
            .trim_start_matches(':')
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.kill();
        }
        if std::thread::panicking() {
            eprintln!("log of {}: {}", self.address, self.log.display());
        } else {
            let _ = std::fs::remove_file(&self.log);
        }
    }
}

/// An address of the loopback interface that nobody listens on.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}
