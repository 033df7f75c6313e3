//! Rows into a table, the fastest way that there is: `COPY`, in text form, some hundred KiB at once.

use sea_orm::sqlx::{
    Postgres,
    pool::PoolConnection,
    postgres::{PgCopyIn, PgPoolCopyExt},
};

use crate::database::TestDatabase;

/// Bytes that are handed over at once.
const CHUNK: usize = 256 * 1024;

/// A `COPY` under way, on a connection of its own.
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

    /// Adds a row, which ends with its line break. Returns how many rows were handed over now.
    ///
    /// # Errors
    /// When the connection breaks.
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

    /// Hands over the rest, and ends.
    ///
    /// # Errors
    /// When the database refuses a row.
    pub async fn finish(mut self) -> anyhow::Result<()> {
        self.copy.send(self.chunk.as_slice()).await?;
        self.copy.finish().await?;
        Ok(())
    }
}
