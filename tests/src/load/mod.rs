//! The load test: attacks on the real programs, during which probes and another tenant must be answered in time.
//!
//! ```text
//! attack ──▶ ingest, query ◀── bystander (probes, metrics, facts and dashboards of another tenant)
//! ```

mod attack;
mod bystander;
mod options;
mod report;

use anyhow::Context;
use uuid::Uuid;

pub use options::LoadOptions;

use crate::{
    broker::Broker,
    database::TestDatabase,
    service::Service,
    stack::Stack,
    world::{World, start_ingest_with},
};
use bystander::Bystander;

/// The address of slowhttptest is that of a trusted proxy, so that its connections count as those of many
/// clients.
const SETTINGS: [(&str, &str); 1] = [("TRUSTED_PROXIES", attack::MANY_CLIENTS)];

/// The services with two tenants, each with an event.
pub struct Target {
    /// The services.
    pub world: World,
    /// The tenant whose token the attacker has, and its event.
    pub attacker: (Uuid, Uuid),
    /// Another tenant and its event.
    pub bystander: (Uuid, Uuid),
}

/// Runs the attacks and prints the latency of others. Returns whether all responses came in time.
///
/// # Errors
/// When an attack cannot be made.
pub async fn load(options: LoadOptions) -> anyhow::Result<bool> {
    let target = Target::start().await;
    let mut rows = Vec::new();
    for attack in options.attacks() {
        eprintln!("  {attack}");
        let bystander = Bystander::start(&target).context("cannot start the bystander")?;
        attack.run(&target).await?;
        rows.extend(bystander.finish(attack)?);
    }
    let memory = [
        ("ingest", target.world.ingest.peak_memory_kib()),
        ("query", target.world.query.peak_memory_kib()),
    ];
    let is_in_time = report::print(&rows, &memory, options.limit());
    target.world.end().await;
    Ok(is_in_time)
}

impl Target {
    async fn start() -> Self {
        let stack = Stack::from_env();
        let database = TestDatabase::create(&stack).await;
        let broker = Broker::connect(&stack.amqp_url).await;
        let reading = [("DATABASE_URL", database.query_url.as_str()), SETTINGS[0]];
        let (ingest, query) = tokio::join!(
            start_ingest_with(&database.ingest_url, &broker.url, &broker, &SETTINGS),
            Service::start("analytics-query", &reading)
        );
        let world = World {
            ingest,
            query,
            database,
            broker,
        };
        let tenants = [Uuid::now_v7(), Uuid::now_v7()];
        let mut published = Vec::new();
        for tenant in tenants {
            published.push((tenant, world.publish_event(tenant, None).await));
        }
        Self {
            world,
            attacker: published[0],
            bystander: published[1],
        }
    }
}
