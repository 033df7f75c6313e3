//! Orders of events, and how they are written.

use std::{fmt, str::FromStr};

use thiserror::Error;

/// What the name of a sum of money begins with.
const REVENUE: &str = "revenue.";

/// What events can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortField {
    /// `totalViews`
    TotalViews,
    /// `uniqueViews`
    UniqueViews,
    /// `totalRegistrations`
    TotalRegistrations,
    /// `confirmedRegistrations`
    ConfirmedRegistrations,
    /// `checkedIn`
    CheckedIn,
    /// `viewToRegistrationRate`
    ViewToRegistrationRate,
    /// `registrationToCheckinRate`
    RegistrationToCheckinRate,
    /// `cancellations`
    Cancellations,
    /// `cancellationRate`
    CancellationRate,
    /// `noShows`
    NoShows,
    /// `title`
    Title,
    /// `startsAt`
    StartsAt,
    /// `revenue.EUR`, or another currency: the sum of the payments in it.
    Revenue(Currency),
}

/// The ISO 4217 code of a currency: three upper-case letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// An order of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub field: SortField,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// A text that is no [`Sort`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "must be a field and a direction, like `totalViews,desc`; fields are the seven metrics, \
     `cancellations`, `cancellationRate`, `noShows`, `title`, `startsAt`, and `revenue.` with the \
     code of a currency, like `revenue.EUR`; directions are `asc` and `desc`"
)]
pub struct InvalidSort;

impl SortField {
    /// All but those of money, of which there is one for each currency.
    pub const NAMED: [Self; 12] = [
        Self::TotalViews,
        Self::UniqueViews,
        Self::TotalRegistrations,
        Self::ConfirmedRegistrations,
        Self::CheckedIn,
        Self::ViewToRegistrationRate,
        Self::RegistrationToCheckinRate,
        Self::Cancellations,
        Self::CancellationRate,
        Self::NoShows,
        Self::Title,
        Self::StartsAt,
    ];
}

impl fmt::Display for SortField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::TotalViews => "totalViews",
            Self::UniqueViews => "uniqueViews",
            Self::TotalRegistrations => "totalRegistrations",
            Self::ConfirmedRegistrations => "confirmedRegistrations",
            Self::CheckedIn => "checkedIn",
            Self::ViewToRegistrationRate => "viewToRegistrationRate",
            Self::RegistrationToCheckinRate => "registrationToCheckinRate",
            Self::Cancellations => "cancellations",
            Self::CancellationRate => "cancellationRate",
            Self::NoShows => "noShows",
            Self::Title => "title",
            Self::StartsAt => "startsAt",
            Self::Revenue(currency) => return write!(f, "{REVENUE}{}", currency.code()),
        };
        f.write_str(name)
    }
}

impl FromStr for SortField {
    type Err = InvalidSort;

    fn from_str(text: &str) -> Result<Self, InvalidSort> {
        if let Some(code) = text.strip_prefix(REVENUE) {
            return code.parse().map(Self::Revenue);
        }
        let mut named = Self::NAMED.into_iter();
        let field = named.find(|field| field.to_string() == text);
        field.ok_or(InvalidSort)
    }
}

impl Currency {
    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        // Letters, so it is UTF-8.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Currency {
    type Err = InvalidSort;

    fn from_str(text: &str) -> Result<Self, InvalidSort> {
        let letters = <[u8; 3]>::try_from(text.as_bytes()).map_err(|_| InvalidSort)?;
        let is_code = letters.iter().all(u8::is_ascii_uppercase);
        is_code.then_some(Self(letters)).ok_or(InvalidSort)
    }
}

impl Sort {
    /// A regular expression of all that can be read as one.
    #[must_use]
    pub fn pattern() -> String {
        let names = SortField::NAMED.map(|field| field.to_string()).join("|");
        format!(r"^({names}|revenue\.[A-Z]{{3}})(,(asc|desc))?$")
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.descending { "desc" } else { "asc" };
        write!(f, "{},{direction}", self.field)
    }
}

impl FromStr for Sort {
    type Err = InvalidSort;

    fn from_str(text: &str) -> Result<Self, InvalidSort> {
        let (field, direction) = text.split_once(',').unwrap_or((text, "asc"));
        let descending = match direction {
            "asc" => false,
            "desc" => true,
            _ => return Err(InvalidSort),
        };
        let field = field.parse()?;
        Ok(Self { field, descending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_reads_back_as_it_is_written() {
        let revenue = SortField::Revenue("EUR".parse().unwrap());
        for field in SortField::NAMED.into_iter().chain([revenue]) {
            for descending in [false, true] {
                let sort = Sort { field, descending };
                assert_eq!(sort.to_string().parse(), Ok(sort));
            }
            let ascending = Sort {
                field,
                descending: false,
            };
            assert_eq!(field.to_string().parse(), Ok(ascending));
        }
    }

    #[test]
    fn an_unknown_field_or_direction_is_refused() {
        for text in [
            "",
            "views",
            "totalViews,down",
            "totalViews,desc,asc",
            "revenue,desc",
            "revenue.eur,desc",
            "revenue.EURO,desc",
            "revenue.\u{20ac},desc",
        ] {
            assert_eq!(text.parse::<Sort>(), Err(InvalidSort), "{text}");
        }
    }
}
