//! The rows that a transport has stored, in a temporary file: those of a long run may exceed the memory.

use std::io::{BufRead, BufReader, BufWriter, Seek, Write};

use futures_util::TryStreamExt;
use sea_orm::sqlx::postgres::PgPoolCopyExt;
use tempfile::NamedTempFile;

use crate::database::TestDatabase;

/// Ordered by time, approximately as they were sent. Limited to the number of rows that a floor needs for a
/// stable result.
const OUT: &str = "COPY (
    SELECT id, tenant_id, event_type, event_id, user_id, properties, created_at
    FROM analytics_service.analytics_events
    ORDER BY created_at, id
    LIMIT 1000000
) TO STDOUT";

/// Rows as lines of `COPY`.
pub struct StoredRows {
    /// Their number.
    pub number: usize,
    file: NamedTempFile,
}

/// Writes the rows of a database to a file.
///
/// # Errors
/// When they cannot be read or written.
pub async fn spool(database: &TestDatabase) -> anyhow::Result<StoredRows> {
    let mut file = BufWriter::new(NamedTempFile::new()?);
    let mut number = 0;
    let pool = database.connection.get_postgres_connection_pool();
    // The server sends each row in its own message.
    let mut rows = pool.copy_out_raw(OUT).await?;
    while let Some(row) = rows.try_next().await? {
        file.write_all(&row)?;
        number += 1;
    }
    let mut file = file.into_inner()?;
    file.rewind()?;
    Ok(StoredRows { number, file })
}

impl StoredRows {
    /// The lines, each with its line break.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn lines(&self) -> anyhow::Result<impl Iterator<Item = std::io::Result<Vec<u8>>> + use<>> {
        let mut file = BufReader::with_capacity(256 * 1024, self.file.reopen()?);
        Ok(std::iter::from_fn(move || {
            let mut line = Vec::with_capacity(512);
            match file.read_until(b'\n', &mut line) {
                Ok(0) => None,
                Ok(_) => Some(Ok(line)),
                Err(error) => Some(Err(error)),
            }
        }))
    }
}
