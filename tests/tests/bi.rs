//! A login of a BI tool reads the figures of its tenant, and nothing of another one by any means.

use std::collections::BTreeMap;

use analytics_tests::{bi_login::BiLogin, fact::Fact, world::World};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use serde_json::json;
use uuid::Uuid;

/// Relations of any schema that the login may read, with the columns that it may read.
const READABLE: &str = "
    SELECT format('%I.%I', nspname, relname),
           string_agg(format('%I::TEXT', attname), ', ' ORDER BY attnum)
    FROM pg_class relation
    JOIN pg_namespace namespace ON namespace.oid = relnamespace
    JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 't')
      AND has_schema_privilege(namespace.oid, 'USAGE')
      AND has_column_privilege(relation.oid, attnum, 'SELECT')
    GROUP BY 1";
/// Functions that act with the privileges of their owner and that the login may call, except those of TimescaleDB,
/// which return no rows of tables.
const PRIVILEGED: &str = "
    SELECT p.oid::REGPROCEDURE::TEXT, NULL::TEXT
    FROM pg_proc p JOIN pg_namespace namespace ON namespace.oid = pronamespace
    WHERE prosecdef AND NOT starts_with(nspname, '_timescaledb')
      AND has_schema_privilege(namespace.oid, 'USAGE')
      AND has_function_privilege(p.oid, 'EXECUTE')";
/// Settings that the login may switch.
const SWITCHES: &str = "
    SELECT name, CASE setting WHEN 'on' THEN 'off' ELSE 'on' END
    FROM pg_settings WHERE context = 'user' AND vartype = 'bool'";
const OWN: [&str; 6] = [
    "bi_events",
    "bi_days",
    "bi_revenue",
    "bi_rollup",
    "tracked_events",
    "event_rollup",
];

/// An organization with an event and a fact of each kind, all of whose texts contain a mark.
struct Organization {
    tenant: Uuid,
    event: Uuid,
    mark: String,
}

impl Organization {
    async fn new(world: &World, mark: &str) -> Self {
        let tenant = Uuid::now_v7();
        let event = Uuid::now_v7();
        let body = json!({
            "eventId": event, "tenantId": tenant, "title": format!("Title {mark}"), "slug": mark,
            "publishedAt": "2026-01-02T09:00:00Z", "occurredAt": "2026-01-02T09:00:00Z",
        });
        world.broker.publish("event.published", &body).await;
        let registered = format!(
            "SELECT COUNT(*) FROM analytics_service.tracked_events WHERE event_id = '{event}'"
        );
        world.until(&registered, 1).await;
        let organization = Self {
            tenant,
            event,
            mark: mark.to_owned(),
        };
        organization.send_facts(world).await;
        organization
    }

    async fn send_facts(&self, world: &World) {
        let service = world.write().with_role("SERVICE");
        for kind in ["page.view", "registration.completed", "payment.completed"] {
            let fact = Fact::new(kind, self.event)
                .tenant(self.tenant)
                .user(Uuid::now_v7())
                .source(format!("source-{}", self.mark))
                .registration(format!("registration-{}", self.mark))
                .payment(format!("payment-{}", self.mark), 900, "EUR")
                .property("ticketTypeName", format!("ticket-{}", self.mark));
            service.store(&fact).await;
        }
    }
}

async fn pairs(connection: &DatabaseConnection, sql: &str) -> BTreeMap<String, Option<String>> {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = connection.query_all_raw(statement).await.expect(sql);
    let rows = rows.iter().map(|row| {
        let name: String = row.try_get_by_index(0).unwrap();
        (name, row.try_get_by_index(1).unwrap())
    });
    rows.collect()
}

/// The rows of a query as one text.
async fn text(connection: &DatabaseConnection, sql: &str) -> Result<String, DbErr> {
    let sql = format!("SELECT COALESCE(string_agg(found::TEXT, E'\n'), '') FROM ({sql}) AS found");
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = connection.query_one_raw(statement).await?.expect("a row");
    row.try_get_by_index(0)
}

async fn execute(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.expect(sql);
}

async fn refused(connection: &DatabaseConnection, sql: &str) {
    let error = connection.execute_unprepared(sql).await.expect_err(sql);
    let error = error.to_string();
    assert!(error.contains("permission denied"), "{sql}: {error}");
}

/// Two organizations, and a connection of the first one's login.
struct Stage {
    world: World,
    own: Organization,
    other: Organization,
    login: BiLogin,
    connection: DatabaseConnection,
}

impl Stage {
    async fn new() -> Self {
        let world = World::start().await;
        let own = Organization::new(&world, "of-their-own").await;
        let other = Organization::new(&world, "of-the-others").await;
        let login = BiLogin::create(&world.database, own.tenant);
        let connection = login.connect().await;
        Self {
            world,
            own,
            other,
            login,
            connection,
        }
    }

    /// Asserts that a text has nothing of the other organization.
    fn assert_foreign_to(&self, text: &str, what: &str) {
        let other = &self.other;
        for mark in [
            &other.mark,
            &other.tenant.to_string(),
            &other.event.to_string(),
        ] {
            assert!(!text.contains(mark.as_str()), "{what} has {mark}:\n{text}");
        }
    }
}

#[tokio::test]
async fn a_login_reads_the_views_of_its_tenant() {
    let stage = Stage::new().await;
    let (connection, event) = (&stage.connection, stage.own.event);
    for (query, expected) in [
        (
            "SELECT event_id, title FROM bi_events",
            format!("({event},\"Title of-their-own\")"),
        ),
        (
            "SELECT event_id, views, unique_views, registrations FROM bi_days",
            format!("({event},1,1,1)"),
        ),
        (
            "SELECT event_id, currency, payments, amount_cents FROM bi_revenue",
            format!("({event},EUR,1,900)"),
        ),
        (
            "SELECT source, SUM(count) FROM bi_rollup GROUP BY source",
            "(source-of-their-own,3)".to_owned(),
        ),
    ] {
        assert_eq!(text(connection, query).await.unwrap(), expected, "{query}");
    }
    execute(connection, "SET default_transaction_read_only = off").await;
    for statement in [
        "SELECT FROM analytics_service.analytics_events",
        "DELETE FROM event_rollup",
        "UPDATE tracked_events SET title = 'mine'",
    ] {
        refused(connection, statement).await;
    }
    stage.connection.close().await.unwrap();
    stage.world.end().await;
}

#[tokio::test]
async fn no_relation_that_a_login_may_read_has_a_row_of_another_tenant() {
    let stage = Stage::new().await;
    let connection = &stage.connection;
    let tenant = format!("SET analytics_service.tenant_id = '{}'", stage.other.tenant);
    for set in ["SELECT", &tenant, "SET row_security = off"] {
        execute(connection, set).await;
        let relations = pairs(connection, READABLE).await;
        assert!(relations.len() > 50, "{}", relations.len());
        let mut read = 0;
        for (relation, columns) in relations {
            let columns = columns.unwrap();
            // Functions below some views of the system are refused.
            if let Ok(text) = text(connection, &format!("SELECT {columns} FROM {relation}")).await {
                stage.assert_foreign_to(&text, &format!("{relation} after {set}"));
                read += 1;
            }
        }
        assert!(read > 50, "{read} relations can be read after {set}");
    }
    stage.connection.close().await.unwrap();
    stage.world.end().await;
}

#[tokio::test]
async fn no_setting_or_role_shows_a_row_of_another_tenant() {
    let stage = Stage::new().await;
    let connection = &stage.connection;
    for (name, value) in pairs(connection, SWITCHES).await {
        let Some(value) = value else { continue };
        // Some settings have conditions beyond their privilege.
        let set = format!("SET {name} = {value}");
        if connection.execute_unprepared(&set).await.is_err() {
            continue;
        }
        for relation in OWN {
            let query = format!("SELECT * FROM analytics_service.{relation}");
            if let Ok(text) = text(connection, &query).await {
                stage.assert_foreign_to(&text, &format!("{relation} after {set}"));
            }
        }
        let reset = format!("RESET {name}");
        let _ = connection.execute_unprepared(&reset).await;
    }
    for role in ["analytics", "analytics_query", "analytics_ingest"] {
        refused(connection, &format!("SET ROLE {role}")).await;
        refused(connection, &format!("SET SESSION AUTHORIZATION {role}")).await;
    }
    let owner =
        "SELECT tableowner::TEXT, NULL FROM pg_tables WHERE schemaname = 'analytics_service'";
    assert_eq!(pairs(connection, owner).await.len(), 1);
    execute(connection, "SET ROLE analytics_bi").await;
    let query = "SELECT * FROM analytics_service.bi_rollup";
    stage.assert_foreign_to(&text(connection, query).await.unwrap(), "as analytics_bi");
    stage.connection.close().await.unwrap();
    stage.world.end().await;
}

#[tokio::test]
async fn no_function_or_chunk_shows_a_row_of_another_tenant() {
    let stage = Stage::new().await;
    let connection = &stage.connection;
    // All other functions have the privileges of the login.
    let privileged = pairs(connection, PRIVILEGED).await;
    let privileged: Vec<_> = privileged.keys().map(String::as_str).collect();
    assert_eq!(privileged, ["bi_tenant()"]);
    let (tenant, event) = (stage.other.tenant, stage.other.event);
    for function in [
        format!("event_of_tenant('{tenant}', '{event}')"),
        format!("events_of_tenant('{tenant}')"),
        format!("event_versions('{tenant}', '{event}', '-infinity', 'infinity', 'UTC')"),
        format!("tenant_versions('{tenant}', '-infinity', 'infinity', 'UTC', 'UTC')"),
        format!("recount_facts('{tenant}', '{event}', CURRENT_DATE - 1, CURRENT_DATE + 1, 'UTC')"),
        format!("event_owner('{event}')"),
        format!("tenant_with_facts_of('{event}')"),
        "table_to_xml('analytics_service.event_rollup', TRUE, TRUE, '')".to_owned(),
        "query_to_xml('SELECT * FROM analytics_service.analytics_events', TRUE, TRUE, '')"
            .to_owned(),
    ] {
        if let Ok(text) = text(connection, &format!("SELECT * FROM {function}")).await {
            stage.assert_foreign_to(&text, &function);
        }
    }
    let chunks = "SELECT format('%I.%I', chunk_schema, chunk_name), NULL
                  FROM timescaledb_information.chunks";
    let chunks = pairs(connection, chunks).await;
    assert!(!chunks.is_empty());
    for (chunk, _) in chunks {
        refused(connection, &format!("SELECT FROM {chunk}")).await;
    }
    stage.connection.close().await.unwrap();
    stage.world.end().await;
}

#[tokio::test]
async fn a_dropped_login_is_refused_and_its_open_connection_reads_nothing() {
    let stage = Stage::new().await;
    let (connection, name) = (&stage.connection, &stage.login.name);
    let migrate = |arguments: &[&str]| {
        let output = stage.world.database.migrate(arguments);
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    };
    let (_, list) = migrate(&["bi-user", "list"]);
    assert!(
        list.contains(name) && list.contains(&stage.own.tenant.to_string()),
        "{list}"
    );
    assert!(!list.contains(&stage.login.password), "{list}");
    // Every login can see all names.
    assert!(
        !name.contains(&stage.own.tenant.simple().to_string()[..8]),
        "{name}"
    );

    let (success, text_of_drop) = migrate(&["bi-user", "drop", name]);
    assert!(success, "{text_of_drop}");
    for relation in OWN {
        let query = format!("SELECT * FROM analytics_service.{relation}");
        let rows = text(connection, &query).await;
        assert!(
            rows.as_ref().is_ok_and(String::is_empty) || rows.is_err(),
            "{rows:?}"
        );
    }
    let (success, list) = migrate(&["bi-user", "list"]);
    assert!(success && !list.contains(name), "{list}");
    let (success, again) = migrate(&["bi-user", "drop", name]);
    assert!(
        !success && again.contains("there is no BI login"),
        "{again}"
    );
    let _ = stage.connection.close().await;
    stage.world.end().await;
}
