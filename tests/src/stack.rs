//! The addresses of the local stack.

/// TimescaleDB and RabbitMQ, as `dev/stack env` prints them.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The URL of a database; its user can create databases.
    pub database_url: String,
    /// RabbitMQ.
    pub amqp_url: String,
}

impl Stack {
    /// The stack in the environment variables.
    ///
    /// # Panics
    /// When they are not set; the message explains how to set them.
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
