// Calls every operation with a client of openapi-generator (typescript-fetch).

import { ok, strictEqual } from "node:assert";
import * as ingest from "./ingest";
import * as query from "./query";

const { INGEST_URL, QUERY_URL, TOKEN, EVENT_ID, ORGANIZATION_ID } = process.env as Record<string, string>;
const toIngest = new ingest.Configuration({ basePath: INGEST_URL, accessToken: TOKEN });
const toQuery = new query.Configuration({ basePath: QUERY_URL, accessToken: TOKEN });

const tracking = new ingest.TrackingApi(toIngest);
const trackRequest = { eventType: "page.view", eventId: EVENT_ID };
strictEqual((await tracking.track({ trackRequest })).status, ingest.ReceiptStatus.Stored);
strictEqual((await tracking.trackBatch({ trackRequest: [trackRequest] })).totals.stored, 1);
ok((await tracking.getTrackScript()).includes("page.view"));

const writeKeys = new ingest.WriteKeysApi(toIngest);
const { id } = await writeKeys.createWriteKey({ writeKeyRequest: { name: "shop" } });
await writeKeys.revokeWriteKey({ id });
ok((await writeKeys.listWriteKeys()).writeKeys[0]?.revokedAt instanceof Date);

const analytics = new query.AnalyticsApi(toQuery);
const dashboard = await analytics.getDashboard({ eventId: EVENT_ID });
strictEqual(dashboard.totalViews, 2);
strictEqual((await analytics.getFunnel({ eventId: EVENT_ID })).steps[0]?.count, 2);
strictEqual((await analytics.getReport({ orgId: ORGANIZATION_ID })).totals.totalViews, 2);
strictEqual((await analytics.listEvents({ orgId: ORGANIZATION_ID })).events[0]?.title, "A Conference");
strictEqual((await new query.SessionApi(toQuery).getCaller()).session, query.SessionKind.Token);

const sharing = new query.SharingApi(toQuery);
const shareRequest = { sections: new Set([query.Section.Metrics]) };
const { shareId } = await sharing.createShare({ eventId: EVENT_ID, shareRequest });
await sharing.revokeShare({ eventId: EVENT_ID, shareId });
ok((await sharing.listShares({ eventId: EVENT_ID })).shares[0]?.revokedAt instanceof Date);

const { raw } = await analytics.watchEventRaw({ eventId: EVENT_ID });
for await (const chunk of raw.body as unknown as AsyncIterable<Uint8Array>) {
  const [, data] = /^data:(.*)$/m.exec(new TextDecoder().decode(chunk)) ?? [];
  if (data) {
    strictEqual(query.LiveMetricsFromJSON(JSON.parse(data)).totalViews, 2);
    break;
  }
}

const { dateTo } = dashboard;
const exportRequest = { organizationId: ORGANIZATION_ID, dateFrom: dateTo, dateTo, format: query.FileFormat.Csv };
const file = await new query.ExportApi(toQuery).exportFacts({ exportRequest });
strictEqual((await file.text()).trim().split("\n").length, 3);
