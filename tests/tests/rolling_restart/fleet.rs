//! Two replicas of a tier behind a balancer, which are replaced like the pods of a Deployment.

use std::{net::SocketAddr, time::Duration};

use analytics_tests::{balancer::Balancer, service::Service};
use tokio::time::sleep;

/// The time after SIGTERM at which the balancer learns that it must not use a replica.
const PROPAGATION: Duration = Duration::from_secs(1);

pub struct Fleet {
    name: &'static str,
    environment: Vec<(&'static str, String)>,
    balancer: Balancer,
    replicas: Vec<Service>,
}

impl Fleet {
    /// Starts both and waits until they are up.
    pub async fn start(name: &'static str, environment: Vec<(&'static str, &str)>) -> Self {
        let environment = environment.into_iter();
        let mut fleet = Self {
            name,
            environment: environment
                .map(|(name, value)| (name, value.to_owned()))
                .collect(),
            balancer: Balancer::start().await,
            replicas: Vec::new(),
        };
        for _ in 0..2 {
            let replica = fleet.add().await;
            fleet.replicas.push(replica);
        }
        fleet
    }

    pub fn address(&self) -> SocketAddr {
        self.balancer.address
    }

    /// Starts a replica, which gets requests when it is up.
    async fn add(&self) -> Service {
        let environment = self.environment.iter();
        let environment: Vec<_> = environment
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let replica = Service::start(self.name, &environment).await;
        self.balancer.add(replica.address());
        replica
    }

    /// Replaces one replica after the other. A new one is up before SIGTERM is sent to the old one, which the balancer
    /// still uses for a moment.
    pub async fn restart(&mut self) {
        for _ in 0..self.replicas.len() {
            let replica = self.add().await;
            self.replicas.push(replica);
            let mut old = self.replicas.remove(0);
            old.ask_to_stop().await;
            sleep(PROPAGATION).await;
            self.balancer.remove(old.address());
            let status = old.terminate().await;
            assert!(status.success(), "{status}: {}", old.logged());
        }
    }

    pub async fn end(self) {
        for mut replica in self.replicas {
            assert!(replica.terminate().await.success());
        }
    }
}
