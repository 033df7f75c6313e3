//! The words of workbooks. A language without one of them does not compile.

use super::Language;

/// The words of a language.
pub struct Words {
    pub report: &'static str,
    pub facts: &'static str,
    pub daily: &'static str,
    pub registrations: &'static str,
    pub long_texts: &'static str,
    pub by_day: &'static str,
    pub parameters: &'static str,
    pub all_events: &'static str,
    pub untitled: &'static str,
    pub period: &'static str,
    pub starts: &'static str,
    pub time_zone: &'static str,
    pub as_of: &'static str,
    pub views: &'static str,
    pub visitors: &'static str,
    pub confirmed: &'static str,
    pub checked_in: &'static str,
    pub check_ins: &'static str,
    pub cancellations: &'static str,
    pub registrations_of_views: &'static str,
    pub check_ins_of_registrations: &'static str,
    pub cancellations_of_registrations: &'static str,
    pub no_shows: &'static str,
    pub attendees: &'static str,
    pub returning_attendees: &'static str,
    pub rates_above_one: &'static str,
    pub revenue: &'static str,
    pub currency: &'static str,
    pub no_currency: &'static str,
    pub payments: &'static str,
    pub paid: &'static str,
    pub refunds: &'static str,
    pub refunded: &'static str,
    pub sources: &'static str,
    pub source: &'static str,
    pub conversion: &'static str,
    pub ticket_types: &'static str,
    pub ticket_type: &'static str,
    pub no_ticket_type: &'static str,
    pub events: &'static str,
    pub event: &'static str,
    pub others: &'static str,
    pub nothing: &'static str,
    pub dataset: &'static str,
    pub organization: &'static str,
    pub first_day: &'static str,
    pub last_day: &'static str,
    pub zone_of_days: &'static str,
    pub zone_of_times: &'static str,
    pub columns: &'static str,
    pub event_types: &'static str,
    pub all: &'static str,
    pub rows: &'static str,
    pub sheets_of_rows: &'static str,
    pub texts_longer_than_a_cell: &'static str,
}

impl Language {
    /// Returns the words of the language.
    pub fn words(self) -> &'static Words {
        match self {
            Self::En => &ENGLISH,
            Self::Ru => &RUSSIAN,
        }
    }

    /// Returns the end of a cell whose whole text is on the sheet of long texts, from this row.
    pub fn continuation(self, row: u32) -> String {
        let sheet = self.words().long_texts;
        match self {
            Self::En => format!(" … (the whole text is in the sheet {sheet}, from row {row})"),
            Self::Ru => format!(" … (весь текст на листе «{sheet}», начиная со строки {row})"),
        }
    }
}

const ENGLISH: Words = Words {
    report: "Report",
    facts: "Facts",
    daily: "Daily",
    registrations: "Registrations",
    long_texts: "Long texts",
    by_day: "By day",
    parameters: "Parameters",
    all_events: "All events",
    untitled: "Untitled event",
    period: "Period",
    starts: "Starts",
    time_zone: "Time zone",
    as_of: "Figures as of",
    views: "Page views",
    visitors: "Visitors",
    confirmed: "Confirmed",
    checked_in: "Checked in",
    check_ins: "Check-ins",
    cancellations: "Cancellations",
    registrations_of_views: "Registrations per page view",
    check_ins_of_registrations: "Check-ins per registration",
    cancellations_of_registrations: "Cancellations per registration",
    no_shows: "No-shows",
    attendees: "Attendees",
    returning_attendees: "Attendees of several events",
    rates_above_one: "Rates above 100 % include people who came without a counted page view, or registered before these days.",
    revenue: "Revenue",
    currency: "Currency",
    no_currency: "No currency",
    payments: "Payments",
    paid: "Paid",
    refunds: "Refunds",
    refunded: "Refunded",
    sources: "Sources",
    source: "Source",
    conversion: "Conversion",
    ticket_types: "Ticket types",
    ticket_type: "Ticket type",
    no_ticket_type: "Without a ticket type",
    events: "Events",
    event: "Event",
    others: "Others",
    nothing: "Nothing in this period.",
    dataset: "Dataset",
    organization: "Organization",
    first_day: "First day",
    last_day: "Last day",
    zone_of_days: "Time zone of days",
    zone_of_times: "Time zone of times",
    columns: "Columns",
    event_types: "Event types",
    all: "all",
    rows: "Rows",
    sheets_of_rows: "Sheets of rows",
    texts_longer_than_a_cell: "Texts longer than a cell",
};

const RUSSIAN: Words = Words {
    report: "Отчёт",
    facts: "Факты",
    daily: "Мероприятия по дням",
    registrations: "Регистрации",
    long_texts: "Длинные тексты",
    by_day: "По дням",
    parameters: "Параметры",
    all_events: "Все мероприятия",
    untitled: "Мероприятие без названия",
    period: "Период",
    starts: "Начало",
    time_zone: "Часовой пояс",
    as_of: "Данные на",
    views: "Просмотры",
    visitors: "Посетители",
    confirmed: "Подтверждено",
    checked_in: "Пришли",
    check_ins: "Проходы",
    cancellations: "Отмены",
    registrations_of_views: "Регистраций на просмотр",
    check_ins_of_registrations: "Проходов на регистрацию",
    cancellations_of_registrations: "Отмен на регистрацию",
    no_shows: "Не пришли",
    attendees: "Участники",
    returning_attendees: "Участники нескольких мероприятий",
    rates_above_one: "Доли выше 100 % включают тех, чей просмотр не посчитан или кто зарегистрировался до этих дней.",
    revenue: "Выручка",
    currency: "Валюта",
    no_currency: "Без валюты",
    payments: "Платежи",
    paid: "Оплачено",
    refunds: "Возвраты",
    refunded: "Возвращено",
    sources: "Источники",
    source: "Источник",
    conversion: "Конверсия",
    ticket_types: "Типы билетов",
    ticket_type: "Тип билета",
    no_ticket_type: "Без типа билета",
    events: "Мероприятия",
    event: "Мероприятие",
    others: "Прочие",
    nothing: "За этот период ничего нет.",
    dataset: "Набор данных",
    organization: "Организация",
    first_day: "Первый день",
    last_day: "Последний день",
    zone_of_days: "Часовой пояс дней",
    zone_of_times: "Часовой пояс времени",
    columns: "Столбцы",
    event_types: "Виды фактов",
    all: "все",
    rows: "Строки",
    sheets_of_rows: "Листы со строками",
    texts_longer_than_a_cell: "Тексты длиннее ячейки",
};

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_of_sheets_are_distinct_and_within_the_limits_of_the_format() {
        for words in [&ENGLISH, &RUSSIAN] {
            let names = [
                words.report,
                words.facts,
                words.daily,
                words.registrations,
                words.long_texts,
                words.by_day,
                words.parameters,
            ];
            assert_eq!(HashSet::from(names).len(), names.len());
            for name in names {
                // Sheets of rows are numbered.
                assert!(name.chars().count() <= 31 - " 1000".len(), "{name}");
                assert!(
                    !name.contains(['[', ']', ':', '*', '?', '/', '\\', '\'']),
                    "{name}"
                );
            }
        }
    }
}
