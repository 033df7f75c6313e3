//! All responses about one event, compared with a recount of its facts.

use analytics_shared::clock;
use analytics_tests::world::World;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use uuid::Uuid;

use super::{
    recount::{Filter, GRANULARITIES, Recount, moment},
    same,
};

/// A request about an event.
pub struct ReadEvent {
    /// The tenant.
    pub tenant: Uuid,
    /// The event.
    pub event: Uuid,
    /// Its start.
    pub starts_at: DateTime<Utc>,
    /// The requested zone.
    pub zone: &'static str,
    /// The first and the last day.
    pub period: (NaiveDate, NaiveDate),
}

impl ReadEvent {
    /// Compares dashboards and funnels with this filter.
    pub async fn compare(&self, world: &World, filter: &Filter) {
        let all = self.recount(world, self.period).await;
        let (from, to) = self.period;
        let before = from - Duration::days(1);
        let earlier = (before - (to - from), before);
        let earlier = self.recount(world, earlier).await.filtered(filter);
        self.compare_dashboards(world, filter, &all, &earlier).await;
        self.compare_funnels(world, filter, &all, &earlier).await;
    }

    async fn recount(&self, world: &World, period: (NaiveDate, NaiveDate)) -> Recount {
        let sql = format!(
            "SELECT event_id, event_type, user_id, analytics_service.visitor_hash(tenant_id, 'u:', user_id::TEXT) AS user_hash, properties, created_at
             FROM analytics_service.analytics_events
             WHERE tenant_id = '{}' AND event_id = '{}'",
            self.tenant, self.event
        );
        Recount::of(world, &sql, self.zone.parse::<Tz>().unwrap(), period).await
    }

    async fn ask(&self, world: &World, what: &str, filter: &Filter, more: &str) -> Value {
        let (from, to) = self.period;
        let path = format!(
            "/events/{}/{what}?dateFrom={from}&dateTo={to}&timezone={}{}{more}",
            self.event,
            self.zone,
            filter.query()
        );
        let read = world.read().of_tenant(self.tenant);
        without_frame(read.read(&path).await)
    }

    fn context(&self, filter: &Filter, more: &str) -> String {
        let (from, to) = self.period;
        let Self { event, zone, .. } = self;
        format!("{event} {zone} {from}..{to}{}{more}", filter.query())
    }

    async fn compare_dashboards(
        &self,
        world: &World,
        filter: &Filter,
        all: &Recount,
        earlier: &Recount,
    ) {
        let recount = all.filtered(filter);
        let mut expected = recount.dashboard();
        let days = expected["byDay"].as_array_mut().unwrap();
        for (day, to_event) in days.iter_mut().zip(recount.days_to_event(self.starts_at)) {
            day["daysToEvent"] = to_event.into();
        }
        [expected["firstFactAt"], expected["lastFactAt"]] = recount.first_and_last();
        expected["byHour"] = recount.by_hour();
        expected["checkInCurve"] = recount.check_in_curve(self.starts_at);
        expected["splitSeries"] = Value::Null;
        expected["comparison"] = recount.compared(earlier);
        let days = expected["comparison"]["byDay"].as_array_mut().unwrap();
        for (day, to_event) in days.iter_mut().zip(earlier.days_to_event(self.starts_at)) {
            day["daysToEvent"] = to_event.into();
        }
        for (granularity, shows) in GRANULARITIES {
            expected["series"] = recount.series(shows, clock::now());
            expected["comparison"]["series"] = earlier.series(shows, clock::now());
            let more = format!("&compare=previous&granularity={granularity}");
            let answered = self.ask(world, "dashboard", filter, &more).await;
            let context = self.context(filter, &more);
            same(&in_order(expected.clone()), &in_order(answered), &context);
        }
    }

    async fn compare_funnels(
        &self,
        world: &World,
        filter: &Filter,
        all: &Recount,
        earlier: &Recount,
    ) {
        let recount = all.filtered(filter);
        let mut expected = recount.steps();
        expected["incomplete"] = false.into();
        expected["otherGroups"] = Value::Null;
        expected["comparison"] = recount.funnel_compared(earlier);
        expected["timeToConvert"] = all.times(filter);
        for group_by in ["source", "ticketType", "day"] {
            expected["groups"] = recount.groups(group_by);
            for group in expected["groups"].as_array_mut().unwrap() {
                group["incomplete"] = false.into();
                group["utmCampaign"] = Value::Null;
            }
            let more = format!("&compare=previous&groupBy={group_by}");
            let answered = self.ask(world, "funnel", filter, &more).await;
            let context = self.context(filter, &more);
            if group_by == "day" {
                same(&expected, &answered, &context);
            } else {
                most_views_first(&answered["groups"], &context);
                same(&in_order(expected.clone()), &in_order(answered), &context);
            }
        }
    }
}

fn most_views_first(groups: &Value, context: &str) {
    let views = |group: &Value| group["pageViews"].as_u64();
    let groups = groups.as_array().unwrap();
    assert!(
        groups.is_sorted_by_key(|group| std::cmp::Reverse(views(group))),
        "{context}"
    );
}

/// The figures of a response, with times in one format.
fn without_frame(mut answer: Value) -> Value {
    let about = ["eventId", "title", "dateFrom", "dateTo", "timezone", "asOf"];
    for name in about {
        answer
            .as_object_mut()
            .unwrap()
            .remove(name)
            .unwrap_or_else(|| panic!("{name} is missing"));
    }
    in_one_form(&mut answer);
    answer
}

/// Formats times as the recount does.
fn in_one_form(answer: &mut Value) {
    match answer {
        Value::Object(fields) => fields.values_mut().for_each(in_one_form),
        Value::Array(entries) => entries.iter_mut().for_each(in_one_form),
        Value::String(text) => {
            if let Ok(at) = DateTime::parse_from_rfc3339(text) {
                *answer = moment(&at);
            }
        }
        _ => {}
    }
}

/// Sorts groups by their text: other tests concern their order.
fn in_order(mut answer: Value) -> Value {
    let groups = [
        "bySource",
        "byTicketType",
        "bySourceAndTicketType",
        "groups",
    ];
    for name in groups {
        if let Some(groups) = answer.get_mut(name).and_then(Value::as_array_mut) {
            groups.sort_by_key(Value::to_string);
        }
    }
    answer
}
