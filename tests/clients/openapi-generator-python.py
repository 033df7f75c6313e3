"""Calls every operation with a client of openapi-generator (python)."""

import json
import os

import ingest_client
import query_client

event = os.environ["EVENT_ID"]
organization = os.environ["ORGANIZATION_ID"]
token = os.environ["TOKEN"]
to_ingest = ingest_client.ApiClient(ingest_client.Configuration(host=os.environ["INGEST_URL"], access_token=token))
to_query = query_client.ApiClient(query_client.Configuration(host=os.environ["QUERY_URL"], access_token=token))

tracking = ingest_client.TrackingApi(to_ingest)
view = ingest_client.TrackRequest(eventType="page.view", eventId=event)
assert tracking.track(view).status == ingest_client.ReceiptStatus.STORED
assert tracking.track_batch([view]).totals.stored == 1
assert "page.view" in tracking.get_track_script()

write_keys = ingest_client.WriteKeysApi(to_ingest)
key = write_keys.create_write_key(ingest_client.WriteKeyRequest(name="shop"))
write_keys.revoke_write_key(key.id)
assert write_keys.list_write_keys().write_keys[0].revoked_at

analytics = query_client.AnalyticsApi(to_query)
dashboard = analytics.get_dashboard(event)
assert dashboard.total_views == 2
assert analytics.get_funnel(event).steps[0].count == 2
assert analytics.get_report(organization).totals.total_views == 2
assert analytics.list_events(organization, q="conference").events[0].title == "A Conference"
assert query_client.SessionApi(to_query).get_caller().session == query_client.SessionKind.TOKEN

sharing = query_client.SharingApi(to_query)
share = sharing.create_share(event, query_client.ShareRequest(sections=[query_client.Section.METRICS]))
sharing.revoke_share(event, share.share_id)
assert sharing.list_shares(event).shares[0].revoked_at

stream = analytics.watch_event_without_preload_content(event)
data = next(line for line in stream if line.startswith(b"data:"))
update = query_client.LiveMetrics.from_dict(json.loads(data.removeprefix(b"data:")))
assert update.total_views == 2
stream.close()

export = query_client.ExportRequest(
    organizationId=organization,
    dateFrom=dashboard.date_to,
    dateTo=dashboard.date_to,
    format=query_client.FileFormat.CSV,
)
file = query_client.ExportApi(to_query).export_facts(export)
assert len(bytes(file).splitlines()) == 3
