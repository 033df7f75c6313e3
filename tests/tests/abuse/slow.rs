//! Clients that send or read as slowly as they can, by the tool that is made for it.

use std::{path::Path, pin::pin, process::Stdio, time::Duration};

use tokio::{process::Command, sync::Mutex, time::timeout};

use super::Scene;

/// Clients at once.
const CLIENTS: &str = "3000";
/// The duration of the attack in seconds.
const SECONDS: &str = "25";
/// Attacks take turns: two cores cannot send so many clients away in time during three at once.
static TURN: Mutex<()> = Mutex::const_new(());
/// Why the tool ends before that.
const ALL_SENT_AWAY: &str = "No open connections left";

#[tokio::test(flavor = "multi_thread")]
async fn slow_headers() {
    let scene = Scene::start().await;
    let url = scene.world.ingest.url("/openapi.yaml");
    let end = attack(&["-H", "-i", "2", "-x", "24", "-u", &url]).await;
    assert_eq!(end, ALL_SENT_AWAY);
    scene.end("3,000 slow headers").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_bodies() {
    let scene = Scene::start().await;
    let url = scene.world.ingest.url("/api/v1/analytics/track");
    let body = ["-s", "100000", "-f", "application/json"];
    let end = attack(&[&["-B", "-i", "2", "-x", "24", "-u", &url], &body[..]].concat()).await;
    assert_eq!(end, ALL_SENT_AWAY);
    scene.end("3,000 slow bodies").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_of_a_long_answer() {
    let scene = Scene::start().await;
    let url = scene.world.ingest.url("/docs");
    let slowly = ["-X", "-n", "5", "-z", "16", "-w", "256", "-y", "512"];
    let arguments = [&slowly[..], &["-u", &url]].concat();
    let mut attack = pin!(attack(&arguments));
    let mut most = 0;
    while timeout(Duration::from_secs(1), &mut attack).await.is_err() {
        most = most.max(tcp_memory_mib());
    }
    // Where that is more than the system has for TCP, all of the machine waits.
    println!("the system kept {most} MiB");
    assert!(most < 600, "the system kept {most} MiB");
    scene.end("3,000 slow readers").await;
}

/// The memory of the kernel for TCP, in MiB.
fn tcp_memory_mib() -> u64 {
    let sockets = std::fs::read_to_string("/proc/net/sockstat").unwrap();
    let tcp = sockets.lines().find(|line| line.starts_with("TCP:"));
    let (_, pages) = tcp.unwrap().rsplit_once("mem ").unwrap();
    pages.parse::<u64>().unwrap() * 4 / 1024
}

/// Runs the tool, which also probes the service with normal requests. Returns the reason of its end.
async fn attack(arguments: &[&str]) -> String {
    let _turn = TURN.lock().await;
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dev/slowhttptest");
    let attack = Command::new(program)
        .args(["-c", CLIENTS, "-r", "600", "-l", SECONDS, "-p", "3"])
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(Duration::from_mins(2), attack).await;
    let output = output.expect("it ends").unwrap();
    let printed = without_colours(&String::from_utf8_lossy(&output.stdout));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{errors}");
    let told = |name: &str| {
        let lines = printed.lines().filter_map(|line| line.strip_prefix(name));
        lines
            .map(|value| value.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let answers = told("service available:");
    assert!(!answers.is_empty(), "{printed}");
    assert!(answers.iter().all(|answer| answer == "YES"), "{printed}");
    told("Exit status:").pop().expect("it tells why it ends")
}

/// The text without what tells a terminal how to show it.
fn without_colours(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        let rest = part.split_once(|end: char| end.is_ascii_alphabetic());
        kept + rest.map_or("", |(_, rest)| rest)
    })
}
