import assert from "node:assert/strict";
import { test } from "node:test";
import { comparisonOf, periodOf, presetsOf } from "../src/selection/period";
import { dashboardPath } from "../src/selection/query";

const anchors = { today: "2026-11-27", eventDay: "2026-11-23" };
const period = (query: string) => periodOf(new URLSearchParams(query), anchors);

test("without parameters, the service chooses the days", () => {
  assert.deepEqual(period(""), { preset: "all", from: null, to: null });
});

test("presets are days that end today, or days of the event", () => {
  assert.deepEqual(period("period=7"), { preset: "7", from: "2026-11-21", to: "2026-11-27" });
  assert.deepEqual(period("period=event-day"), { preset: "event-day", from: "2026-11-23", to: "2026-11-23" });
  assert.deepEqual(period("period=week-before"), { preset: "week-before", from: "2026-11-16", to: "2026-11-22" });
});

test("two days in either order are a period, and other texts are none", () => {
  assert.deepEqual(period("from=2026-11-05&to=2026-11-02"), { preset: "custom", from: "2026-11-02", to: "2026-11-05" });
  assert.equal(period("from=yesterday&to=2026-11-02").preset, "all");
  assert.equal(period("period=13").preset, "all");
});

test("the day of the event can be chosen once it has come", () => {
  assert.ok(presetsOf(anchors).includes("event-day"));
  assert.ok(!presetsOf({ ...anchors, today: "2026-11-22" }).includes("event-day"));
  assert.ok(!presetsOf({ ...anchors, eventDay: null }).includes("week-before"));
});

test("a period is compared with the days before unless the reader decides", () => {
  const comparison = (query: string) => comparisonOf(new URLSearchParams(query), period(query));
  assert.equal(comparison(""), null);
  assert.equal(comparison("period=7"), "previous");
  assert.equal(comparison("period=7&compare=none"), null);
  assert.equal(comparison("compare=year"), "year");
});

test("a path has only the parameters that are set", () => {
  const selection = { period: period("period=7"), compare: null, source: "a&b", ticketType: null };
  assert.equal(
    dashboardPath("e", selection, { granularity: null }),
    "/events/e/dashboard?dateFrom=2026-11-21&dateTo=2026-11-27&source=a%26b",
  );
});
