//! Sends a few facts per second, once all figures are compared, so that the page of the event is live.

use std::time::Duration;

use analytics_shared::clock;
use tokio::time::{MissedTickBehavior, interval};

use super::{page::Page, stage::Stage};
use crate::{
    api::Api,
    simulator::{Event, Latecomers},
};

/// The time between two visitors.
const PAUSE: Duration = Duration::from_millis(500);

/// Sends the facts of visitors until the demo ends.
///
/// # Errors
/// Fails if the write tier does not accept them.
pub async fn go_on<T>(event: &Event, stage: &Stage) -> anyhow::Result<T> {
    let page = Page::open(event, &Api::at(&stage.ingest).with_role("SERVICE")).await?;
    let mut latecomers = Latecomers::of(event);
    let mut next = interval(PAUSE);
    next.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        next.tick().await;
        let latecomer = latecomers.next(clock::now());
        page.send(&latecomer.view).await?;
        for message in &latecomer.messages {
            stage.broker.publish(message.key, &message.body).await;
        }
    }
}
