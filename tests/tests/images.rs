//! The images start as Kubernetes starts them: as a user without privileges, on a read-only root filesystem.

use std::{path::Path, process::Output};

use analytics_shared::clock;
use analytics_tests::{
    api::Api, broker::Broker, database::TestDatabase, fact::Fact, images::Images, process::binary,
    service::Service, stack::Stack, world::World,
};
use serde_json::json;
use tokio::process::Command;
use uuid::Uuid;

/// The programs of an image that the base brings: the loader and the C library, which prints its version.
const OF_THE_BASE: [&str; 2] = ["/ld-linux-", "/libc.so."];
/// Programs by which an intruder would go on.
const TOOLS: [&str; 10] = [
    "sh", "bash", "dash", "busybox", "apt-get", "dpkg", "perl", "python3", "curl", "wget",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_images_migrate_serve_report_their_health_and_end_on_sigterm() {
    let images = Images::with_built_programs();
    the_images_hold(&images).await;
}

/// In `make test-full`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "compiles the programs as the Dockerfile does, which takes half an hour"]
async fn the_images_with_programs_compiled_by_the_dockerfile_hold() {
    let images = Images::from_sources();
    the_images_hold(&images).await;
}

async fn the_images_hold(images: &Images) {
    for image in ["ingest", "query", "migration"] {
        has_the_expected_content(images, image);
    }
    println!("{}", images.sizes());

    let stack = Stack::from_env();
    let database = TestDatabase::create_empty(&stack).await;
    let up = [("DATABASE_URL", database.url.as_str())];
    let migrated = run(&images.program("analytics-migration"), &["up"], &up).await;
    assert!(migrated.status.success(), "{migrated:?}");

    let broker = Broker::connect(&stack.amqp_url).await;
    let writing = [
        ("DATABASE_URL", database.ingest_url.as_str()),
        ("AMQP_URL", &broker.url),
        ("AMQP_EXCHANGE", &broker.exchange),
        ("AMQP_QUEUE", &broker.queue),
    ];
    let reading = [
        ("DATABASE_URL", database.query_url.as_str()),
        ("SHARE_DATABASE_URL", &database.share_url),
    ];
    let (ingest, query) = (
        images.program("analytics-ingest"),
        images.program("analytics-query"),
    );
    let (ingest, query) = tokio::join!(
        Service::start_program(&ingest, "analytics-ingest", &writing),
        Service::start_program(&query, "analytics-query", &reading),
    );
    let world = World {
        ingest,
        query,
        database,
        broker,
    };
    is_healthy(images, "analytics-ingest", &world.ingest).await;
    is_healthy(images, "analytics-query", &world.query).await;

    let tenant = Uuid::now_v7();
    let event = world.publish_event(tenant, None).await;
    world.write().store(&Fact::view(event)).await;
    let dashboard = world.dashboard(tenant, event, "").await;
    assert_eq!(dashboard.totals.total_views, 1);
    exports_with_the_temporary_folder(&world.read().of_tenant(tenant), tenant, event).await;

    // SIGTERM, and the exit code 0.
    world.end().await;
}

/// A workbook is written to `/tmp`, the only writable folder, before it is sent.
async fn exports_with_the_temporary_folder(read: &Api, tenant: Uuid, event: Uuid) {
    let today = clock::now().date_naive();
    let asked = json!({"eventId": event, "organizationId": tenant, "format": "xlsx",
                       "dateFrom": today, "dateTo": today});
    let response = read.post("/export", &asked).await;
    assert_eq!(response.status(), 200);
    let workbook = response.bytes().await.unwrap();
    assert!(workbook.starts_with(b"PK"), "no workbook");
}

fn has_the_expected_content(images: &Images, image: &str) {
    let program = format!("/usr/local/bin/analytics-{image}");
    let configuration = images.configuration(image);
    assert_eq!(configuration["User"], "65532:65532");
    assert_eq!(configuration["Entrypoint"], json!([program.as_str()]));
    let label = |name: &str| {
        let value = &configuration["Labels"][format!("org.opencontainers.image.{name}")];
        value.as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(label("title"), format!("analytics-{image}"));
    assert_eq!(label("version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(label("revision").len(), 40, "{configuration}");
    assert!(label("created").ends_with('Z'), "{configuration}");
    assert_eq!(label("licenses"), "MIT OR Apache-2.0");

    let files = images.files(image);
    for tool in TOOLS {
        let is_tool = |path: &&String| path.ends_with(&format!("/{tool}"));
        assert_eq!(files.keys().find(is_tool), None, "{image}");
    }
    let executable = files.iter().filter(|(_, is_executable)| **is_executable);
    let unexpected: Vec<_> = executable
        .map(|(path, _)| path)
        .filter(|path| **path != program)
        .filter(|path| !OF_THE_BASE.iter().any(|part| path.contains(part)))
        .collect();
    assert!(unexpected.is_empty(), "{image}: {unexpected:?}");
    let has = |path: &str| files.contains_key(path);
    assert!(has(&program) && has("/etc/ssl/certs/ca-certificates.crt"));
    assert!(has("/usr/share/doc/analytics-service/LICENSE-MIT"));
}

/// The command `health` of the image and that of the program agree with the service.
async fn is_healthy(images: &Images, name: &'static str, service: &Service) {
    println!("{name}: {} KiB of memory", service.memory_kib());
    let address = service.management_url("").replace("http://", "");
    let listener = [("MANAGEMENT_ADDR", address.as_str())];
    for program in [images.program(name), binary(name)] {
        let asked = run(&program, &["health"], &listener).await;
        let printed = String::from_utf8_lossy(&asked.stdout).into_owned();
        assert!(asked.status.success(), "{asked:?}");
        assert!(printed.contains(r#""status":"ready""#), "{printed}");
    }
    // Without privileges, and without the possibility to get some.
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.id())).unwrap();
    let line = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().to_owned()
    };
    assert_eq!(line("Uid:"), "65532\t65532\t65532\t65532");
    assert_eq!(line("CapEff:"), "0000000000000000");
}

async fn run(program: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .output()
        .await
        .unwrap()
}
