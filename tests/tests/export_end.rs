//! The trailers of an export have its row count and checksum, and its texts are not executed as formulas.

use analytics_shared::clock;
use analytics_tests::{fact::Fact, world::World};
use bytes::Bytes;
use http_body_util::{BodyExt, Collected, Full};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use uuid::Uuid;

/// The file and its trailers, for a client with `TE: trailers`.
async fn export(world: &World, tenant: Uuid, body: &Value) -> Collected<Bytes> {
    let address = world.query.url("").replace("http://", "");
    let stream = TcpStream::connect(&address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let api = world.read().of_tenant(tenant);
    let request = Request::post("/api/v1/analytics/export")
        .header("host", &address)
        .header("te", "trailers")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", api.token().unwrap()))
        .body(Full::new(Bytes::from(body.to_string())))
        .unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let announced = answer.headers()["trailer"].to_str().unwrap();
    assert_eq!(announced, "X-Row-Count, X-Content-SHA256");
    answer.into_body().collect().await.unwrap()
}

#[tokio::test]
async fn an_export_ends_with_its_rows_and_its_hash_and_has_no_formulas() {
    let world = World::start().await;
    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    for source in ["=1+1", "@cmd", "newsletter"] {
        let view = Fact::view(event).source(source);
        world.write().store(&view).await;
    }
    let today = clock::now().date_naive();
    for format in ["csv", "ndjson", "xlsx"] {
        let body = json!({"organizationId": tenant, "dateFrom": today - chrono::Days::new(1),
                          "dateTo": today, "format": format});
        let file = export(&world, tenant, &body).await;
        let trailers = file.trailers().expect("trailers").clone();
        let file = file.to_bytes();
        assert_eq!(trailers["x-row-count"], "3", "{format}");
        let hash = Sha256::digest(&file);
        let digits: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(trailers["x-content-sha256"], digits.concat(), "{format}");
        if format == "csv" {
            let mut reader = csv::Reader::from_reader(&file[..]);
            let sources = reader.records().map(|row| row.unwrap()[5].to_owned());
            let sources: Vec<String> = sources.collect();
            assert_eq!(sources, ["'=1+1", "'@cmd", "newsletter"]);
        }
    }
    world.end().await;
}
