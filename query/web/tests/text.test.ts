import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, dayIn, dayRange, daysBetween, instant, longDay, shortDay, weekdays } from "../src/text/dates";
import { en } from "../src/text/en";
import { chooseLanguage, t } from "../src/text/language";
import { change, duration, money, rate, short, tick } from "../src/text/numbers";
import { ru } from "../src/text/ru";

/** Spaces of Intl may be narrow or not breaking. */
const plain = (text: string) => text.replace(/\s/g, " ");

test("both languages have the same keys and the same variables", () => {
  assert.deepEqual(Object.keys(ru), Object.keys(en));
  const variables = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const key of Object.keys(en) as (keyof typeof en)[]) assert.deepEqual(variables(ru[key]), variables(en[key]), key);
});

test("the language is that of the URL, else of the browser, else English", () => {
  assert.equal(chooseLanguage("ru", ["en"]), "ru");
  assert.equal(chooseLanguage(null, ["de-DE", "ru-RU", "en"]), "ru");
  assert.equal(chooseLanguage("xx", ["de"]), "en");
});

test("plural forms follow the rules of the language", () => {
  chooseLanguage("ru", []);
  const forms = [1, 2, 5, 11, 21, 1151].map((n) => plain(t("startsIn", { n })));
  assert.deepEqual(forms, ["через 1 день", "через 2 дня", "через 5 дней", "через 11 дней", "через 21 день", "через 1 151 день"]);
  chooseLanguage("en", []);
  assert.deepEqual([t("ago", { n: 1 }), t("ago", { n: 1200 })], ["1 day ago", "1,200 days ago"]);
});

test("an amount has the digits of its currency", () => {
  chooseLanguage("en", []);
  assert.equal(money(1_234_567, "EUR"), "€12,345.67");
  assert.equal(plain(money(1_234_567, "JPY")), "JP¥1,234,567");
  assert.equal(plain(money(1_234_567, "KWD")), "KWD 1,234.567");
  assert.equal(money(500, ""), "5.00 (no currency)");
  assert.equal(money(500, "not one"), "5.00 not one");
});

test("rates and changes are percentages, and an unknown rate is a dash", () => {
  chooseLanguage("en", []);
  assert.deepEqual([rate(0.25), rate(null), rate(undefined), rate(1.4194)], ["25%", "–", "–", "141.9%"]);
  assert.deepEqual([change(0.432), change(-0.0123), change(3)], ["43%", "1.2%", "300%"]);
});

test("large counts are abbreviated only where a tile is too small", () => {
  chooseLanguage("en", []);
  const texts = [short(999_999), short(1_234_567), tick(400), tick(25_000)];
  assert.deepEqual(texts.map((text) => text.toUpperCase()), ["999,999", "1.23M", "400", "25K"]);
});

test("a duration has its two largest units", () => {
  chooseLanguage("en", []);
  const texts = [0.4, 45, 170, 3600, 90_061, 1_123_200].map((seconds) => plain(duration(seconds)));
  assert.deepEqual(texts, ["0s", "45s", "2m 50s", "1h", "1d 1h", "13d"]);
});

test("days and times are those of the event, whatever the time zone of the browser", () => {
  chooseLanguage("en", []);
  for (const zone of ["America/Los_Angeles", "Pacific/Kiritimati"]) {
    process.env["TZ"] = zone;
    assert.equal(shortDay("2026-11-23"), "23 Nov");
    assert.equal(longDay("2026-11-23"), "Mon, 23 Nov 2026");
    assert.equal(clock("2026-11-26T04:33:00+01:00"), "04:33");
    assert.equal(instant("2026-11-26T03:33:00Z", "Asia/Tehran"), "26 Nov, 07:03");
    assert.equal(dayIn("Pacific/Auckland", "2026-11-26T23:00:00Z"), "2026-11-27");
    assert.equal(dayRange("2026-11-01", "2026-11-23").replace(/\s–\s/, "–"), "1–23 Nov 2026");
    assert.equal(weekdays("short")[0], "Mon");
  }
});

test("days between are counted across changes of the clock", () => {
  assert.equal(daysBetween("2026-10-24", "2026-10-26"), 2);
  assert.equal(daysBetween("2026-03-30", "2026-03-28"), -2);
});
