//! Names of time zones.

mod former_names;

use chrono_tz::{TZ_VARIANTS, Tz};
use thiserror::Error;

use former_names::FORMER_NAMES;

/// The error for a text that is not a name of the IANA time zone database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be an IANA time zone, for example `Europe/Berlin`")]
pub struct InvalidTimeZone;

/// Parses the name of an IANA time zone, in any case. A former name, for example `Asia/Calcutta`, which
/// browsers still report, is read as the present one, because not every PostgreSQL server knows it.
///
/// # Errors
/// When the text is not a name of the IANA time zone database.
pub fn parse(text: &str) -> Result<Tz, InvalidTimeZone> {
    let name = text.trim();
    let is_name = |(former, _): &&(&str, &str)| former.eq_ignore_ascii_case(name);
    let name = FORMER_NAMES
        .iter()
        .find(is_name)
        .map_or(name, |(_, present)| present);
    let mut zones = TZ_VARIANTS.iter();
    zones
        .find(|zone| zone.name().eq_ignore_ascii_case(name))
        .copied()
        .ok_or(InvalidTimeZone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_former_name_is_read_as_the_present_one() {
        for (former, present) in [
            ("Asia/Calcutta", "Asia/Kolkata"),
            ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
            ("Europe/Kiev", "Europe/Kyiv"),
            ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
            ("US/Eastern", "America/New_York"),
            ("CET", "Europe/Brussels"),
            ("EST5EDT", "America/New_York"),
            ("Zulu", "UTC"),
        ] {
            assert_eq!(parse(former).map(Tz::name), Ok(present));
        }
    }

    #[test]
    fn a_present_name_is_kept_and_read_in_any_case() {
        for zone in TZ_VARIANTS {
            let is_former = FORMER_NAMES.iter().any(|(name, _)| *name == zone.name());
            assert!(is_former || parse(zone.name()) == Ok(zone), "{zone}");
        }
        assert_eq!(parse(" europe/berlin\n"), Ok(Tz::Europe__Berlin));
        assert_eq!(parse("us/EASTERN"), Ok(Tz::America__New_York));
        assert_eq!(parse("Europe/Oslo"), Ok(Tz::Europe__Oslo));
    }

    #[test]
    fn every_former_name_has_a_present_one() {
        for (former, present) in FORMER_NAMES {
            assert_eq!(parse(former).map(Tz::name), Ok(present));
            assert!(FORMER_NAMES.iter().all(|(name, _)| *name != present));
        }
    }

    #[test]
    fn other_texts_are_no_zones() {
        for text in [
            "",
            " ",
            "Mars/Olympus",
            "UTC+3",
            "+03:00",
            "Europe/Berlin\0",
        ] {
            assert_eq!(parse(text), Err(InvalidTimeZone), "{text}");
        }
    }
}
