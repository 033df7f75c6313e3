//! Logins of BI tools.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use uuid::Uuid;

use crate::{
    cleanup,
    database::{TestDatabase, with_login},
    stack::Stack,
};

/// A login of a BI tool, made by `analytics-migration bi-user create`. It is dropped with this value, also after a
/// panic: logins belong to the server.
pub struct BiLogin {
    /// Its name.
    pub name: String,
    /// Its password.
    pub password: String,
    url: String,
}

impl BiLogin {
    /// Creates a login for a tenant.
    ///
    /// # Panics
    /// When it is not created.
    #[must_use]
    pub fn create(database: &TestDatabase, tenant: Uuid) -> Self {
        let output = database.migrate(&["bi-user", "create", "--tenant", &tenant.to_string()]);
        let printed = String::from_utf8(output.stdout).expect("text");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{printed}{error}");
        let value = |label: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(label));
            line.expect(label).trim().to_owned()
        };
        let (name, password) = (value("login"), value("password"));
        Self {
            url: with_login(&database.url, &name, &password),
            name,
            password,
        }
    }

    /// A connection as a BI tool opens it.
    ///
    /// # Panics
    /// When the login is refused.
    pub async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(&self.url);
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.expect("the login works")
    }
}

impl Drop for BiLogin {
    fn drop(&mut self) {
        let (url, name) = (Stack::from_env().database_url, self.name.clone());
        cleanup::run(&self.name, || async move {
            let server = Database::connect(ConnectOptions::new(url)).await?;
            let drop = format!("DROP ROLE IF EXISTS {name}");
            server.execute_unprepared(&drop).await?;
            Ok(())
        });
    }
}
