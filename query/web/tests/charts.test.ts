import assert from "node:assert/strict";
import { test } from "node:test";
import { EventParser } from "../src/api/live";
import { shade } from "../src/charts/heat_map";
import { countScale, countTicks, cumulated, labelStep, stacked } from "../src/charts/scale";
import { binned, clockLabels } from "../src/charts/step_curve";
import { pageOf } from "../src/location";
import { align, samePoint, sumUntil } from "../src/pages/compare/align";

test("an axis of counts begins at 0 and has whole numbers", () => {
  assert.deepEqual(countTicks(countScale(0, 100)), [0, 1, 2, 3, 4]);
  assert.deepEqual(countTicks(countScale(137, 100)), [0, 50, 100, 150]);
  assert.equal(countScale(137, 100)(0), 100);
});

test("labels of an axis do not touch", () => {
  assert.equal(labelStep(366, 400, 80), 91);
  assert.equal(labelStep(5, 400, 80), 1);
});

test("running totals skip what has no value", () => {
  assert.deepEqual(cumulated([1, null, 2, 0]), [1, null, 3, 3]);
});

test("stacked series stand on each other", () => {
  assert.deepEqual(stacked([[1, 2], [3, null], [0, 1]]), [[1, 2], [4, 2], [4, 3]]);
});

test("check-ins are laid out by time, and hours are those of the offset", () => {
  const minute = 60_000;
  assert.deepEqual(binned([[0, 1], [minute, 2], [12 * minute, 3]], 0, 5 * minute), [[0, 3], [10 * minute, 3]]);
  const first = "2026-11-26T08:07:00+05:30";
  const from = Date.parse(first);
  assert.deepEqual(
    clockLabels(first, from, from + 60 * minute, 30).map(([, text]) => text),
    ["08:30", "09:00"],
  );
});

test("a cell with any activity is darker than one without", () => {
  assert.deepEqual([shade(0, 100), shade(1, 100), shade(100, 100)], [0, 1, 5]);
});

test("editions are aligned by the days to the event and summed to the same point", () => {
  const day = (daysToEvent: number | null, registrations: number) => ({
    daysToEvent,
    registrations,
    views: 0,
    cancellations: 0,
    checkIns: 0,
  });
  const now = [day(4, 1), day(3, 0), day(2, 2)];
  const before = [day(5, 1), day(4, 1), day(3, 1), day(2, 1), day(1, 9), day(null, 7)];
  const aligned = align(now, before, "registrations");
  assert.deepEqual(aligned.days, [5, 4, 3, 2, 1]);
  assert.deepEqual(aligned.main, [null, 1, 0, 2, null]);
  assert.deepEqual(aligned.other, [1, 1, 1, 1, 9]);
  assert.equal(samePoint(now), 2);
  assert.equal(sumUntil(before, "registrations", 2), 4);
});

test("server-sent events are read whatever the chunks", () => {
  const received: string[] = [];
  const parser = new EventParser((id, data) => received.push(`${id}=${data}`));
  for (const chunk of [": keep-alive\n\nid: a", "1\r\nevent: metrics\nda", 'ta: {"x":1}\n', "\nid: a2\ndata: {}\n\n"]) parser.push(chunk);
  assert.deepEqual(received, ['a1={"x":1}', "a2={}"]);
});

test("paths name pages", () => {
  const id = "3f2a9d4e-8b1c-4f7e-a5d6-0c9b8e7f6a51";
  assert.deepEqual(pageOf("/app"), { name: "organization" });
  assert.deepEqual(pageOf("/app/org/"), { name: "organization" });
  assert.deepEqual(pageOf(`/app/events/${id}`), { name: "event", eventId: id });
  assert.deepEqual(pageOf(`/app/events/${id}/door`), { name: "door", eventId: id });
  assert.deepEqual(pageOf("/app/share"), { name: "share" });
  assert.deepEqual(pageOf("/app/events/1"), { name: "unknown" });
});
