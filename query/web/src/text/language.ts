//! The language of the page: that of the URL, else the first of the browser's that the page knows.

import { en } from "./en";
import { ru } from "./ru";

export type Language = "en" | "ru";
export type Key = keyof typeof en;

const dictionaries: Record<Language, Record<Key, string>> = { en, ru };
/** The formats of each language. To construct one takes longer than to use it a hundred times. */
const formats: Record<Language, Formats> = { en: formatsOf("en-GB"), ru: formatsOf("ru") };
let current: Language = "en";

export function chooseLanguage(wanted: string | null, preferred: readonly string[]): Language {
  const all = [wanted, ...preferred].map((tag) => tag?.slice(0, 2).toLowerCase());
  current = (all.find((tag) => tag === "en" || tag === "ru") as Language | undefined) ?? "en";
  return current;
}

export function language(): Language {
  return current;
}

interface Formats {
  locale: string;
  plurals: Intl.PluralRules;
  numbers: Intl.NumberFormat;
}

function formatsOf(locale: string): Formats {
  return { locale, plurals: new Intl.PluralRules(locale), numbers: new Intl.NumberFormat(locale) };
}

/** The locale of numbers and dates: English with day before month and a 24-hour clock, as venues print it. */
export function locale(): string {
  return formats[current].locale;
}

/** The position of each plural category in the forms of a message. */
const FORMS: Partial<Record<Intl.LDMLPluralRule, number>> = { one: 0, few: 1, many: 2 };

/** Returns a message with its variables; `n` is a number, or the text of one, and selects the plural form. */
export function t(key: Key, variables: Record<string, string | number> = {}): string {
  const { plurals, numbers } = formats[current];
  const rule = plurals.select(Number(variables["n"]));
  return dictionaries[current][key].replace(/\{([^{}]*)\}/g, (_, name: string) => {
    if (name.includes("|")) return name.split("|")[FORMS[rule] ?? 1]!;
    const value = variables[name] ?? "";
    return typeof value === "number" ? numbers.format(value) : value;
  });
}
