//! Dates and amounts as texts, and number formats of cells.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};

use super::Language;
use crate::export::money::{decimal_places, to_decimal};

const MONTHS: [[&str; 2]; 12] = [
    ["January", "января"],
    ["February", "февраля"],
    ["March", "марта"],
    ["April", "апреля"],
    ["May", "мая"],
    ["June", "июня"],
    ["July", "июля"],
    ["August", "августа"],
    ["September", "сентября"],
    ["October", "октября"],
    ["November", "ноября"],
    ["December", "декабря"],
];

impl Language {
    /// Returns a date, like `27 November 2026`.
    pub fn date(self, day: NaiveDate) -> String {
        let [english, russian] = MONTHS[day.month0() as usize % MONTHS.len()];
        let month = match self {
            Self::En => english,
            Self::Ru => russian,
        };
        format!("{} {month} {}", day.day(), day.year())
    }

    /// Returns a date and a time of day, like `27 November 2026, 18:00`.
    pub fn date_time(self, time: DateTime<FixedOffset>) -> String {
        format!("{}, {}", self.date(time.date_naive()), time.format("%H:%M"))
    }

    /// Returns an amount in minor units as a text, like `49.00 EUR`.
    fn amount(self, minor_units: i64, currency: &str) -> String {
        let amount = to_decimal(minor_units, decimal_places(currency));
        let amount = match self {
            Self::En => amount,
            Self::Ru => amount.replace('.', ","),
        };
        format!("{amount} {currency}").trim_end().to_owned()
    }

    /// Returns amounts by currency, a JSON object, as a text, like `49.00 EUR; 500 JPY`.
    pub fn amounts(self, json: &str) -> String {
        let amounts = serde_json::from_str::<BTreeMap<String, i64>>(json);
        let amounts = amounts.unwrap_or_default().into_iter();
        let amounts: Vec<_> = amounts
            .map(|(currency, amount)| self.amount(amount, &currency))
            .collect();
        amounts.join("; ")
    }

    /// The number format of days.
    pub fn day_format(self) -> &'static str {
        match self {
            Self::En => "yyyy-mm-dd",
            Self::Ru => "dd.mm.yyyy",
        }
    }

    /// The number format of times.
    pub fn time_format(self) -> &'static str {
        match self {
            Self::En => "yyyy-mm-dd hh:mm:ss",
            Self::Ru => "dd.mm.yyyy hh:mm:ss",
        }
    }

    /// The number format of days of one year, with the name of the month in the language.
    pub fn axis_day_format(self) -> &'static str {
        match self {
            Self::En => "[$-409]d mmm",
            Self::Ru => "[$-419]d mmm",
        }
    }

    /// The number format of months, with their names in the language.
    pub fn axis_month_format(self) -> &'static str {
        match self {
            Self::En => "[$-409]mmm yyyy",
            Self::Ru => "[$-419]mmm yyyy",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_amounts_are_in_the_language() {
        let day = "2026-05-09".parse().unwrap();
        assert_eq!(Language::En.date(day), "9 May 2026");
        assert_eq!(Language::Ru.date(day), "9 мая 2026");
        let time = DateTime::parse_from_rfc3339("2026-11-27T18:05:59+03:00").unwrap();
        assert_eq!(Language::En.date_time(time), "27 November 2026, 18:05");
        let amounts = r#"{"":-5,"EUR":4905,"JPY":500,"KWD":1}"#;
        let english = "-0.05; 49.05 EUR; 500 JPY; 0.001 KWD";
        assert_eq!(Language::En.amounts(amounts), english);
        assert_eq!(Language::Ru.amounts(amounts), english.replace('.', ","));
    }
}
