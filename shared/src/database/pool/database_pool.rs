//! A pool of connections whose statements all have the settings of a session, also behind a connection pooler.

use std::{pin::Pin, sync::Arc};

use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, ExecResult, QueryResult, Statement, StreamTrait, TransactionTrait,
    sqlx::{self, AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction},
};
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinHandle},
};
use tracing::Instrument;

use super::session::SessionSettings;
use crate::{config::Pooler, telemetry::traces::set_database};

/// Deletes the prepared statements that other clients have left in the session of a pooler: their names may be those
/// of the statements that follow. After all settings, because it takes the snapshot of the transaction.
const FORGET_STATEMENTS: &str = "; DEALLOCATE ALL";
/// Rows of a stream that wait for its reader at most.
const MAX_WAITING_ROWS: usize = 256;

/// A pool of connections. A statement outside a transaction commits by itself; behind a pooler in transaction mode it
/// is a transaction of its own, which sets the settings first.
#[derive(Clone, Debug)]
pub struct DatabasePool {
    pub(super) connections: DatabaseConnection,
    pub(super) settings: Arc<SessionSettings>,
    pub(super) pooler: Pooler,
    /// The statements with which every transaction begins.
    transaction_settings: Option<Arc<str>>,
}

impl DatabasePool {
    /// Opens a pool.
    ///
    /// # Errors
    /// When the URL is invalid, or the first connection fails, unless connections are opened on demand.
    pub async fn open(
        mut options: ConnectOptions,
        settings: SessionSettings,
        pooler: Pooler,
    ) -> Result<Self, DbErr> {
        let start_up = settings.start_up_options();
        options
            .sqlx_logging(false)
            .map_sqlx_postgres_opts(move |options| {
                if let Some(name) = options.get_database() {
                    set_database(name);
                }
                match pooler {
                    Pooler::None if !start_up.is_empty() => options.options(start_up.clone()),
                    Pooler::None | Pooler::Transaction => options,
                    // A statement that is not cached is prepared by each transaction that executes it.
                    Pooler::TransactionUnprepared => options.statement_cache_capacity(0),
                }
            });
        Ok(Self {
            connections: Database::connect(options).await?,
            transaction_settings: settings.of_transaction(pooler).map(Into::into),
            settings: Arc::new(settings),
            pooler,
        })
    }

    /// Begins a transaction. Not cancellation safe: a dropped future may leave it open.
    ///
    /// # Errors
    /// When there is no connection.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.begin_with("").await
    }

    /// Begins a transaction with further settings, which take no round trip of their own behind a pooler.
    ///
    /// # Errors
    /// When there is no connection, or a setting is invalid.
    pub async fn begin_with(&self, settings: &str) -> Result<DatabaseTransaction, DbErr> {
        let transaction = self.connections.begin().await?;
        let all = self.all_settings(settings);
        if !all.is_empty() {
            transaction.execute_unprepared(&all).await?;
        }
        Ok(transaction)
    }

    /// Returns the pool of the driver, for statements that SeaORM cannot express. Unless
    /// [`Self::keeps_settings`], they need a transaction of [`Self::begin_on`].
    #[must_use]
    pub fn driver_pool(&self) -> &PgPool {
        self.connections.get_postgres_connection_pool()
    }

    /// Begins a transaction with further settings on a connection of the driver's pool.
    ///
    /// # Errors
    /// When the connection is broken, or a setting is invalid.
    pub async fn begin_on<'c>(
        &self,
        connection: &'c mut PgConnection,
        settings: &str,
    ) -> sqlx::Result<Transaction<'c, Postgres>> {
        let mut transaction = connection.begin().await?;
        let all = self.all_settings(settings);
        if !all.is_empty() {
            let set = sqlx::raw_sql(AssertSqlSafe(all));
            set.execute(&mut *transaction).await?;
        }
        Ok(transaction)
    }

    /// Returns the statements with which a transaction begins that has further settings.
    fn all_settings(&self, more: &str) -> String {
        let own = self.transaction_settings.as_deref().unwrap_or_default();
        let last = match self.pooler {
            Pooler::None | Pooler::Transaction => "",
            Pooler::TransactionUnprepared => FORGET_STATEMENTS,
        };
        format!("{own}{more}{last}")
    }

    /// Returns whether a statement outside a transaction has the settings.
    #[must_use]
    pub fn keeps_settings(&self) -> bool {
        self.transaction_settings.is_none()
    }

    /// Closes all connections, when they are no longer used.
    ///
    /// # Errors
    /// When a connection cannot be closed.
    pub async fn close(self) -> Result<(), DbErr> {
        self.connections.close().await
    }

    /// Runs a statement in a transaction of its own. A task of its own, because a dropped future would leave the
    /// transaction open.
    async fn in_transaction<T, F>(&self, run: F) -> Result<T, DbErr>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T, DbErr>>
            + Send
            + 'static,
    {
        let pool = self.clone();
        let task = async move {
            let transaction = pool.begin().await?;
            let result = run(&transaction).await?;
            transaction.commit().await?;
            Ok(result)
        };
        let ended = tokio::spawn(task.in_current_span()).await;
        ended.map_err(|error| panicked(&error)).flatten()
    }

    /// Starts to read the rows of a statement in a transaction of its own.
    fn read_rows(&self, statement: Statement) -> (mpsc::Receiver<QueryResult>, RowReader) {
        let (sender, receiver) = mpsc::channel(MAX_WAITING_ROWS);
        let pool = self.clone();
        let task = async move {
            let transaction = pool.begin().await?;
            let mut rows = transaction.stream_raw(statement).await?;
            while let Some(row) = rows.next().await {
                if sender.send(row?).await.is_err() {
                    // The reader has gone.
                    return Ok(());
                }
            }
            drop(rows);
            transaction.commit().await
        };
        (receiver, tokio::spawn(task.in_current_span()))
    }
}

/// A task that reads rows. It ends with an error if they are not complete.
type RowReader = JoinHandle<Result<(), DbErr>>;

fn panicked(error: &JoinError) -> DbErr {
    DbErr::Custom(format!("a statement ended early: {error}"))
}

#[async_trait::async_trait]
impl ConnectionTrait for DatabasePool {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        if self.keeps_settings() {
            return self.connections.execute_raw(statement).await;
        }
        self.in_transaction(|transaction| transaction.execute_raw(statement))
            .await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        if self.keeps_settings() {
            return self.connections.execute_unprepared(sql).await;
        }
        let sql = sql.to_owned();
        self.in_transaction(|transaction| {
            async move { transaction.execute_unprepared(&sql).await }.boxed()
        })
        .await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        if self.keeps_settings() {
            return self.connections.query_one_raw(statement).await;
        }
        self.in_transaction(|transaction| transaction.query_one_raw(statement))
            .await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if self.keeps_settings() {
            return self.connections.query_all_raw(statement).await;
        }
        self.in_transaction(|transaction| transaction.query_all_raw(statement))
            .await
    }
}

impl StreamTrait for DatabasePool {
    type Stream<'a> = BoxStream<'static, Result<QueryResult, DbErr>>;

    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    fn stream_raw<'a>(
        &'a self,
        statement: Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        Box::pin(async move {
            if self.keeps_settings() {
                return Ok(self.connections.stream_raw(statement).await?.boxed());
            }
            let (mut receiver, reader) = self.read_rows(statement);
            let rows = stream::poll_fn(move |context| receiver.poll_recv(context)).map(Ok);
            let end = stream::once(reader).filter_map(|ended| async move {
                let ended = ended.map_err(|error| panicked(&error)).flatten();
                ended.err().map(Err)
            });
            Ok(rows.chain(end).boxed())
        })
    }
}
