//! The statement that reads the days of events. The read tier executes it in a snapshot; the schema also has it as the
//! function `event_days`, which sets the tenant and reads in one statement.

/// The statement; its parameters are described in the file.
pub const EVENT_DAYS: &str = include_str!("event_days.sql");

/// The same with the function, for reads outside a snapshot.
pub const EVENT_DAYS_FUNCTION: &str =
    "SELECT * FROM event_days($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
