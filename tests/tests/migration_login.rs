//! A managed PostgreSQL: the login of the migration owns its database and nothing else, and an administrator manages the
//! roles.

use std::process::{Command, Output};

use analytics_tests::{
    api::Api, database::with_login, fact::Fact, process, replica::Servers, service::Service,
};
use sea_orm::{ConnectionTrait, Database};
use uuid::Uuid;

/// The roles of an administrator, as the operator of a cluster creates them.
const MANAGED: &str = "
    CREATE ROLE analytics_ingest NOLOGIN; CREATE ROLE analytics_query NOLOGIN;
    CREATE ROLE analytics_sharing NOLOGIN; CREATE ROLE analytics_bi NOLOGIN;
    CREATE ROLE ingest LOGIN PASSWORD 'ingest' IN ROLE analytics_ingest;
    CREATE ROLE query LOGIN PASSWORD 'query' IN ROLE analytics_query;
    CREATE ROLE sharing LOGIN PASSWORD 'sharing' IN ROLE analytics_sharing";

fn migrate(url: &str, command: &str) -> Output {
    Command::new(process::binary("analytics-migration"))
        .arg(command)
        .env("DATABASE_URL", url)
        .env("RUST_BACKTRACE", "1")
        .output()
        .expect("it runs")
}

fn text(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_only_owns_its_database_migrates_it_once_an_administrator_has_created_the_roles()
 {
    let servers = Servers::start();
    let administrator = Database::connect(&servers.primary_url).await.unwrap();
    for statement in [
        "CREATE ROLE owner LOGIN PASSWORD 'owner'",
        "CREATE DATABASE app OWNER owner",
    ] {
        administrator.execute_unprepared(statement).await.unwrap();
    }
    let (server, _) = servers.primary_url.rsplit_once('/').unwrap();
    let of = |login: &str| with_login(&format!("{server}/app"), login, login);

    let refused = migrate(&of("owner"), "up");
    let error = text(&refused);
    assert_eq!(refused.status.code(), Some(1), "{error}");
    assert!(
        error.contains("owner may not create the missing roles")
            && error.contains(
                "CREATE ROLE analytics_ingest NOLOGIN; CREATE ROLE analytics_query NOLOGIN"
            ),
        "{error}"
    );
    assert!(!error.contains("stack backtrace"), "{error}");

    administrator.execute_unprepared(MANAGED).await.unwrap();
    for command in ["up", "up", "verify", "down", "fresh"] {
        let output = migrate(&of("owner"), command);
        assert!(output.status.success(), "{command}: {}", text(&output));
    }
    let (ingest, query) = (of("ingest"), of("query"));
    let ingest = [("DATABASE_URL", ingest.as_str())];
    let query = [("DATABASE_URL", query.as_str())];
    let (mut ingest, mut query) = tokio::join!(
        Service::start("analytics-ingest", &ingest),
        Service::start("analytics-query", &query),
    );
    let (tenant, event) = (Uuid::now_v7(), Uuid::now_v7());
    let write = Api::at(&ingest.url("")).of_tenant(tenant);
    write.store(&Fact::view(event)).await;
    let read = Api::at(&query.url("")).of_tenant(tenant);
    let dashboard = read.read(&format!("/events/{event}/dashboard")).await;
    assert_eq!(dashboard["totalViews"], 1);
    for service in [&mut ingest, &mut query] {
        assert!(service.terminate().await.success());
        assert!(
            !service.logged().contains("WARN the login"),
            "{}",
            service.logged()
        );
    }
}
