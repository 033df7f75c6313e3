//! The forms in which properties are stored.

use analytics_shared::event_type::{PAGE_VIEW, PAYMENT_COMPLETED, PAYMENT_REFUNDED};
use serde_json::json;

use super::*;

fn normalized(event_type: &str, properties: &Value) -> Result<Value, String> {
    let mut map = properties.as_object().unwrap().clone();
    normalize(&event_type.parse().unwrap(), &mut map).map_err(|error| match error {
        FactError::Invalid { field, .. } => field,
        other => panic!("{other:?}"),
    })?;
    Ok(Value::from(map))
}

#[test]
fn personal_data_is_dropped_and_named_and_the_rest_is_kept() {
    let mut sent = json!({
        "email": "a@b.c", "First_Name": "A", "e-mail": "a@b.c", "plan": {"x": 1},
        "attendees": [{"lastName": "B", "seat": 7}], "referrer": "nonsense",
    });
    let properties = sent.as_object_mut().unwrap();
    let mut dropped = normalize(&PAGE_VIEW.parse().unwrap(), properties)
        .unwrap()
        .dropped;
    dropped.sort_unstable();
    assert_eq!(
        dropped,
        ["First_Name", "e-mail", "email", "lastName", "referrer"]
    );
    assert_eq!(sent, json!({"plan": {"x": 1}, "attendees": [{"seat": 7}]}));
}

#[test]
fn a_referrer_is_kept_as_its_readable_host() {
    for (url, host) in [
        (
            "https://www.example.org/a?user=b",
            json!({"referrer": "example.org"}),
        ),
        (
            "https://BÜCHER.example./",
            json!({"referrer": "bücher.example"}),
        ),
        (
            "https://xn--e1aybc.xn--p1ai/",
            json!({"referrer": "тест.рф"}),
        ),
        ("nonsense", json!({})),
        ("", json!({})),
    ] {
        assert_eq!(
            normalized(PAGE_VIEW, &json!({"referrer": url})),
            Ok(host),
            "{url}"
        );
    }
}

#[test]
fn an_empty_known_property_is_absent() {
    let kept = normalized(
        PAYMENT_COMPLETED,
        &json!({"source": null, "ticketTypeId": " ", "other": null, "amountCents": "", "currency": " "}),
    );
    assert_eq!(kept, Ok(json!({"other": null})));
}

#[test]
fn a_uuid_is_one_id_in_small_and_in_capital_letters() {
    let upper = "6F9619FF-8B86-D011-B42D-00C04FC964FF";
    for name in IDS {
        let kept = normalized(PAGE_VIEW, &json!({name: upper}));
        assert_eq!(kept, Ok(json!({name: upper.to_lowercase()})));
        let other = normalized(PAGE_VIEW, &json!({name: " R-1a "}));
        assert_eq!(other, Ok(json!({name: "R-1a"})));
    }
}

#[test]
fn a_description_that_is_too_long_is_cut_and_an_id_is_an_error() {
    let long = "я".repeat(201);
    for name in DESCRIPTIONS {
        let mut sent = json!({name: long});
        let properties = sent.as_object_mut().unwrap();
        let changes = normalize(&PAGE_VIEW.parse().unwrap(), properties).unwrap();
        assert_eq!(changes.cut, [name]);
        assert_eq!(sent, json!({name: "я".repeat(200)}));
    }
    for name in IDS {
        let sent = json!({name: long});
        assert_eq!(
            normalized(PAGE_VIEW, &sent),
            Err(format!("properties.{name}"))
        );
    }
}

#[test]
fn a_broken_id_is_an_error_and_other_broken_texts_are_kept() {
    let field = "properties.registrationId".to_owned();
    let sent = json!({"registrationId": "r\u{fffd}"});
    assert_eq!(normalized(PAGE_VIEW, &sent), Err(field));
    let sent = json!({"note": "n\u{fffd}", "source": "s\u{fffd}"});
    assert_eq!(normalized(PAGE_VIEW, &sent), Ok(sent));
}

#[test]
fn money_is_an_integer_and_a_code() {
    for event_type in [PAYMENT_COMPLETED, PAYMENT_REFUNDED] {
        for (amount, code) in [
            (json!(4500), "RUB"),
            (json!("4500"), "rub"),
            (json!(4500.0), " Rub "),
        ] {
            let kept = normalized(
                event_type,
                &json!({"amountCents": amount, "currency": code}),
            );
            assert_eq!(kept, Ok(json!({"amountCents": 4500, "currency": "RUB"})));
        }
    }
    let kept = normalized(PAYMENT_COMPLETED, &json!({"currency": "rub"}));
    assert_eq!(kept, Ok(json!({"currency": "RUB"})));
}

#[test]
fn a_value_without_a_meaning_names_the_field() {
    for (event_type, properties, field) in [
        (PAGE_VIEW, json!({"source": 5}), "properties.source"),
        (PAGE_VIEW, json!({"note": "n".repeat(40_000)}), "properties"),
        (
            PAYMENT_COMPLETED,
            json!({"amountCents": 1.5, "currency": "EUR"}),
            "properties.amountCents",
        ),
        (
            PAYMENT_COMPLETED,
            json!({"amountCents": -1, "currency": "EUR"}),
            "properties.amountCents",
        ),
        (
            PAYMENT_COMPLETED,
            json!({"amountCents": "1,250", "currency": "EUR"}),
            "properties.amountCents",
        ),
        (
            PAYMENT_COMPLETED,
            json!({"amountCents": 100}),
            "properties.currency",
        ),
        (
            PAYMENT_COMPLETED,
            json!({"amountCents": 100, "currency": "euro"}),
            "properties.currency",
        ),
    ] {
        assert_eq!(
            normalized(event_type, &properties),
            Err(field.to_owned()),
            "{properties}"
        );
    }
}

#[test]
fn an_amount_is_read_for_payments_only() {
    let sent = json!({"amountCents": "a lot"});
    assert_eq!(normalized(PAGE_VIEW, &sent), Ok(sent));
}
