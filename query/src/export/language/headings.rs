//! Headings of the columns of all datasets.

use super::Language;

/// Headings by the name of the column: English, Russian.
const HEADINGS: [(&str, [&str; 2]); 31] = [
    ("id", ["Id", "Идентификатор"]),
    ("createdAt", ["Time", "Время"]),
    ("eventType", ["Kind", "Вид"]),
    ("eventId", ["Event id", "Мероприятие (идентификатор)"]),
    ("userId", ["User id", "Пользователь (идентификатор)"]),
    ("source", ["Source", "Источник"]),
    (
        "ticketTypeId",
        ["Ticket type id", "Тип билета (идентификатор)"],
    ),
    ("ticketTypeName", ["Ticket type", "Тип билета"]),
    (
        "registrationId",
        ["Registration id", "Регистрация (идентификатор)"],
    ),
    ("amountCents", ["Amount", "Сумма"]),
    ("refundedCents", ["Refunded", "Возвращено"]),
    ("currency", ["Currency", "Валюта"]),
    ("revenue", ["Amounts by currency", "Суммы по валютам"]),
    (
        "refunded",
        ["Refunded by currency", "Возвращено по валютам"],
    ),
    ("properties", ["Properties", "Свойства"]),
    ("title", ["Event", "Мероприятие"]),
    ("date", ["Day", "День"]),
    ("views", ["Page views", "Просмотры"]),
    ("uniqueViews", ["Visitors", "Посетители"]),
    (
        "registrationsStarted",
        ["Registrations started", "Начатые регистрации"],
    ),
    ("registrations", ["Registrations", "Регистрации"]),
    ("cancellations", ["Cancellations", "Отмены"]),
    ("checkIns", ["Check-ins", "Проходы"]),
    ("payments", ["Payments", "Платежи"]),
    ("refunds", ["Refunds", "Возвраты"]),
    ("startedAt", ["Started", "Начата"]),
    ("completedAt", ["Registered", "Завершена"]),
    ("cancelledAt", ["Cancelled", "Отменена"]),
    ("checkedInAt", ["Checked in", "Проход"]),
    ("paidAt", ["Paid on", "Оплачена"]),
    ("refundedAt", ["Refunded on", "Возврат"]),
];

/// Returns the heading of a column; its name without a language.
pub fn heading(column: &'static str, language: Option<Language>) -> &'static str {
    let Some(language) = language else {
        return column;
    };
    let known = HEADINGS.iter().find(|(name, _)| *name == column);
    known.map_or(column, |(_, [english, russian])| match language {
        Language::En => english,
        Language::Ru => russian,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        export::{
            datasets::{EventDayRecord, RegistrationRecord},
            table::{Record, Table},
        },
        store::StoredFact,
    };

    #[test]
    fn every_column_has_a_heading_in_every_language_and_no_two_are_equal() {
        fn check<T: Record>() {
            let names: Vec<_> = Table::<T>::of(None).unwrap().names().collect();
            for language in [Language::En, Language::Ru] {
                let mut headings: Vec<_> = names
                    .iter()
                    .map(|name| heading(name, Some(language)))
                    .collect();
                for (name, heading) in names.iter().zip(&headings) {
                    assert_ne!(name, heading);
                }
                headings.sort_unstable();
                headings.dedup();
                assert_eq!(headings.len(), names.len(), "{headings:?}");
            }
        }
        check::<StoredFact>();
        check::<EventDayRecord>();
        check::<RegistrationRecord>();
        assert_eq!(heading("amountCents", None), "amountCents");
    }
}
