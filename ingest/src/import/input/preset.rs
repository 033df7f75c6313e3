//! The columns of attendee lists that other tools export in English.

use clap::ValueEnum;

use super::field::{Field, FieldDefault};

/// A tool whose attendee lists can be imported.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The attendee report of Eventbrite.
    Eventbrite,
    /// The order positions of pretix.
    Pretix,
}

/// A field and its columns, in the order of preference: the first list whose columns all exist is used, and
/// its cells are joined.
type PresetColumns = (Field, &'static [&'static [&'static str]]);

/// A column, and the values of rows that are registrations.
#[derive(Debug)]
pub struct StatusColumn {
    /// The name of the column.
    pub name: &'static str,
    /// The values, in any case.
    pub accepted: &'static [&'static str],
}

impl Preset {
    /// The columns of the fields.
    pub fn columns(self) -> [PresetColumns; 3] {
        let property = |name: &str| Field::Property(name.to_owned());
        match self {
            Self::Eventbrite => [
                (Field::Fact("createdAt"), &[&["Order Date"]]),
                (
                    property("registrationId"),
                    &[&["Attendee #"], &["Attendee no."]],
                ),
                (property("ticketTypeName"), &[&["Ticket Type"]]),
            ],
            Self::Pretix => [
                (
                    Field::Fact("createdAt"),
                    &[&["Order date", "Order time"], &["Order date"]],
                ),
                (
                    property("registrationId"),
                    &[&["Order code", "Position ID"]],
                ),
                (
                    property("ticketTypeName"),
                    &[&["Product", "Variation"], &["Product"]],
                ),
            ],
        }
    }

    /// The column that distinguishes registrations from orders that are not paid, or are cancelled.
    pub fn status(self) -> StatusColumn {
        match self {
            Self::Eventbrite => StatusColumn {
                name: "Attendee Status",
                accepted: &["Attending", "Checked In"],
            },
            Self::Pretix => StatusColumn {
                name: "Status",
                accepted: &["Paid"],
            },
        }
    }

    /// The event type of the rows.
    pub fn event_type() -> FieldDefault {
        FieldDefault {
            field: Field::Fact("eventType"),
            value: analytics_shared::event_type::REGISTRATION_COMPLETED.to_owned(),
        }
    }
}
