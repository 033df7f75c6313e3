//! A server that became read-only by a failover is an outage, and its connections are given up.

use std::time::Duration;

use analytics_tests::{
    api::Api, broker::Broker, fact::Fact, proxy::Proxy, replica::Pair, service::Service,
    stack::Stack,
};
use tokio::time::sleep;
use url::Url;
use uuid::Uuid;

use crate::BROKER_PUBLISHES;

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_queued_while_the_server_is_read_only_and_stored_by_the_next_primary() {
    let _publishing = BROKER_PUBLISHES.read().await;
    let Pair { database, standby } = Pair::start().await;
    let broker = Broker::connect(&Stack::from_env().amqp_url).await;
    let mut url: Url = database.ingest_url.parse().unwrap();
    let primary = url.port().unwrap();
    let replica: Url = standby.query_url.parse().unwrap();
    url.set_port(replica.port()).unwrap();
    let (proxy, url) = Proxy::before(url.as_str()).await;
    let environment = [
        ("DATABASE_URL", url.as_str()),
        ("AMQP_URL", &broker.url),
        ("AMQP_EXCHANGE", &broker.exchange),
        ("AMQP_QUEUE", &broker.queue),
    ];
    let mut ingest = Service::start_unready("analytics-ingest", &environment).await;
    ingest.until_check("broker", "up").await;
    let detail = ingest.until_check("database", "degraded").await;
    assert!(detail.starts_with("the server is read-only"), "{detail}");
    assert_eq!(ingest.readiness().await.0, 200);
    let (tenant, event) = (Uuid::now_v7(), Uuid::now_v7());
    let write = Api::at(&ingest.url("")).of_service(tenant);
    for _ in 0..10 {
        let fact = Fact::view(event).id(Uuid::now_v7());
        assert_eq!(write.track(&fact).await.status, "queued");
    }

    // Its connections to the former primary stay open.
    proxy.lead_to(primary);
    ingest.until_check("database", "up").await;
    let facts = "SELECT COUNT(*) FROM analytics_service.analytics_events";
    while database.number(facts).await != 10 {
        sleep(Duration::from_millis(100)).await;
    }
    write.store(&Fact::view(event)).await;
    assert_eq!(broker.waiting(".dead-letters").await, 0);
    let log = ingest.logged();
    assert!(!log.contains("ERROR"), "{log}");
    assert!(ingest.terminate().await.success());
    // Before its server stops.
    drop(database);
    drop(standby);
}
