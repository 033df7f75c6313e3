//! Bodies that exceed the limits.

use std::{
    io,
    time::{Duration, Instant},
};

use analytics_tests::{
    api::problem,
    compression::{ENCODINGS, compressed},
};
use bytes::Bytes;
use futures_util::{StreamExt, future::join_all, stream};
use reqwest::{Body, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::Scene;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_bombs_in_all_encodings_at_once() {
    let scene = Scene::start().await;
    let url = scene.world.ingest.url("/api/v1/analytics/track/batch");
    let spaces = vec![b' '; 64 * MIB];
    let http = reqwest::Client::new();
    let mut bombs = Vec::new();
    for encoding in ENCODINGS {
        let bomb = Bytes::from(compressed(encoding, &spaces).await);
        let requests = (0..100).map(|_| {
            let request = http.post(&url).header("content-encoding", encoding);
            let request = request.header("content-type", "application/json");
            request.body(bomb.clone()).send()
        });
        bombs.extend(requests);
    }
    let answers = join_all(bombs).await;
    let mut refused = 0;
    // The server may hang up before it has read everything.
    for answer in answers.into_iter().flatten() {
        let (status, body) = problem(answer).await;
        let is_expected = match status {
            StatusCode::PAYLOAD_TOO_LARGE => body["code"] == "body_too_large",
            StatusCode::SERVICE_UNAVAILABLE => body["code"] == "overloaded",
            _ => false,
        };
        assert!(is_expected, "{status}: {body}");
        refused += 1;
    }
    assert!(refused >= 200, "only {refused} of 400 were answered");
    scene.end("400 bombs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_a_gigabyte_without_a_length() {
    let scene = Scene::start().await;
    let http = reqwest::Client::new();
    for path in ["/track", "/track/batch"].repeat(50) {
        let url = scene.world.ingest.url(&format!("/api/v1/analytics{path}"));
        let sending = (0..4).map(|_| {
            let piece = Bytes::from(vec![b' '; MIB]);
            let gigabyte = stream::repeat(piece).take(1024).map(io::Result::Ok);
            let request = http.post(&url).header("content-type", "application/json");
            request.body(Body::wrap_stream(gigabyte)).send()
        });
        let start = Instant::now();
        // The server may hang up before it has read everything.
        for answer in join_all(sending).await.into_iter().flatten() {
            assert_eq!(problem(answer).await.0, StatusCode::PAYLOAD_TOO_LARGE);
        }
        assert!(start.elapsed() < Duration::from_secs(5), "it was read");
    }
    scene.end("400 GiB").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_large_bodies_than_there_is_memory_for_are_told_to_come_back() {
    let scene = Scene::start().await;
    let address = scene.world.ingest.url("").replace("http://", "");
    let mut senders = Vec::new();
    // All send most of 5 MiB and keep the rest: 150 MiB in all, of which 32 are taken.
    for _ in 0..30 {
        let mut sender = TcpStream::connect(&address).await.unwrap();
        let header = format!(
            "POST /api/v1/analytics/track/batch HTTP/1.1\r\nHost: {address}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            5 * MIB
        );
        senders.push(tokio::spawn(async move {
            sender.write_all(header.as_bytes()).await?;
            let piece = [b' '; 16 * KIB];
            for _ in 0..316 {
                if sender.write_all(&piece).await.is_err() {
                    break;
                }
            }
            let mut answer = Vec::new();
            sender.read_to_end(&mut answer).await?;
            io::Result::Ok(String::from_utf8_lossy(&answer).into_owned())
        }));
    }
    let start = Instant::now();
    let mut answers = Vec::new();
    for sender in senders {
        // No answer: it hung up while more was on its way.
        answers.push(sender.await.unwrap().unwrap_or_default());
    }
    let with = |status: &str, code: &str| {
        let those = answers.iter().filter(|answer| answer.starts_with(status));
        those.filter(|answer| answer.contains(code)).count()
    };
    let slow = with("HTTP/1.1 408 ", "\"body_timeout\"");
    assert!((4..=7).contains(&slow), "{slow} were waited for");
    let late = answers.iter().filter(|answer| answer.is_empty()).count();
    let overloaded = with("HTTP/1.1 503 ", "\"overloaded\"");
    assert_eq!(slow + overloaded + late, 30, "{answers:?}");
    assert!(overloaded > 0, "no response was `overloaded`");
    // Those who kept the rest do not keep their share of the memory.
    assert!(start.elapsed() < Duration::from_secs(15));
    let batch = format!("[{}{{}}]", " ".repeat(2 * MIB));
    let request = reqwest::Client::new()
        .post(scene.world.ingest.url("/api/v1/analytics/track/batch"))
        .header("content-type", "application/json");
    let answer = request.body(batch).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    scene.end("150 MiB of bodies").await;
}
