//! Sends the facts: requests over HTTP and messages over RabbitMQ, concurrently.

use std::{
    collections::BTreeMap,
    future::Future,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::{MultiProgress, ProgressBar};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    page::{Page, receipt},
    show,
    stage::Stage,
};
use crate::{
    api::Api,
    form,
    simulator::{Event, Message, Post, Story},
};

/// The number of concurrent requests, each on its own connection.
const REQUESTS: usize = 64;
/// The maximum number of unconfirmed messages.
const MESSAGES: usize = 256;
/// The time within which the event must be registered.
const REGISTRATION: Duration = Duration::from_secs(15);

/// The result of the simulation.
pub struct Played {
    /// The start of sending.
    pub began: Instant,
    /// The duration.
    pub took: Duration,
    /// The number of responses by status.
    pub receipts: Value,
    /// The expected number.
    pub expected_receipts: Value,
}

/// Sends all facts.
pub async fn play(story: &Story, stage: &Stage) -> anyhow::Result<Played> {
    show::step(4, "Play the life of an event over HTTP and RabbitMQ");
    let ingest = Api::at(&stage.ingest);
    let query = Api::at(&stage.query);
    let published = story.event.published();
    stage.broker.publish(published.key, &published.body).await;
    until_registered(&story.event, &query).await?;

    let service = ingest.with_role("SERVICE");
    let page = Page::open(&story.event, &service).await?;
    let bars = MultiProgress::new();
    let web = bars.add(bar("HTTP", story.live.len() + story.posts.len()));
    let platform = bars.add(bar("RabbitMQ", story.messages.len()));
    let began = Instant::now();
    let posting = async {
        // A page sends views when they happen.
        let mut receipts = post_all(&story.live, |post| page.send(post), &web).await?;
        for (status, number) in post_all(&story.posts, |post| send(post, &service), &web).await? {
            *receipts.entry(status).or_insert(0) += number;
        }
        web.finish();
        Ok(receipts)
    };
    let publishing = publish_all(&story.messages, stage, &platform);
    let (receipts, ()) = tokio::try_join!(posting, publishing)?;
    let stored = story.live.len() + story.posts.len() - story.repeated_posts;
    Ok(Played {
        began,
        took: began.elapsed(),
        receipts: json!(receipts),
        expected_receipts: json!({"stored": stored, "duplicate": story.repeated_posts}),
    })
}

/// Waits for the registration of the event, without which anonymous views are rejected.
async fn until_registered(event: &Event, query: &Api) -> anyhow::Result<()> {
    let deadline = Instant::now() + REGISTRATION;
    let (query, path) = (
        query.of_tenant(event.tenant),
        format!("/events/{}/funnel", event.id),
    );
    while query.get(&path).await.status() != StatusCode::OK {
        ensure!(
            Instant::now() < deadline,
            "event.published was sent, and the event is not registered"
        );
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    Ok(())
}

async fn post_all<'a, F: Future<Output = anyhow::Result<String>>>(
    posts: &'a [Post],
    send: impl Fn(&'a Post) -> F,
    bar: &ProgressBar,
) -> anyhow::Result<BTreeMap<String, usize>> {
    let posting = stream::iter(posts).map(|post| {
        let sending = send(post);
        async move {
            let status = sending.await;
            bar.inc(1);
            status
        }
    });
    let receipts = posting.buffer_unordered(REQUESTS).try_fold(
        BTreeMap::new(),
        |mut receipts, status| async move {
            *receipts.entry(status).or_insert(0) += 1;
            Ok(receipts)
        },
    );
    receipts.await
}

/// Sends one fact; returns the status of its receipt.
async fn send(post: &Post, service: &Api) -> anyhow::Result<String> {
    let answer = service.try_post("/track", &post.body).await;
    receipt(post, answer.context("ingest does not answer")?).await
}

async fn publish_all(messages: &[Message], stage: &Stage, bar: &ProgressBar) -> anyhow::Result<()> {
    let sent = stream::iter(messages).map(|message| async move {
        stage.broker.publish(message.key, &message.body).await;
        bar.inc(1);
    });
    sent.buffer_unordered(MESSAGES).collect::<()>().await;
    bar.finish();
    Ok(())
}

fn bar(name: &'static str, length: usize) -> ProgressBar {
    let columns = "      {prefix:8} {bar:36} {human_pos:>7} / {human_len}  {rate}";
    form::progress(columns, name, length)
}
