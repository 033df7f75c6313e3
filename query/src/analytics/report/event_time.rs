//! The time of an event with respect to the present.

/// The events of a list, by the day on which they start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EventTime {
    /// Events that start today or later.
    Upcoming,
    /// Events that started before today.
    Past,
    /// All events, those without a start included.
    #[default]
    All,
}

impl EventTime {
    /// The choices with their names.
    pub const NAMES: [(&'static str, Self); 3] = [
        ("upcoming", Self::Upcoming),
        ("past", Self::Past),
        ("all", Self::All),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.into_iter().find(|(_, time)| *time == self);
        named.map_or("all", |(name, _)| name)
    }
}
