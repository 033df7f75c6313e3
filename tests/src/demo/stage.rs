//! The environment of the demo: an empty database, an empty queue, and both services.

use std::path::PathBuf;

use analytics_migration::compatibility;
use anyhow::{Context, ensure};
use lapin::{Connection, ConnectionProperties};
use reqwest::Url;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use tokio::process::Command;

use super::{Options, ports, show};
use crate::{
    broker::Broker,
    database::login,
    process::{self, Process, binary},
};

/// The services of the demo.
pub struct Stage {
    /// URL of the write tier.
    pub ingest: String,
    /// URL of the read tier.
    pub query: String,
    /// The platform's side of RabbitMQ.
    pub broker: Broker,
    /// The folder of the exports.
    pub folder: PathBuf,
    /// The folder of the logs.
    pub logs: String,
    server_url: String,
    database: String,
}

/// The running services.
pub struct Services {
    ingest: Process,
    query: Process,
}

impl Stage {
    /// Starts everything, and waits until the services are ready.
    pub async fn set(options: &Options) -> anyhow::Result<(Self, Services)> {
        let ingest_address = ports::free(options.ingest_port, "ingest-port")?;
        let query_address = ports::free(options.query_port, "query-port")?;
        let management = |port, option| ports::free(port, option).map(|free| free.to_string());
        let ingest_management =
            management(options.ingest_management_port, "ingest-management-port")?;
        let query_management = management(options.query_management_port, "query-management-port")?;
        let folder = folder()?;
        let log = |tier: &str| folder.join(format!("{}-{tier}.log", options.name));

        let database = options.database();
        show::step(1, &format!("Make the database {database} anew"));
        let database_url = recreate(&options.database_url, &database).await?;

        show::step(2, "Migrate it");
        migrate(&database_url, log("migration")).await?;
        let owner = connect(&database_url).await?;
        let [ingest, query, sharing] = ["ingest", "query", "sharing"].map(|tier| {
            let name = format!("{database}_{tier}");
            login(&owner, &database_url, name, format!("analytics_{tier}"))
        });
        let (ingest_url, query_url) = (ingest.await, query.await);
        let share_url = sharing.await;
        owner.close().await?;

        show::step(3, "Start ingest and query");
        let (exchange, queue) = (options.exchange(), options.queue());
        ensure_broker_answers(&options.amqp_url).await?;
        let leftovers = Broker::connect_as(&options.amqp_url, &exchange, &queue).await;
        leftovers.clean_up().await;
        let broker = Broker::connect_as(&options.amqp_url, &exchange, &queue).await;
        let writing = [
            ("DATABASE_URL", ingest_url.as_str()),
            ("AMQP_URL", &options.amqp_url),
            ("AMQP_EXCHANGE", &exchange),
            ("AMQP_QUEUE", &queue),
            // The delay of messages that are sent before their registration.
            ("AMQP_RETRY_DELAY_SECONDS", "1"),
            ("MANAGEMENT_ADDR", &ingest_management),
        ];
        let reading = [
            ("DATABASE_URL", query_url.as_str()),
            ("SHARE_DATABASE_URL", &share_url),
            ("MANAGEMENT_ADDR", &query_management),
        ];
        let mut ingest =
            Process::start("analytics-ingest", ingest_address, log("ingest"), &writing)?;
        let mut query = Process::start("analytics-query", query_address, log("query"), &reading)?;
        tokio::try_join!(ingest.until_up(), query.until_up())?;
        println!("      ingest {}, query {}", ingest.url(""), query.url(""));
        let stage = Self {
            ingest: ingest.url(""),
            query: query.url(""),
            broker,
            logs: format!("{} and {}", ingest.log.display(), query.log.display()),
            folder,
            server_url: options.database_url.clone(),
            database,
        };
        Ok((stage, Services { ingest, query }))
    }

    /// Deletes exchange and queues, and the database on request; the services have stopped.
    pub async fn clear(self, with_database: bool) -> anyhow::Result<()> {
        self.broker.clean_up().await;
        if with_database {
            let drop = format!("DROP DATABASE {} WITH (FORCE)", self.database);
            let logins =
                ["ingest", "query", "sharing"].map(|tier| format!("{}_{tier}", self.database));
            let logins = format!("DROP ROLE IF EXISTS {}", logins.join(", "));
            on_server(&self.server_url, &[&drop, &logins]).await?;
        }
        Ok(())
    }
}

impl Services {
    /// Waits until one of them exits, which is an error.
    pub async fn until_one_ends<T>(&mut self) -> anyhow::Result<T> {
        tokio::select! {
            end = self.ingest.until_it_ends() => end,
            end = self.query.until_it_ends() => end,
        }
    }

    /// Stops both.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        for service in [&mut self.ingest, &mut self.query] {
            let status = service.stop().await?;
            ensure!(
                status.success(),
                "ended with {status}; its log: {}",
                service.log.display()
            );
        }
        Ok(())
    }
}

/// `target/demo`, beside the folder of this program.
fn folder() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe().context("where is this program?")?;
    let target = program.parent().and_then(|profile| profile.parent());
    let folder = target
        .context("the program lies in no target folder")?
        .join("demo");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    // A relative path is shorter.
    let here = std::env::current_dir().unwrap_or_default();
    let relative = folder.strip_prefix(here).map(PathBuf::from);
    Ok(relative.unwrap_or(folder))
}

/// Drops the database of the demo, if it exists, and creates it; returns its URL.
async fn recreate(server_url: &str, database: &str) -> anyhow::Result<String> {
    let mut url = Url::parse(server_url).context("DATABASE_URL is not a URL")?;
    ensure!(
        url.path() != format!("/{database}"),
        "DATABASE_URL names the database of the demo itself, which is dropped: name another of the same server"
    );
    url.set_path(database);
    if is_outdated(url.as_str()).await {
        eprintln!("      the schema of {database} is outdated: it is recreated");
    }
    let drop = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
    let create = format!("CREATE DATABASE {database}");
    on_server(server_url, &[&drop, &create]).await?;
    Ok(url.into())
}

/// Returns whether the database exists with a schema of another version than that of this program.
async fn is_outdated(database_url: &str) -> bool {
    let Ok(database) = connect(database_url).await else {
        return false;
    };
    let is_outdated = compatibility::is_outdated(&database).await;
    let _ = database.close().await;
    is_outdated.unwrap_or_default()
}

async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

async fn on_server(url: &str, statements: &[&str]) -> anyhow::Result<()> {
    let server = connect(url)
        .await
        .context("TimescaleDB does not answer; `dev/stack up` starts it")?;
    for statement in statements {
        let done = server.execute_unprepared(statement).await;
        done.with_context(|| format!("the database refuses: {statement}"))?;
    }
    Ok(server.close().await?)
}

async fn ensure_broker_answers(url: &str) -> anyhow::Result<()> {
    let connection = Connection::connect(url, ConnectionProperties::default())
        .await
        .context("RabbitMQ does not answer; `dev/stack up` starts it")?;
    Ok(connection.close(200, "it answers".into()).await?)
}

async fn migrate(database_url: &str, log: PathBuf) -> anyhow::Result<()> {
    let output = process::file(&log)?;
    let migration = Command::new(binary("analytics-migration"))
        .arg("up")
        .env("DATABASE_URL", database_url)
        .stdout(output.try_clone()?)
        .stderr(output)
        .kill_on_drop(true)
        .status();
    let status = migration
        .await
        .context("cannot start analytics-migration")?;
    ensure!(
        status.success(),
        "the migration failed; its log: {}",
        log.display()
    );
    Ok(())
}
