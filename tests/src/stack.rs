//! Where the local stack is.

/// TimescaleDB and RabbitMQ, as `dev/stack env` names them.
#[derive(Clone, Debug)]
pub struct Stack {
    /// A database of the server; its user may create databases.
    pub database_url: String,
    /// RabbitMQ.
    pub amqp_url: String,
}

impl Stack {
    /// The stack of the environment.
    ///
    /// # Panics
    /// When there is none, with what to do about it.
    #[must_use]
    pub fn from_env() -> Self {
        let of = |name| {
            std::env::var(name).unwrap_or_else(|_| {
                panic!("{name} is not set: run `dev/stack up && eval \"$(dev/stack env)\"`, or `make test`")
            })
        };
        Self {
            database_url: of("DATABASE_URL"),
            amqp_url: of("AMQP_URL"),
        }
    }
}
