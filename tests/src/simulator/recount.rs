//! The expected figures, in the form of the responses. Each is counted independently from the list of
//! all facts that were sent.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Fact, Kind, Story};

/// Selected facts.
type Chosen<'a> = Vec<&'a Fact>;

/// The dashboard of the event, with the days of `zone`.
#[must_use]
pub fn dashboard(story: &Story, zone: Tz) -> Value {
    let facts = in_period(story, zone);
    let types: BTreeSet<_> = facts
        .iter()
        .filter_map(|fact| fact.ticket_type.map(|one| (one.name, one.id)))
        .collect();
    let types = types.into_iter().map(|(name, id)| {
        let of_type = only(&facts, |fact| {
            fact.ticket_type.is_some_and(|one| one.id == id)
        });
        let told = of_type.iter().any(|fact| fact.tells_ticket_type_id);
        json!({
            "ticketTypeId": told.then_some(id),
            "ticketTypeName": name,
            "registrations": count(&of_type, Kind::Registered),
            "cancellations": count(&of_type, Kind::Cancelled),
            "checkIns": count(&of_type, Kind::CheckedIn),
        })
    });
    let shown = [Kind::View, Kind::Registered, Kind::CheckedIn];
    let sources = facts.iter().filter(|fact| shown.contains(&fact.kind));
    let sources: BTreeSet<_> = sources.map(|fact| fact.source).collect();
    let sources = sources.into_iter().map(|source| {
        let of_source = only(&facts, |fact| fact.source == source);
        json!({
            "source": source,
            "views": count(&of_source, Kind::View),
            "uniqueViews": visitors(&of_source, Kind::View),
            "registrations": count(&of_source, Kind::Registered),
            "checkIns": count(&of_source, Kind::CheckedIn),
            "convertedVisitors": converted(&facts, source),
            "conversionRate": rate(converted(&facts, source), visitors(&of_source, Kind::View)),
        })
    });
    let mut dashboard = metrics(&facts);
    dashboard["byTicketType"] = types.collect();
    dashboard["bySource"] = sources.collect();
    dashboard["byDay"] = by_day(story, &facts, zone);
    dashboard
}

/// The funnel of the event.
#[must_use]
pub fn funnel(story: &Story) -> Value {
    let facts = in_period(story, story.event.zone);
    let [views, started, completed, came] =
        [Kind::View, Kind::Started, Kind::Registered, Kind::CheckedIn]
            .map(|kind| count(&facts, kind));
    let mut reached: Option<BTreeSet<&str>> = None;
    let mut step = |name, kind| {
        let people = people(&facts, &facts, kind);
        let remaining = match &reached {
            None => people,
            Some(before) => before & &people,
        };
        json!({
            "step": name,
            "count": count(&facts, kind),
            "visitors": visitors(&facts, kind),
            "reached": reached.insert(remaining).len(),
        })
    };
    json!({
        "pageViews": views,
        "registrationStarted": started,
        "registrationCompleted": completed,
        "checkedIn": came,
        "startRate": rate(started, views),
        "completionRate": rate(completed, started),
        "attendanceRate": rate(came, completed),
        "steps": [
            step("pageViews", Kind::View),
            step("registrationStarted", Kind::Started),
            step("registrationCompleted", Kind::Registered),
            step("checkedIn", Kind::CheckedIn),
        ],
    })
}

/// The report of the organization, which has this one event.
#[must_use]
pub fn report(story: &Story) -> Value {
    let facts = in_period(story, story.event.zone);
    let mut event = metrics(&facts);
    event["revenue"] = revenue(&facts);
    let mut totals = event.clone();
    totals["cancellations"] = count(&facts, Kind::Cancelled).into();
    event["eventId"] = story.event.id.to_string().into();
    json!({
        "totals": totals,
        "events": [event],
        "totalElements": 1,
        "byDay": by_day(story, &facts, story.event.zone),
    })
}

/// The rows of an export, in total and by event type.
#[must_use]
pub fn export(story: &Story) -> Value {
    let facts = in_period(story, story.event.zone);
    let mut rows = json!({"rows": facts.len()});
    let present = |kind: &Kind| count(&facts, *kind) > 0;
    for kind in Kind::ALL.into_iter().filter(present) {
        rows[kind.event_type()] = count(&facts, kind).into();
    }
    rows
}

fn metrics(facts: &Chosen) -> Value {
    let (views, registrations) = (count(facts, Kind::View), count(facts, Kind::Registered));
    let came = count(facts, Kind::CheckedIn);
    json!({
        "totalViews": views,
        "uniqueViews": visitors(facts, Kind::View),
        "totalRegistrations": registrations,
        "confirmedRegistrations": registrations.saturating_sub(count(facts, Kind::Cancelled)),
        "checkedIn": came,
        "viewToRegistrationRate": rate(registrations, views),
        "registrationToCheckinRate": rate(came, registrations),
    })
}

fn by_day(story: &Story, facts: &Chosen, zone: Tz) -> Value {
    let days = days(story).map(|day| {
        let of_day = only(facts, |fact| fact.day(zone) == day);
        json!({
            "date": day,
            "views": count(&of_day, Kind::View),
            "uniqueViews": visitors(&of_day, Kind::View),
            "registrations": count(&of_day, Kind::Registered),
            "cancellations": count(&of_day, Kind::Cancelled),
            "checkIns": count(&of_day, Kind::CheckedIn),
        })
    });
    days.collect()
}

fn revenue(facts: &Chosen) -> Value {
    let paid = facts.iter().filter_map(|fact| fact.paid);
    let currencies: BTreeSet<_> = paid.clone().map(|paid| paid.currency).collect();
    let by_currency = currencies.into_iter().map(|currency| {
        let paid = paid.clone().filter(|paid| paid.currency == currency);
        let cents: i64 = paid.clone().map(|paid| paid.cents).sum();
        json!({"currency": currency, "amountCents": cents, "payments": paid.count()})
    });
    by_currency.collect()
}

fn in_period(story: &Story, zone: Tz) -> Chosen<'_> {
    let period = story.event.first_day..=story.event.last_day;
    let facts = story.facts.iter();
    facts
        .filter(|fact| period.contains(&fact.day(zone)))
        .collect()
}

fn days(story: &Story) -> impl Iterator<Item = NaiveDate> {
    let (first, last) = (story.event.first_day, story.event.last_day);
    first.iter_days().take_while(move |day| *day <= last)
}

fn only<'a>(facts: &Chosen<'a>, wanted: impl Fn(&Fact) -> bool) -> Chosen<'a> {
    facts.iter().copied().filter(|fact| wanted(fact)).collect()
}

fn count(facts: &Chosen, kind: Kind) -> usize {
    only(facts, |fact| fact.kind == kind).len()
}

fn visitors(facts: &Chosen, kind: Kind) -> usize {
    let of_kind = only(facts, |fact| fact.kind == kind);
    let visitors: BTreeSet<_> = of_kind.iter().map(|fact| &fact.visitor).collect();
    visitors.len()
}

/// The people of the facts of a kind in `chosen`. A browser is the user whom any of `facts` links to it; no
/// browser has two users.
fn people<'a>(facts: &Chosen<'a>, chosen: &Chosen<'a>, kind: Kind) -> BTreeSet<&'a str> {
    let links = facts.iter().filter_map(|fact| {
        let browser = fact.browser.as_deref()?;
        Some((browser, fact.visitor.as_str()))
    });
    let users: BTreeMap<&str, &str> = links.collect();
    let of_kind = chosen.iter().filter(|fact| fact.kind == kind);
    let visitors = of_kind.map(|fact| fact.visitor.as_str());
    visitors
        .map(|visitor| users.get(visitor).copied().unwrap_or(visitor))
        .collect()
}

/// The number of people who viewed through a source and completed a registration.
fn converted(facts: &Chosen, source: &str) -> usize {
    let of_source = only(facts, |fact| fact.source == source);
    let viewers = people(facts, &of_source, Kind::View);
    (&viewers & &people(facts, facts, Kind::Registered)).len()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a demo has fewer than 2^53 facts"
)]
fn rate(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::{Money, event::STANDARD};

    fn fact(kind: Kind, at: &str, visitor: &str, source: &'static str) -> Fact {
        Fact {
            kind,
            at: at.parse().unwrap(),
            visitor: visitor.into(),
            browser: None,
            source,
            ticket_type: (kind != Kind::View).then_some(&STANDARD),
            tells_ticket_type_id: false,
            paid: None,
        }
    }

    /// Two views by one visitor, on two days in Berlin and one day in UTC; one registration, paid.
    fn story() -> Story {
        let mut story = Story::tell(100, "2026-11-23T12:00:00Z".parse().unwrap());
        story.facts = vec![
            fact(Kind::View, "2026-11-10T22:59:59Z", "a", "newsletter"),
            fact(Kind::View, "2026-11-10T23:00:00Z", "a", "direct"),
            fact(Kind::Registered, "2026-11-11T10:00:00Z", "u", "direct"),
            fact(Kind::Paid, "2026-11-11T10:01:00Z", "u", "direct"),
        ];
        story.facts[3].paid = Some(Money {
            cents: 19_000,
            currency: "EUR",
        });
        story
    }

    fn day(dashboard: &Value, date: &str) -> Value {
        let days = dashboard["byDay"].as_array().unwrap();
        days.iter().find(|day| day["date"] == date).unwrap().clone()
    }

    #[test]
    fn a_day_is_a_day_in_the_zone_that_is_asked_for() {
        let story = story();
        let berlin = dashboard(&story, story.event.zone);
        assert_eq!(day(&berlin, "2026-11-10")["views"], 1);
        assert_eq!(day(&berlin, "2026-11-11")["views"], 1);
        assert_eq!(day(&dashboard(&story, Tz::UTC), "2026-11-10")["views"], 2);
        assert_eq!(berlin["byDay"].as_array().unwrap().len(), 47);
    }

    #[test]
    fn a_visitor_who_comes_twice_is_one_visitor() {
        let story = story();
        let dashboard = dashboard(&story, story.event.zone);
        assert_eq!(dashboard["totalViews"], 2);
        assert_eq!(dashboard["uniqueViews"], 1);
        assert_eq!(dashboard["viewToRegistrationRate"], 0.5);
        let sources: Vec<_> = dashboard["bySource"].as_array().unwrap().iter().collect();
        assert_eq!(sources[0]["source"], "direct");
        assert_eq!(sources[0]["uniqueViews"], 1);
        assert_eq!(sources[0]["registrations"], 1);
    }

    #[test]
    fn a_rate_without_a_denominator_is_null() {
        assert_eq!(funnel(&story())["completionRate"], Value::Null);
    }

    #[test]
    fn money_is_counted_by_currency() {
        let revenue = json!([{"currency": "EUR", "amountCents": 19_000, "payments": 1}]);
        assert_eq!(report(&story())["totals"]["revenue"], revenue);
        assert_eq!(export(&story())["rows"], 4);
    }
}
