// Calls every operation with a client of openapi-typescript and openapi-fetch.

import { ok, strictEqual } from "node:assert";
import createClient from "openapi-fetch";
import type { components, paths as IngestPaths } from "./ingest";
import type { paths as QueryPaths } from "./query";

const { INGEST_URL, QUERY_URL, TOKEN, EVENT_ID, ORGANIZATION_ID } = process.env as Record<string, string>;
const headers = { Authorization: `Bearer ${TOKEN}` };
const ingest = createClient<IngestPaths>({ baseUrl: INGEST_URL, headers });
const query = createClient<QueryPaths>({ baseUrl: QUERY_URL, headers });

/** Returns the content of a response, which must not be a problem. */
function content<T>(response: { data?: T; error?: unknown }): T {
  strictEqual(response.error, undefined);
  return response.data as T;
}

const view: components["schemas"]["TrackRequest"] = { eventType: "page.view", eventId: EVENT_ID };
strictEqual(content(await ingest.POST("/api/v1/analytics/track", { body: view })).status, "stored");
const batch = content(await ingest.POST("/api/v1/analytics/track/batch", { body: [view] }));
strictEqual(batch.totals.stored, 1);
const script = await ingest.GET("/api/v1/analytics/track.js", { parseAs: "text" });
ok(script.data?.includes("page.view"));

const created = content(await ingest.POST("/api/v1/analytics/write-keys", { body: { name: "shop" } }));
const params = { path: { id: created.id } };
const revoked = await ingest.DELETE("/api/v1/analytics/write-keys/{id}", { params });
strictEqual(revoked.response.status, 204);
const keys = content(await ingest.GET("/api/v1/analytics/write-keys"));
ok(keys.writeKeys[0]?.revokedAt);

const ofEvent = { params: { path: { eventId: EVENT_ID } } };
const dashboard = content(await query.GET("/api/v1/analytics/events/{eventId}/dashboard", ofEvent));
strictEqual(dashboard.totalViews, 2);
const funnel = content(await query.GET("/api/v1/analytics/events/{eventId}/funnel", ofEvent));
strictEqual(funnel.steps[0]?.count, 2);
const ofOrganization = { params: { path: { orgId: ORGANIZATION_ID } } };
const report = content(await query.GET("/api/v1/analytics/organizations/{orgId}/report", ofOrganization));
strictEqual(report.totals.totalViews, 2);
const events = content(await query.GET("/api/v1/analytics/organizations/{orgId}/events", ofOrganization));
strictEqual(events.events[0]?.title, "A Conference");
strictEqual(content(await query.GET("/api/v1/analytics/me")).session, "token");

const metrics = { ...ofEvent, body: { sections: ["metrics" as const] } };
const { shareId } = content(await query.POST("/api/v1/analytics/events/{eventId}/shares", metrics));
const ofShare = { params: { path: { eventId: EVENT_ID, shareId } } };
const gone = await query.DELETE("/api/v1/analytics/events/{eventId}/shares/{shareId}", ofShare);
strictEqual(gone.response.status, 204);
const shares = content(await query.GET("/api/v1/analytics/events/{eventId}/shares", ofEvent));
ok(shares.shares[0]?.revokedAt);

const live = await query.GET("/api/v1/analytics/events/{eventId}/live", { ...ofEvent, parseAs: "stream" });
for await (const chunk of live.data as unknown as AsyncIterable<Uint8Array>) {
  const [, data] = /^data:(.*)$/m.exec(new TextDecoder().decode(chunk)) ?? [];
  if (data) {
    strictEqual(JSON.parse(data).totalViews, 2);
    break;
  }
}

const { dateTo } = dashboard;
const body = { organizationId: ORGANIZATION_ID, dateFrom: dateTo, dateTo, format: "csv" as const };
const file = await query.POST("/api/v1/analytics/export", { body, parseAs: "text" });
strictEqual(String(file.data).trim().split("\n").length, 3);
