//! A service for a test: on a free port, and with panics instead of errors.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::ExitStatus,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::process::{self, Process};

/// A running service, which is killed when this value is dropped.
pub struct Service {
    process: Process,
}

impl Service {
    /// Starts `name` on a free port and waits until all its parts are up.
    ///
    /// # Panics
    /// When they are not within half a minute.
    pub async fn start(name: &'static str, environment: &[(&str, &str)]) -> Self {
        Self::start_program(&process::binary(name), name, environment).await
    }

    /// Starts `name` on a free port and waits until it listens, whether it is ready or not.
    ///
    /// # Panics
    /// When it does not within half a minute.
    pub async fn start_unready(name: &'static str, environment: &[(&str, &str)]) -> Self {
        let address = free_address();
        let log = std::env::temp_dir().join(format!("{name}-{}.log", address.port()));
        let process = Process::start(name, address, log, environment).expect("the service starts");
        let deadline = Instant::now() + Duration::from_secs(30);
        while process.management_url("/readyz").is_none() {
            assert!(Instant::now() < deadline, "{name} does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self { process }
    }

    /// Starts the program at `path` on a free port and waits until all its parts are up.
    ///
    /// # Panics
    /// When they are not within half a minute.
    pub async fn start_program(
        path: &Path,
        name: &'static str,
        environment: &[(&str, &str)],
    ) -> Self {
        for _ in 0..5 {
            let address = free_address();
            let log = std::env::temp_dir().join(format!("{name}-{}.log", address.port()));
            let mut process = Process::start_program(path, name, address, log, environment)
                .expect("the service starts");
            match process.until_up().await {
                Ok(()) => return Self { process },
                // Another process has taken the port.
                Err(_) if taken(&process) => {}
                Err(error) => panic!("{error}"),
            }
        }
        panic!("no port is free for {name}")
    }

    /// The URL of a path of the API.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.process.url(path)
    }

    /// The URL of a path of the management listener.
    ///
    /// # Panics
    /// When the service has not started to listen.
    #[must_use]
    pub fn management_url(&self, path: &str) -> String {
        self.process.management_url(path).expect("it listens")
    }

    /// Everything that it has logged.
    ///
    /// # Panics
    /// When the log cannot be read.
    #[must_use]
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.process.log).expect("the log")
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.process.address
    }

    /// The report of `/readyz`, with its HTTP status.
    ///
    /// # Panics
    /// When it does not respond.
    pub async fn readiness(&self) -> (u16, Value) {
        let response = reqwest::get(self.management_url("/readyz")).await;
        let response = response.expect("a response");
        let status = response.status().as_u16();
        (status, response.json().await.expect("a report"))
    }

    /// Waits until a check of `/readyz` has this status, and returns its detail.
    ///
    /// # Panics
    /// When it has not within 20 seconds.
    pub async fn until_check(&self, name: &str, status: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let (_, report) = self.readiness().await;
            let check = &report["checks"][name];
            if check["status"] == status {
                return check["detail"].as_str().unwrap_or_default().to_owned();
            }
            assert!(Instant::now() < deadline, "{report}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Sends SIGTERM, as Kubernetes does, without waiting.
    ///
    /// # Panics
    /// When it cannot be sent.
    pub async fn ask_to_stop(&self) {
        self.process.ask_to_stop().await.expect("it is sent");
    }

    /// Sends SIGTERM, as Kubernetes does, and waits for the exit.
    ///
    /// # Panics
    /// When it does not exit within half a minute.
    pub async fn terminate(&mut self) -> ExitStatus {
        self.process.stop().await.expect("it ends")
    }

    /// Kills it, as a crash does.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub async fn kill(&mut self) {
        self.process.kill().await.expect("killed");
    }

    /// Its process id.
    ///
    /// # Panics
    /// When it has exited.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id().expect("its id")
    }

    /// Limits its number of file descriptors; open ones stay open.
    ///
    /// # Panics
    /// When the limit cannot be set.
    pub fn limit_descriptors(&self, descriptors: u32) {
        self.process
            .limit_descriptors(descriptors)
            .expect("its limit");
    }

    /// Its current memory, in KiB.
    ///
    /// # Panics
    /// When it has exited.
    #[must_use]
    pub fn memory_kib(&self) -> u64 {
        self.process.memory_kib("VmRSS").expect("its memory")
    }

    /// Its maximum memory so far, in KiB.
    ///
    /// # Panics
    /// When it has exited.
    #[must_use]
    pub fn peak_memory_kib(&self) -> u64 {
        self.process.memory_kib("VmHWM").expect("its memory")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let log = &self.process.log;
        if std::thread::panicking() {
            eprintln!("its log is kept: {}", log.display());
        } else {
            let _ = std::fs::remove_file(log);
        }
    }
}

fn taken(process: &Process) -> bool {
    std::fs::read_to_string(&process.log).is_ok_and(|log| log.contains("Address already in use"))
}

/// A free address of the loopback interface.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}
