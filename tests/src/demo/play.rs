//! Sends the story: posts over HTTP and messages over RabbitMQ, at the same time.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::{MultiProgress, ProgressBar};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{show, stage::Stage};
use crate::{
    api::Api,
    form,
    simulator::{Event, Message, Post, Story},
};

/// Requests under way at a time, on as many connections.
const REQUESTS: usize = 64;
/// Messages that the broker has not confirmed yet.
const MESSAGES: usize = 256;
/// The time within which the event must be registered.
const REGISTRATION: Duration = Duration::from_secs(15);

/// The result of the simulation.
pub struct Played {
    /// When sending began.
    pub began: Instant,
    /// The duration.
    pub took: Duration,
    /// The number of responses by status.
    pub receipts: Value,
    /// The same, as it must be.
    pub expected_receipts: Value,
}

/// Plays the story.
pub async fn play(story: &Story, stage: &Stage) -> anyhow::Result<Played> {
    show::step(4, "Play the life of an event over HTTP and RabbitMQ");
    let ingest = Api::at(&stage.ingest);
    let query = Api::at(&stage.query);
    let published = story.event.published();
    stage.broker.publish(published.key, &published.body).await;
    until_registered(&story.event, &query).await?;

    let bars = MultiProgress::new();
    let web = bars.add(bar("HTTP", story.posts.len()));
    let platform = bars.add(bar("RabbitMQ", story.messages.len()));
    let began = Instant::now();
    let posting = post_all(&story.posts, &story.event, &ingest, &web);
    let publishing = publish_all(&story.messages, stage, &platform);
    let (receipts, ()) = tokio::try_join!(posting, publishing)?;
    Ok(Played {
        began,
        took: began.elapsed(),
        receipts: json!(receipts),
        expected_receipts: json!({
            "stored": story.posts.len() - story.repeated_posts,
            "duplicate": story.repeated_posts,
        }),
    })
}

/// Anonymous views are taken only of an event that is registered.
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

async fn post_all(
    posts: &[Post],
    event: &Event,
    ingest: &Api,
    bar: &ProgressBar,
) -> anyhow::Result<BTreeMap<String, usize>> {
    let sent = stream::iter(posts).map(|post| async move {
        let status = send(post, event, ingest).await;
        bar.inc(1);
        status
    });
    let receipts = sent.buffer_unordered(REQUESTS).try_fold(
        BTreeMap::new(),
        |mut receipts, status| async move {
            *receipts.entry(status).or_insert(0) += 1;
            Ok(receipts)
        },
    );
    let receipts = receipts.await?;
    bar.finish();
    Ok(receipts)
}

/// Sends one fact; returns the status of its receipt.
async fn send(post: &Post, event: &Event, ingest: &Api) -> anyhow::Result<String> {
    let sender = match post.user {
        Some(user) => ingest.of_user(event.tenant, user),
        None => ingest.clone(),
    };
    let answer = sender.try_post("/track", &post.body).await;
    let answer = answer.context("ingest does not answer")?;
    let status = answer.status();
    let body = answer.text().await?;
    ensure!(
        status == StatusCode::ACCEPTED,
        "ingest answers {status} to {}: {body}",
        post.body
    );
    let receipt: Value = serde_json::from_str(&body)?;
    let status = receipt["status"].as_str();
    Ok(status.context("a receipt without a status")?.to_owned())
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
