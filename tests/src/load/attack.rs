//! The attacks.

use std::{fmt, net::Ipv4Addr, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use clap::ValueEnum;
use futures_util::{StreamExt, future::join_all, stream};
use reqwest::Client;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    process::Command,
    time::{sleep, timeout},
};

use super::Target;
use crate::{api::Api, fact::Fact, service::Service};

/// The address of an attacker whose connections count as those of many clients.
pub const MANY_CLIENTS: &str = "127.0.0.1";
/// The address of a single attacker.
const ONE_CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
/// Idle connections.
const IDLE: usize = 10_000;
/// Addresses that share the idle connections.
const ADDRESSES: usize = 20;
/// Streams of one token.
const STREAMS: usize = 300;
/// Clients of slowhttptest.
const SLOW_CLIENTS: &str = "3000";
/// The duration of an attack.
const DURATION: Duration = Duration::from_secs(20);
/// The first bytes of connections that never send a complete request.
const BEGINNINGS: [&[u8]; 3] = [
    b"",
    b"GET / HTTP/1.1\r\nHost: service\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
];

/// An attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Attack {
    /// None, for comparison.
    Nothing,
    /// 10,000 idle connections from 20 addresses, to each tier.
    Idle,
    /// 10,000 idle connections from one address, to each tier.
    IdleOneAddress,
    /// 300 streams of live figures with one token.
    Streams,
    /// Slow headers (slowhttptest -H).
    SlowHeaders,
    /// Slow bodies (slowhttptest -B).
    SlowBodies,
    /// Slow readers (slowhttptest -X).
    SlowReaders,
}

impl Attack {
    /// Runs the attack to its end.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn run(self, target: &Target) -> anyhow::Result<()> {
        let world = &target.world;
        let tiers = [&world.ingest, &world.query];
        match self {
            Self::Nothing => sleep(DURATION).await,
            Self::Idle | Self::IdleOneAddress => {
                for tier in tiers {
                    idle(tier, self == Self::IdleOneAddress).await;
                }
            }
            Self::Streams => streams(target).await?,
            Self::SlowHeaders => {
                for url in tiers.map(|tier| tier.url("/openapi.yaml")) {
                    slow(&["-H", "-i", "2", "-x", "24", "-u", &url]).await?;
                }
            }
            Self::SlowBodies => {
                let url = world.ingest.url("/api/v1/analytics/track");
                let body = ["-s", "100000", "-f", "application/json", "-u", &url];
                slow(&[&["-B", "-i", "2", "-x", "24"], &body[..]].concat()).await?;
            }
            Self::SlowReaders => {
                for url in tiers.map(|tier| tier.url("/docs")) {
                    let slowly = ["-X", "-n", "5", "-z", "16", "-w", "256", "-y", "512"];
                    slow(&[&slowly[..], &["-u", &url]].concat()).await?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::Idle => "10,000 idle connections from 20 addresses",
            Self::IdleOneAddress => "10,000 idle connections from one address",
            Self::Streams => "300 streams of one token",
            Self::SlowHeaders => "slow headers",
            Self::SlowBodies => "slow bodies",
            Self::SlowReaders => "slow readers",
        })
    }
}

/// Opens idle connections and keeps them for the duration of an attack. The service may close some.
async fn idle(service: &Service, is_one_address: bool) {
    let address = service.url("").replace("http://", "");
    let connecting = stream::iter(0..IDLE).map(|number| {
        let from = match u8::try_from(number % ADDRESSES) {
            Ok(last) if !is_one_address => Ipv4Addr::new(127, 0, 1, last + 1),
            _ => ONE_CLIENT,
        };
        connect(from, &address, BEGINNINGS[number % BEGINNINGS.len()])
    });
    let connections: Vec<_> = connecting.buffer_unordered(100).collect().await;
    sleep(DURATION).await;
    drop(connections);
}

async fn connect(from: Ipv4Addr, to: &str, beginning: &[u8]) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    let mut connection = socket.connect(to.parse()?).await?;
    connection.write_all(beginning).await?;
    Ok(connection)
}

/// Opens streams of one token, while facts arrive that are sent to all of them. Some streams may be rejected.
async fn streams(target: &Target) -> anyhow::Result<()> {
    let (tenant, event) = target.attacker;
    let token = Api::at("").of_tenant(tenant);
    let token = token.token().context("a token")?.to_owned();
    let url = format!("/api/v1/analytics/events/{event}/live");
    let url = target.world.query.url(&url);
    let client = Client::builder().local_address(Some(ONE_CLIENT.into()));
    let client = client.build()?;
    let opening = (0..STREAMS).map(|_| client.get(&url).bearer_auth(&token).send());
    let streams = join_all(opening).await;
    let open = streams.iter().flatten();
    let open = open.filter(|stream| stream.status().is_success()).count();
    eprintln!("    {open} of {STREAMS} streams are open");
    let write = target.world.write();
    for _ in 0..DURATION.as_secs() {
        write.track(&Fact::view(event)).await;
        sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

/// Runs slowhttptest.
async fn slow(arguments: &[&str]) -> anyhow::Result<()> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dev/slowhttptest");
    let duration = DURATION.as_secs().to_string();
    let attack = Command::new(program)
        .args(["-c", SLOW_CLIENTS, "-r", "600", "-l", &duration, "-p", "3"])
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(Duration::from_mins(2), attack);
    let output = output.await.context("slowhttptest does not end")??;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "slowhttptest failed: {errors}");
    Ok(())
}
