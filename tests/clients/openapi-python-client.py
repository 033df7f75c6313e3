"""Calls every operation with a client of openapi-python-client."""

import json
import os
from uuid import UUID

import ingest
import ingest.models
import query
import query.models
from ingest.api.tracking import get_track_script, track, track_batch
from ingest.api.write_keys import create_write_key, list_write_keys, revoke_write_key
from query.api.analytics import get_dashboard, get_funnel, get_report, list_events, watch_event
from query.api.export import export_facts
from query.api.session import get_caller
from query.api.sharing import create_share, list_shares, revoke_share

event = UUID(os.environ["EVENT_ID"])
organization = UUID(os.environ["ORGANIZATION_ID"])
token = os.environ["TOKEN"]
to_ingest = ingest.AuthenticatedClient(base_url=os.environ["INGEST_URL"], token=token, raise_on_unexpected_status=True)
to_query = query.AuthenticatedClient(base_url=os.environ["QUERY_URL"], token=token, raise_on_unexpected_status=True)

view = ingest.models.TrackRequest(event_type="page.view", event_id=event)
assert track.sync(client=to_ingest, body=view).status == ingest.models.ReceiptStatus.STORED
assert track_batch.sync(client=to_ingest, body=[view]).totals.stored == 1
assert "page.view" in get_track_script.sync(client=to_ingest)

key = create_write_key.sync(client=to_ingest, body=ingest.models.WriteKeyRequest(name="shop"))
assert revoke_write_key.sync_detailed(key.id, client=to_ingest).status_code == 204
assert list_write_keys.sync(client=to_ingest).write_keys[0].revoked_at

dashboard = get_dashboard.sync(event, client=to_query)
assert dashboard.total_views == 2
assert get_funnel.sync(event, client=to_query).steps[0].count == 2
assert get_report.sync(organization, client=to_query).totals.total_views == 2
assert list_events.sync(organization, client=to_query, q="conference").events[0].title == "A Conference"
assert get_caller.sync(client=to_query).session == query.models.SessionKind.TOKEN

metrics = query.models.ShareRequest(sections=[query.models.Section.METRICS])
share = create_share.sync(event, client=to_query, body=metrics)
assert revoke_share.sync_detailed(event, share.share_id, client=to_query).status_code == 204
assert list_shares.sync(event, client=to_query).shares[0].revoked_at

with to_query.get_httpx_client().stream(**watch_event._get_kwargs(event)) as stream:
    data = next(line for line in stream.iter_lines() if line.startswith("data:"))
    update = query.models.LiveMetrics.from_dict(json.loads(data.removeprefix("data:")))
    assert update.total_views == 2

export = query.models.ExportRequest(
    organization_id=organization,
    date_from=dashboard.date_to,
    date_to=dashboard.date_to,
    format_=query.models.FileFormat.CSV,
)
file = export_facts.sync(client=to_query, body=export)
assert len(file.splitlines()) == 3
