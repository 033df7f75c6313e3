//! Two replicas of the write tier that restart at the same address, like pods behind a Service.

use std::{net::SocketAddr, time::Duration};

use analytics_tests::{broker::Broker, process::Process, service::free_address};

/// The time for which a replica is stopped.
const GONE: Duration = Duration::from_millis(500);

/// The replicas.
pub struct Fleet {
    replicas: Vec<Replica>,
}

struct Replica {
    process: Process,
    address: SocketAddr,
    environment: Vec<(&'static str, String)>,
}

impl Fleet {
    /// Starts both and waits until they are up.
    pub async fn start(database_url: &str, broker_url: &str, names: &Broker) -> Self {
        let environment = vec![
            ("DATABASE_URL", database_url.to_owned()),
            ("AMQP_URL", broker_url.to_owned()),
            ("AMQP_EXCHANGE", names.exchange.clone()),
            ("AMQP_QUEUE", names.queue.clone()),
            // Facts may wait for their registration during an outage.
            ("AMQP_RETRY_DELAY_SECONDS", "1".to_owned()),
            ("AMQP_MAX_RETRIES", "600".to_owned()),
        ];
        let mut replicas = Vec::new();
        for _ in 0..2 {
            let address = free_address();
            let mut replica = Replica {
                process: start(address, &environment),
                address,
                environment: environment.clone(),
            };
            replica.process.until_up().await.expect("up");
            replicas.push(replica);
        }
        Self { replicas }
    }

    /// The URLs of the replicas.
    pub fn urls(&self) -> Vec<String> {
        let urls = self.replicas.iter().map(|replica| replica.process.url(""));
        urls.collect()
    }

    /// Kills a replica, and restarts it.
    pub async fn kill(&mut self, replica: usize) {
        println!("SIGKILL to replica {replica}");
        let replica = &mut self.replicas[replica];
        replica.process.kill().await.expect("killed");
        replica.rise().await;
    }

    /// Stops a replica as in a rolling update, and restarts it.
    pub async fn terminate(&mut self, replica: usize) {
        println!("SIGTERM to replica {replica}");
        let replica = &mut self.replicas[replica];
        let status = replica.process.stop().await.expect("it stops");
        assert!(status.success(), "{status}");
        replica.rise().await;
    }

    /// Stops both.
    pub async fn end(mut self) {
        for replica in &mut self.replicas {
            assert!(replica.process.stop().await.expect("it stops").success());
            let _ = std::fs::remove_file(&replica.process.log);
        }
    }
}

impl Replica {
    async fn rise(&mut self) {
        tokio::time::sleep(GONE).await;
        self.process = start(self.address, &self.environment);
    }
}

fn start(address: SocketAddr, environment: &[(&'static str, String)]) -> Process {
    let log = std::env::temp_dir().join(format!("chaos-{}.log", address.port()));
    let environment: Vec<_> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Process::start("analytics-ingest", address, log, &environment).expect("it starts")
}
