//! Behind a connection pooler in transaction mode, whose sessions all clients share, both tiers and the migration work
//! as on the server itself, and leave nothing behind in a session.

mod readiness;

use std::collections::BTreeMap;

use analytics_shared::clock;
use analytics_tests::{
    api::Api,
    database::TestDatabase,
    exported::Exported,
    fact::Fact,
    pooler::Pooler,
    service::Service,
    watch::Watch,
    world::{World, start_ingest_with, start_query_with},
};
use futures_util::future::join_all;
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

/// So few server connections that clients take turns on each of them.
const FEW_CONNECTIONS: &str = "default_pool_size=3";
/// Facts of each round of each client.
const FACTS: usize = 24;
/// Clients of each tier, half of them for each replica.
const CLIENTS: usize = 6;

/// Two replicas of each tier behind a pooler.
struct Replicas {
    world: World,
    ingest: Service,
    query: Service,
    pooler: Pooler,
    tenant: Uuid,
    event: Uuid,
}

impl Replicas {
    /// Starts them, after a migration through the pooler as well.
    async fn start(prepared_statements: u32, mode: &str) -> Self {
        let statements = format!("max_prepared_statements={prepared_statements}");
        let pooler = Pooler::start(&[&statements, FEW_CONNECTIONS]);
        let database = TestDatabase::create_behind(pooler.port()).await;
        let writing = [("DATABASE_POOLER", mode)];
        // The clients are of one tenant, and read more than it may.
        let reading = [
            writing[0],
            ("READ_SECONDS_PER_MINUTE", "1000"),
            ("EXPORT_MAX_PER_TENANT", "8"),
        ];
        let world = World::start_on(database, &writing, &reading).await;
        let (database, broker) = (&world.database, &world.broker);
        let (ingest, query) = tokio::join!(
            start_ingest_with(&database.ingest_url, &broker.url, broker, &writing),
            start_query_with(database, &reading),
        );
        let tenant = Uuid::now_v7();
        let event = world.publish_event(tenant, Some("Europe/Berlin")).await;
        Self {
            world,
            ingest,
            query,
            pooler,
            tenant,
            event,
        }
    }

    fn write(&self, client: usize) -> Api {
        let replicas = [&self.world.ingest, &self.ingest];
        Api::at(&replicas[client % 2].url("")).of_service(self.tenant)
    }

    fn read(&self, client: usize) -> Api {
        let replicas = [&self.world.query, &self.query];
        Api::at(&replicas[client % 2].url("")).of_tenant(self.tenant)
    }

    /// Sends facts of registrations, payments and views, and messages, while others read.
    async fn use_all_at_once(&self) {
        let writing = join_all((0..CLIENTS).map(|client| async move {
            let write = self.write(client);
            for number in 0..FACTS {
                write.store(&fact(self.event, number)).await;
            }
        }));
        let publishing = async {
            for _ in 0..FACTS {
                let message = json!({
                    "eventId": self.event, "tenantId": self.tenant, "registrationId": Uuid::now_v7(),
                    "userId": Uuid::now_v7(), "ticketTypeName": "VIP", "occurredAt": clock::now(),
                });
                let broker = &self.world.broker;
                broker.publish("registration.created", &message).await;
            }
        };
        let reading = join_all((0..CLIENTS).map(|client| async move {
            let read = self.read(client);
            for _ in 0..FACTS / 4 {
                for path in self.paths() {
                    read.read(&path).await;
                }
                export(&read, self.tenant, self.event, "csv").await;
            }
        }));
        let maintaining = async {
            for command in [
                &["rebuild"][..],
                &["retention"],
                &["verify"],
                &["status"],
                &["up"],
                &["write-key", "list"],
            ] {
                let (success, text) = self.world.database.spawn_migrate(command).await.unwrap();
                assert!(success, "{command:?}: {text}");
            }
        };
        tokio::join!(writing, publishing, reading, maintaining);
    }

    fn paths(&self) -> [String; 4] {
        let (tenant, event) = (self.tenant, self.event);
        [
            format!("/events/{event}/dashboard"),
            format!("/events/{event}/dashboard?timezone=Asia/Kathmandu"),
            format!("/events/{event}/funnel"),
            format!("/organizations/{tenant}/report"),
        ]
    }

    /// Asserts that no session of the pooler keeps anything that a client has set.
    async fn leaves_nothing_behind(&self) {
        let database = &self.world.database;
        let locks = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                     AND pid NOT IN (SELECT pid FROM pg_stat_activity WHERE xact_start IS NOT NULL)";
        assert_eq!(database.number(locks).await, 0);
        for url in [
            &database.ingest_url,
            &database.query_url,
            &database.migration_url,
        ] {
            // Each statement may be in another session: more of them than there are sessions.
            let settings = join_all((0..CLIENTS).map(|_| settings(url))).await;
            for settings in settings {
                assert_eq!(settings, ["0", "none", "off", "\"$user\", public"], "{url}");
            }
        }
    }

    async fn end(mut self) {
        for service in [&mut self.ingest, &mut self.query] {
            assert!(service.terminate().await.success());
        }
        let logs = [
            &self.ingest,
            &self.query,
            &self.world.ingest,
            &self.world.query,
        ];
        for log in logs.map(Service::logged) {
            assert!(!log.contains("ERROR"), "{log}");
        }
        self.world.end().await;
        drop(self.pooler);
    }
}

fn fact(event: Uuid, number: usize) -> Fact {
    let kinds = ["page.view", "registration.completed", "payment.completed"];
    Fact::new(kinds[number % 3], event)
        .visitor(format!("visitor {}", number % 7))
        .source("newsletter")
        .registration(Uuid::now_v7())
        .payment(Uuid::now_v7(), 900, "EUR")
        .property("ticketTypeName", "VIP")
}

/// The settings of a session of the pooler: statement time-out, role, read only, search path.
async fn settings(url: &str) -> [String; 4] {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let connection = sea_orm::Database::connect(options).await.unwrap();
    // Without parameters, and so without a prepared statement.
    let names = [
        "statement_timeout",
        "role",
        "transaction_read_only",
        "search_path",
    ];
    let shown = names.map(|name| format!("'{name}', current_setting('{name}')"));
    let raise = format!(
        "DO $$ BEGIN RAISE EXCEPTION '%', json_build_object({}); END $$",
        shown.join(", ")
    );
    let error = connection.execute_unprepared(&raise).await.unwrap_err();
    let error = error.to_string();
    let json = &error[error.find('{').unwrap()..=error.find('}').unwrap()];
    let found: BTreeMap<String, String> = serde_json::from_str(json).unwrap();
    names.map(|name| found[name].clone())
}

/// The rows of an export.
async fn export(read: &Api, tenant: Uuid, event: Uuid, format: &str) -> Vec<Vec<String>> {
    let today = clock::now().date_naive();
    let day = |days: i64| today + chrono::Duration::days(days);
    let asked = json!({"eventId": event, "organizationId": tenant, "format": format,
                       "dateFrom": day(-2), "dateTo": day(1)});
    let answer = read.post("/export", &asked).await;
    assert_eq!(answer.status(), StatusCode::OK, "{format}");
    let bytes = answer.bytes().await.unwrap();
    let csv = |bytes: &[u8]| Exported::csv(bytes, b',');
    let exported = match format {
        "csv" => csv(&bytes),
        "xlsx" => Exported::xlsx(&bytes),
        _ => {
            let lines = std::str::from_utf8(&bytes).unwrap().lines();
            let rows = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
            return rows
                .map(|row| vec![row["id"].as_str().unwrap().to_owned()])
                .collect();
        }
    };
    let ids = exported.column("id");
    ids.into_iter().map(|id| vec![id.to_owned()]).collect()
}

async fn everything_works(prepared_statements: u32, mode: &str) {
    let replicas = Replicas::start(prepared_statements, mode).await;
    let Replicas {
        world,
        tenant,
        event,
        ..
    } = &replicas;
    replicas.use_all_at_once().await;
    let sent = CLIENTS * FACTS + FACTS;
    world.until_stored(i64::try_from(sent).unwrap()).await;

    // Both replicas count every fact once, as the maintenance commands do.
    let of_a_kind = CLIENTS * FACTS / 3;
    for client in 0..2 {
        let dashboard = replicas.read(client).read(&replicas.paths()[0]).await;
        assert_eq!(dashboard["totalViews"], of_a_kind);
        assert_eq!(dashboard["totalRegistrations"], of_a_kind + FACTS);
        let report = replicas.read(client).read(&replicas.paths()[3]).await;
        assert_eq!(report["totals"]["revenue"][0]["payments"], of_a_kind);
        let exported = join_all(["csv", "ndjson", "xlsx"].map(|format| {
            let read = replicas.read(client);
            async move { export(&read, *tenant, *event, format).await }
        }));
        let exported = exported.await;
        assert_eq!(exported[0].len(), sent);
        assert!(exported.iter().all(|rows| *rows == exported[0]));
    }
    let (success, text) = world.database.spawn_migrate(&["verify"]).await.unwrap();
    assert!(success, "{text}");

    // Live figures through one replica of what is stored by another.
    let mut watch = Watch::open(&replicas.read(1), *event, None).await;
    replicas.write(0).store(&Fact::view(*event)).await;
    watch
        .until(|figures| figures["totalViews"] == of_a_kind + 1)
        .await;
    drop(watch);

    // The commands on personal data, through the pooler.
    let organization = tenant.to_string();
    let person = ["--tenant", &organization, "--visitor", "visitor 3"];
    for command in [&["export-person"][..], &["forget"]] {
        let arguments = [command, &person].concat();
        let (success, text) = world.database.spawn_migrate(&arguments).await.unwrap();
        assert!(success, "{arguments:?}: {text}");
    }
    replicas.leaves_nothing_behind().await;
    replicas.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_behind_a_pooler_that_supports_prepared_statements() {
    everything_works(200, "transaction").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_behind_a_pooler_that_does_not_support_prepared_statements() {
    everything_works(0, "transaction-unprepared").await;
}
