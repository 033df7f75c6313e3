//! `COPY` of rows into a table, in text format and in chunks.

use sea_orm::sqlx::{
    Postgres,
    pool::PoolConnection,
    postgres::{PgCopyIn, PgPoolCopyExt},
};

use crate::database::TestDatabase;

/// The size of a chunk, in bytes.
const CHUNK: usize = 256 * 1024;

/// A `COPY` in progress, on its own connection.
pub struct CopyIn {
    copy: PgCopyIn<PoolConnection<Postgres>>,
    chunk: Vec<u8>,
    /// In `chunk`.
    rows: u64,
}

impl CopyIn {
    /// Begins a `COPY … FROM STDIN`.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn begin(database: &TestDatabase, statement: &'static str) -> anyhow::Result<Self> {
        let pool = database.connection.get_postgres_connection_pool();
        Ok(Self {
            copy: pool.copy_in_raw(statement).await?,
            chunk: Vec::with_capacity(2 * CHUNK),
            rows: 0,
        })
    }

    /// Adds a row, which ends with its line break. Returns the number of rows that were sent.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn row(&mut self, line: &[u8]) -> anyhow::Result<u64> {
        self.chunk.extend_from_slice(line);
        self.rows += 1;
        if self.chunk.len() < CHUNK {
            return Ok(0);
        }
        self.copy.send(self.chunk.as_slice()).await?;
        self.chunk.clear();
        Ok(std::mem::take(&mut self.rows))
    }

    /// Sends the rest and ends the statement.
    ///
    /// # Errors
    /// When the database refuses a row.
    pub async fn finish(mut self) -> anyhow::Result<()> {
        self.copy.send(self.chunk.as_slice()).await?;
        self.copy.finish().await?;
        Ok(())
    }
}
