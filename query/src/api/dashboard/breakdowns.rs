//! What the lists of a dashboard consist of.

use chrono::{DateTime, FixedOffset, NaiveDate};
use poem_openapi::Object;

use super::super::{parts::DayFigures, types::Day};
use crate::figures::{self, ZoneClock};

/// One calendar day before, at or after the event.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct DashboardDay {
    /// What happened.
    #[oai(flatten)]
    pub figures: DayFigures,
    /// Days until the event begins, 0 on its first day, negative after it: what lays two editions of an event
    /// over each other. `null` if its start is not known.
    #[oai(nullable)]
    pub days_to_event: Option<i64>,
}

/// One hour of the week, as clocks show it.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct HourOfWeek {
    /// 1 is Monday, 7 is Sunday.
    #[oai(validator(minimum(value = "1"), maximum(value = "7")))]
    pub weekday: u8,
    /// The hour, from 0 to 23.
    #[oai(validator(maximum(value = "23")))]
    pub hour: u8,
    /// Page views.
    pub views: u64,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

/// The rush at the door.
#[derive(Clone, Debug, Object)]
pub struct CheckInCurve {
    /// The day.
    pub date: Day,
    /// The minutes in which somebody checked in, in order.
    pub points: Vec<CurvePoint>,
}

/// One minute of the day.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct CurvePoint {
    /// When it begins, with the zone's offset.
    pub at: DateTime<FixedOffset>,
    /// Check-ins within it.
    pub check_ins: u64,
    /// Check-ins of the day up to its end.
    pub total: u64,
}

/// One ticket type.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct TicketTypeFigures {
    /// Its id; `null` where no fact told it.
    #[oai(nullable)]
    pub ticket_type_id: Option<String>,
    /// Its latest name; `null` where no fact told it. Both are `null` for facts without any ticket
    /// type.
    #[oai(nullable)]
    pub ticket_type_name: Option<String>,
    /// Completed registrations.
    pub registrations: u64,
    /// Cancelled registrations.
    pub cancellations: u64,
    /// Check-ins.
    pub check_ins: u64,
}

/// One ticket type of one traffic source.
#[derive(Clone, Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SourceTicketTypeFigures {
    /// The source.
    pub source: String,
    /// The ticket type.
    #[oai(flatten)]
    pub figures: TicketTypeFigures,
}

impl DashboardDay {
    /// A day of an event that begins on `event_day`.
    pub fn new(figures: figures::DayFigures, event_day: Option<NaiveDate>) -> Self {
        Self {
            days_to_event: event_day.map(|event_day| (event_day - figures.date).num_days()),
            figures: figures.into(),
        }
    }
}

impl HourOfWeek {
    /// Whether anything happened in it.
    pub fn is_busy(&self) -> bool {
        self.views + self.registrations + self.cancellations + self.check_ins > 0
    }
}

impl CheckInCurve {
    /// The curve of that day, with times as `clock` shows them.
    pub fn new(date: NaiveDate, points: Vec<figures::CurvePoint>, clock: &ZoneClock) -> Self {
        let points = points.into_iter();
        Self {
            date: Day(date),
            points: points.map(|point| CurvePoint::new(point, clock)).collect(),
        }
    }
}

impl CurvePoint {
    fn new(point: figures::CurvePoint, clock: &ZoneClock) -> Self {
        Self {
            at: clock.show(point.at),
            check_ins: point.check_ins,
            total: point.total,
        }
    }
}

impl From<figures::HourOfWeek> for HourOfWeek {
    fn from(one: figures::HourOfWeek) -> Self {
        Self {
            weekday: one.weekday,
            hour: one.hour,
            views: one.views,
            registrations: one.registrations,
            cancellations: one.cancellations,
            check_ins: one.check_ins,
        }
    }
}

impl From<figures::TicketTypeFigures> for TicketTypeFigures {
    fn from(one: figures::TicketTypeFigures) -> Self {
        Self {
            ticket_type_id: one.ticket_type_id,
            ticket_type_name: one.ticket_type_name,
            registrations: one.registrations,
            cancellations: one.cancellations,
            check_ins: one.check_ins,
        }
    }
}

impl From<figures::SourceTicketTypeFigures> for SourceTicketTypeFigures {
    fn from(one: figures::SourceTicketTypeFigures) -> Self {
        Self {
            source: one.source,
            figures: one.figures.into(),
        }
    }
}
