//! Each tier may do what it has to, and nothing else: its login has the privileges of its role, and the read tier
//! sees the rows of one tenant.

use std::time::{Duration, Instant};

use analytics_shared::database::TierRole;
use analytics_tests::{
    database::{TestDatabase, connect_as},
    fact::Fact,
    service::Service,
    share::Share,
    stack::Stack,
    world::World,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

/// The relations that the read tier reads.
const READ: [&str; 6] = [
    "shared_links",
    "tenant_facts",
    "countable_facts",
    "event_rollup",
    "event_day_versions",
    "tracked_events",
];

/// Makes the transaction of the statements that follow in the same message writable.
const WRITABLE: &str = "SET transaction_read_only = off";

async fn refused(connection: &impl ConnectionTrait, sql: &str) {
    let error = connection
        .execute_unprepared(sql)
        .await
        .expect_err(sql)
        .to_string();
    let known = [
        "permission denied",
        "must be owner",
        // Behind a pooler without prepared statements, each transaction begins with a query.
        "transaction read-write mode must be set before any query",
    ];
    assert!(
        known.iter().any(|reason| error.contains(reason)),
        "{sql}: {error}"
    );
}

/// The tenants in the rows of a relation.
async fn tenants<C: ConnectionTrait>(connection: &C, relation: &str) -> Vec<Uuid> {
    let sql = format!("SELECT DISTINCT tenant_id FROM {relation}");
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

#[tokio::test]
async fn the_read_tier_cannot_write() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let query = connect_as(TierRole::Query, &database.query_url).await;
    for relation in READ {
        query
            .execute_unprepared(&format!("SELECT FROM {relation}"))
            .await
            .unwrap();
        refused(&query, &format!("{WRITABLE}; DELETE FROM {relation}")).await;
    }
    let create = "CREATE TABLE analytics_service.mine (id INT)";
    let error = query.execute_unprepared(create).await.unwrap_err();
    let error = error.to_string();
    assert!(error.contains("read-only transaction"), "{error}");
    refused(&query, &format!("{WRITABLE}; {create}")).await;
    for table in [
        "analytics_events",
        "lifecycle_ledger",
        "visitor_salts",
        "write_keys",
        "bi_users",
    ] {
        refused(&query, &format!("SELECT FROM {table}")).await;
        // The login has no privileges beyond those of the role.
        refused(&query, &format!("RESET ROLE; SELECT FROM {table}")).await;
    }
}

#[tokio::test]
async fn the_write_tier_cannot_change_the_schema_or_delete_facts() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let ingest = connect_as(TierRole::Ingest, &database.ingest_url).await;
    for statement in [
        "DELETE FROM analytics_events",
        "UPDATE analytics_events SET user_id = NULL",
        "UPDATE tracked_events SET tenant_id = gen_random_uuid()",
        "DELETE FROM tracked_events",
        "UPDATE lifecycle_ledger SET tenant_id = gen_random_uuid()",
        "DELETE FROM lifecycle_ledger",
        "UPDATE event_day_versions SET tenant_id = gen_random_uuid()",
        "UPDATE event_rollup SET count = 0",
        "UPDATE visitor_salts SET salt = salt",
        "DELETE FROM write_keys",
        "UPDATE write_keys SET tenant_id = tenant_id",
        "SELECT FROM bi_users",
        "DROP TABLE analytics_events",
        "SELECT drop_chunks('analytics_service.analytics_events', INTERVAL '1 day')",
        "ALTER TABLE event_rollup ADD COLUMN mine INT",
        "ALTER TABLE event_rollup DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE analytics_service.mine (id INT)",
    ] {
        refused(&ingest, statement).await;
        refused(&ingest, &format!("RESET ROLE; {statement}")).await;
    }
}

#[tokio::test]
async fn the_login_of_share_links_can_write_their_table_and_nothing_else() {
    let database = TestDatabase::create(&Stack::from_env()).await;
    let sharing = connect_as(TierRole::Sharing, &database.share_url).await;
    let tables = database
        .rows("SELECT tablename::TEXT FROM pg_tables WHERE schemaname = 'analytics_service'")
        .await;
    for table in tables {
        let table: String = table.try_get_by_index(0).unwrap();
        for statement in [
            format!("SELECT FROM {table}"),
            format!("DELETE FROM {table}"),
        ] {
            if statement != "SELECT FROM shared_links" {
                refused(&sharing, &statement).await;
                refused(&sharing, &format!("RESET ROLE; {statement}")).await;
            }
        }
    }
    for statement in [
        "UPDATE shared_links SET expires_at = NOW()",
        "UPDATE shared_links SET sections = '{metrics}'",
        "UPDATE shared_links SET password_hash = NULL",
        "SELECT FROM tenant_facts",
        "SELECT expire_shared_links()",
        "CREATE TABLE analytics_service.mine (id INT)",
    ] {
        refused(&sharing, statement).await;
    }
    // A link of another tenant than the transaction names, or for ever, is refused.
    let create = |tenant: &str, expires_at: &str| {
        format!(
            "SET LOCAL analytics_service.tenant_id = '{}';
             INSERT INTO shared_links (secret_hash, tenant_id, event_id, name, sections, shows_revenue, expires_at)
             SELECT sha256(gen_random_uuid()::TEXT::BYTEA), {tenant}, gen_random_uuid(), '', '{{metrics}}', TRUE,
                    {expires_at}",
            Uuid::nil()
        )
    };
    let own = format!("'{}'::UUID", Uuid::nil());
    let valid = create(&own, "NOW() + INTERVAL '1 day'");
    sharing.execute_unprepared(&valid).await.unwrap();
    for (statement, reason) in [
        (
            create("gen_random_uuid()", "NOW() + INTERVAL '1 day'"),
            "row-level security",
        ),
        (create(&own, "'infinity'"), "check constraint"),
        (create(&own, "NULL"), "not-null constraint"),
    ] {
        let error = sharing.execute_unprepared(&statement).await.unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
    // A revoked link stays revoked.
    for (revoked_at, links) in [("NOW()", 1), ("NULL", 0)] {
        let update = format!(
            "SET LOCAL analytics_service.tenant_id = '{}'; UPDATE shared_links SET revoked_at = {revoked_at}",
            Uuid::nil()
        );
        let updated = sharing.execute_unprepared(&update).await.unwrap();
        assert_eq!(updated.rows_affected(), links, "{revoked_at}");
    }
}

#[tokio::test]
async fn the_read_tier_sees_the_rows_of_the_tenant_that_its_transaction_names_and_else_none() {
    let world = World::start().await;
    let own = [Uuid::now_v7(), Uuid::now_v7()];
    for tenant in own {
        let event = world.publish_event(tenant, None).await;
        world.write().store(&Fact::view(event).visitor("v")).await;
        Share::to_all(&world.read().of_tenant(tenant), event).await;
    }
    let query = connect_as(TierRole::Query, &world.database.query_url).await;
    for relation in READ {
        assert!(tenants(&query, relation).await.is_empty(), "{relation}");
        for tenant in own {
            let transaction = query.begin().await.unwrap();
            let set = format!("SET LOCAL analytics_service.tenant_id = '{tenant}'");
            transaction.execute_unprepared(&set).await.unwrap();
            assert_eq!(
                tenants(&transaction, relation).await,
                [tenant],
                "{relation}"
            );
            transaction.commit().await.unwrap();
        }
        // The setting has ended with its transaction.
        assert!(tenants(&query, relation).await.is_empty(), "{relation}");
    }
    let chunks =
        "SELECT format('%I.%I', chunk_schema, chunk_name) FROM timescaledb_information.chunks";
    let chunks = world.database.rows(chunks).await;
    assert!(!chunks.is_empty());
    for chunk in chunks {
        let chunk: String = chunk.try_get_by_index(0).unwrap();
        refused(&query, &format!("SELECT FROM {chunk}")).await;
    }
    world.end().await;
}

#[tokio::test]
async fn a_tier_warns_if_its_login_may_do_more_than_its_role() {
    const WARNING: &str = "the login of DATABASE_URL";
    let database = TestDatabase::create(&Stack::from_env()).await;
    for (name, own) in [
        ("analytics-ingest", &database.ingest_url),
        ("analytics-query", &database.query_url),
    ] {
        // The owner of the tests' servers.
        let owner = Service::start(name, &[("DATABASE_URL", &database.url)]).await;
        let deadline = Instant::now() + Duration::from_secs(10);
        while !owner
            .logged()
            .contains("the login of DATABASE_URL is a superuser")
        {
            assert!(Instant::now() < deadline, "{}", owner.logged());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let service = Service::start(name, &[("DATABASE_URL", own)]).await;
        assert!(!service.logged().contains(WARNING), "{}", service.logged());
    }
}
