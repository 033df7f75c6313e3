//! The forms of times that serializers write, and forms that are none.

use chrono::{SecondsFormat, SubsecRound, Timelike};
use proptest::prelude::*;

use super::*;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn an_instant_is_read_in_every_form() {
    for (text, expected) in [
        ("2026-11-03T10:15:30Z", "2026-11-03T10:15:30Z"),
        ("2026-11-03t10:15:30.5z", "2026-11-03T10:15:30.5Z"),
        ("2026-11-03T10:15Z", "2026-11-03T10:15:00Z"),
        ("2026-11-03T10:15+03", "2026-11-03T07:15:00Z"),
        (
            "2026-11-03 10:15:30,123456789+0300",
            "2026-11-03T07:15:30.123456789Z",
        ),
        ("2026-11-03 10:15:30.5 +03:00", "2026-11-03T07:15:30.5Z"),
        ("2026-11-03 10:15:30 UTC", "2026-11-03T10:15:30Z"),
        ("2026-11-03T10:15:30 GMT", "2026-11-03T10:15:30Z"),
        ("2026-11-03T10:15:30\u{2212}03:30", "2026-11-03T13:45:30Z"),
        ("2026-11-03T10:15:30+02:30:17", "2026-11-03T07:45:13Z"),
        (
            "2026-11-03T10:15:30+03:00[Europe/Moscow]",
            "2026-11-03T07:15:30Z",
        ),
        ("2026-11-03T10:15Z[UTC]", "2026-11-03T10:15:00Z"),
        ("2026-11-03T10:15+03:00[+03:00]", "2026-11-03T07:15:00Z"),
        (
            "2026-11-03T10:15:30.1234567890123Z",
            "2026-11-03T10:15:30.123456789Z",
        ),
        (" 2026-11-03T10:15:30Z\n", "2026-11-03T10:15:30Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2017-01-01T02:59:60.25+03:00", "2017-01-01T00:00:00.25Z"),
        ("2026-11-03T24:00Z", "2026-11-04T00:00:00Z"),
        ("2026-11-03T00:30:00-00:00", "2026-11-03T00:30:00Z"),
    ] {
        assert_eq!(parse(text), Ok(utc(expected)), "{text}");
        assert_eq!(parse_in(text, Tz::Asia__Tokyo), Ok(utc(expected)), "{text}");
    }
}

#[test]
fn a_local_time_is_no_instant() {
    for text in [
        "2026-11-03T10:15:30",
        "2026-11-03 10:15",
        "2026-11-03T10:15:30.0000000",
    ] {
        assert_eq!(parse(text), Err(InvalidTime::NoOffset), "{text}");
    }
}

#[test]
fn other_texts_are_no_times() {
    for text in [
        "",
        "yesterday",
        "1793700930",
        "1793700930000",
        "2026-11-03",
        "2026-11-31T10:15:30Z",
        "2026-02-29T10:15:30Z",
        "2026-13-03T10:15:30Z",
        "2026-11-03T25:00:00Z",
        "2026-11-03T24:00:01Z",
        "2026-11-03T10:60:00Z",
        "2026-11-03T10:15:61Z",
        "2026-11-03T10Z",
        "2026-11-03T10:15.5Z",
        "2026-11-03T10:15:30.Z",
        "2026-11-03T10:15:30+24:00",
        "2026-11-03T10:15:30+3",
        "2026-11-03T10:15:30+03:00:00:00",
        "2026-11-03T10:15:30 MSK",
        "2026-11-03T10:15:30ZZ",
        "2026-11-03T10:15:30Z[Mars/Olympus]",
        "2026-11-03T10:15:30[Europe/Moscow]",
        "2026-11-03T10:15:30Z[!u-ca=hebrew]",
        "2026-11-03T1０:15:30Z",
        "+12026-11-03T10:15:30Z",
        "26-11-03T10:15:30Z",
        "03.11.2026 10:15",
        "2026-11-0\u{e9}T10:15:30Z",
    ] {
        assert_eq!(parse(text), Err(InvalidTime::Malformed), "{text}");
    }
}

#[test]
fn a_local_time_is_read_in_its_zone() {
    let berlin = |text| parse_in(text, Tz::Europe__Berlin);
    assert_eq!(berlin("2026-07-01T10:00"), Ok(utc("2026-07-01T08:00:00Z")));
    assert_eq!(
        berlin("2026-12-01 10:00:00"),
        Ok(utc("2026-12-01T09:00:00Z"))
    );
    assert_eq!(berlin("2026-12-01"), Ok(utc("2026-11-30T23:00:00Z")));
    // Twice, and never.
    assert_eq!(berlin("2026-10-25T02:30"), Ok(utc("2026-10-25T00:30:00Z")));
    assert_eq!(berlin("2026-03-29T02:30"), Ok(utc("2026-03-29T01:00:00Z")));
    // Samoa has skipped a day.
    assert_eq!(
        parse_in("2011-12-30", Tz::Pacific__Apia),
        Ok(utc("2011-12-30T10:00:00Z"))
    );
    assert_eq!(berlin("2026-12-32"), Err(InvalidTime::Malformed));
}

/// An instant, and an offset in minutes.
fn instant() -> impl Strategy<Value = (DateTime<Utc>, FixedOffset)> {
    let nanoseconds = 0..253_000_000_000_000_000_000_i128;
    let offset =
        (-14 * 60..=14 * 60).prop_map(|minutes| FixedOffset::east_opt(minutes * 60).unwrap());
    let time = nanoseconds.prop_map(|all| {
        let (seconds, rest) = (all / 1_000_000_000, all % 1_000_000_000);
        DateTime::from_timestamp(seconds.try_into().unwrap(), rest.try_into().unwrap()).unwrap()
    });
    (time, offset)
}

proptest! {
    #[test]
    fn what_serializers_write_for_an_instant_is_the_instant((time, offset) in instant(), zeros: bool) {
        // Whole minutes, which Java writes without seconds.
        let time = if zeros { time.with_second(0).unwrap().trunc_subsecs(0) } else { time };
        let local = time.with_timezone(&offset);
        let shown = |pattern: &str| local.format(pattern).to_string();
        let to = |digits| time.trunc_subsecs(digits);
        for (language, text, expected) in [
            // Instant, OffsetDateTime, and both with whole minutes.
            ("Java", time.to_rfc3339_opts(SecondsFormat::AutoSi, true), time),
            ("Java", local.to_rfc3339_opts(SecondsFormat::AutoSi, true), time),
            ("Java", shown("%Y-%m-%dT%H:%M%:z"), time.with_second(0).unwrap().trunc_subsecs(0)),
            // DateTimeOffset and DateTime with the format "O".
            (".NET", format!("{}{}", &shown("%Y-%m-%dT%H:%M:%S%.9f")[..27], shown("%:z")), to(7)),
            (".NET", format!("{}Z", &time.format("%Y-%m-%dT%H:%M:%S%.9f").to_string()[..27]), to(7)),
            // RFC3339Nano leaves out zeros.
            ("Go", local.to_rfc3339_opts(SecondsFormat::AutoSi, true), time),
            ("Go", shown("%Y-%m-%dT%H:%M:%S%:z"), to(0)),
            // isoformat(), isoformat(" "), str() and strftime("%z").
            ("Python", shown("%Y-%m-%dT%H:%M:%S%.6f%:z"), to(6)),
            ("Python", shown("%Y-%m-%d %H:%M:%S%.6f%:z"), to(6)),
            ("Python", shown("%Y-%m-%dT%H:%M:%S%z"), to(0)),
            // DATE_ATOM, DATE_ISO8601, DATE_RFC3339_EXTENDED.
            ("PHP", shown("%Y-%m-%dT%H:%M:%S%:z"), to(0)),
            ("PHP", shown("%Y-%m-%dT%H:%M:%S%z"), to(0)),
            ("PHP", shown("%Y-%m-%dT%H:%M:%S%.3f%:z"), to(3)),
            ("JavaScript", time.to_rfc3339_opts(SecondsFormat::Millis, true), to(3)),
            ("PostgreSQL", time.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string(), to(6)),
            ("Ruby", shown("%Y-%m-%d %H:%M:%S %z"), to(0)),
        ] {
            prop_assert_eq!(parse(&text), Ok(expected), "{}: {}", language, text);
        }
    }

    #[test]
    fn any_text_is_a_time_or_an_error(text in "[0-9TZ:.,+ \\-\\[\\]]{0,40}|\\PC{0,30}") {
        let _ = parse_in(&text, Tz::Europe__Berlin);
        let _ = parse(&text);
    }
}
