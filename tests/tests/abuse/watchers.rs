//! Watchers that take nothing of what they asked to be told.

use std::time::Duration;

use analytics_tests::{fact::Fact, world::World};
use tokio::{io::AsyncWriteExt, net::TcpSocket};
use uuid::Uuid;

use super::until;
use crate::BROKER_PUBLISHES;

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_takes_nothing_is_given_up_after_a_minute() {
    let publishing = BROKER_PUBLISHES.read().await;
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    drop(publishing);
    let read = world.read().of_tenant(tenant);
    let address = world.query.url("").replace("http://", "");
    // Room for a few figures only, so that it is soon full.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(1_024).unwrap();
    let mut watcher = socket.connect(address.parse().unwrap()).await.unwrap();
    let request = format!(
        "GET /api/v1/analytics/events/{event}/live HTTP/1.1\r\nHost: query\r\nAuthorization: Bearer {}\r\n\r\n",
        read.token().unwrap()
    );
    watcher.write_all(request.as_bytes()).await.unwrap();
    let is_open = || async { watchers(&world).await == Some(1.0) };
    until(Duration::from_secs(10), is_open).await;
    let view = Fact::view(event);
    let given_up = || async {
        world.write().store(&view).await;
        watchers(&world).await == Some(0.0)
    };
    until(Duration::from_secs(110), given_up).await;
    drop(watcher);
    world.end().await;
}

/// Open streams of the read tier.
async fn watchers(world: &World) -> Option<f64> {
    let text = reqwest::get(world.query.management_url("/metrics"))
        .await
        .unwrap();
    let text = text.text().await.unwrap();
    let value = |line: &str| {
        let value = line.strip_prefix("analytics_query_live_watchers ")?;
        value.parse().ok()
    };
    text.lines().find_map(value)
}
