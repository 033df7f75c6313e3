//! The measured databases. Filling one with ten million facts takes minutes, so they can be kept: the next run
//! finds them by their names.

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database,
    sqlx::{self, PgPool},
};

use super::fill;
use crate::{
    bench::{mix::Mix, programs::Programs, stage},
    database::TestDatabase,
};

/// The comment on a database that is complete.
const WHOLE: &str = "whole";
const COMMENT: &str = "SELECT shobj_description(oid, 'pg_database') AS comment
    FROM pg_database WHERE datname = $1";

/// The server and the seed of a database, and whether it is kept.
#[derive(Clone, Copy, Debug)]
pub struct DatabaseOptions<'a> {
    /// The server.
    pub server_url: &'a str,
    /// The seed of the facts.
    pub seed: u64,
    /// Whether the next run finds it.
    pub keep: bool,
}

/// A database with this number of facts: a kept one, or a new one.
///
/// # Errors
/// When it cannot be created.
pub async fn database(
    kept: DatabaseOptions<'_>,
    programs: &Programs,
    mix: &Mix,
    facts: usize,
) -> anyhow::Result<TestDatabase> {
    let server_url = kept.server_url;
    let name = name(kept.seed, programs, facts);
    let mut connect = ConnectOptions::new(server_url);
    connect.max_connections(1).sqlx_logging(false);
    let server = Database::connect(connect).await?;
    let comment = comment(server.get_postgres_connection_pool(), &name).await?;
    if let Some(comment) = &comment
        && comment != WHOLE
    {
        // The run that created it was stopped.
        let drop = format!("DROP DATABASE {name} WITH (FORCE)");
        server.execute_unprepared(&drop).await?;
    }
    let mut database = if comment.as_deref() == Some(WHOLE) {
        eprintln!("  {name} is there from an earlier run");
        TestDatabase::open(server_url, name).await
    } else {
        let database = TestDatabase::create_named(server_url, name.clone()).await;
        stage::migrate(&database, programs)?;
        fill::fill(&database, programs, mix, facts).await?;
        let whole = format!("COMMENT ON DATABASE {name} IS '{WHOLE}'");
        server.execute_unprepared(&whole).await?;
        database
    };
    if kept.keep {
        database.keep();
    }
    server.close().await?;
    Ok(database)
}

/// The name of a database. That of a baseline contains its commit, because its schema may differ.
fn name(seed: u64, programs: &Programs, facts: usize) -> String {
    let name = format!("bench_query_{facts}_{seed}");
    if !programs.is_baseline() {
        return name;
    }
    let commit: String = programs
        .commit
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(16)
        .collect();
    format!("{name}_baseline_{}", commit.to_ascii_lowercase())
}

/// The comment on a database, empty if there is none; `None` if there is no such database.
async fn comment(server: &PgPool, name: &str) -> sqlx::Result<Option<String>> {
    let comment: Option<Option<String>> = sqlx::query_scalar(COMMENT)
        .bind(name)
        .fetch_optional(server)
        .await?;
    Ok(comment.map(Option::unwrap_or_default))
}
