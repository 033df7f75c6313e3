//! The page and its selection, as the URL has them.

import { useEffect, useState } from "preact/hooks";

export type Page =
  | { name: "organization" | "share" | "unknown" }
  | { name: "event" | "door" | "compare"; eventId: string };

/** Parameters that belong to the reader instead of the page: links keep them. */
const KEPT = ["lang", "theme", "organization"];
const EVENT = /^\/app\/events\/([0-9a-f-]{36})(?:\/(door|compare))?\/?$/i;

export function pageOf(path: string): Page {
  if (/^\/app(\/(org\/?)?)?$/.test(path)) return { name: "organization" };
  if (/^\/app\/share\/?$/.test(path)) return { name: "share" };
  const [, eventId, part] = EVENT.exec(path) ?? [];
  if (!eventId) return { name: "unknown" };
  return { name: (part as "door" | "compare" | undefined) ?? "event", eventId };
}

/** The URL of a page, with the parameters that every page keeps. */
export function link(path: string, parameters: Record<string, string | null> = {}): string {
  const now = new URLSearchParams(location.search);
  const query = new URLSearchParams();
  for (const name of KEPT) {
    const value = now.get(name);
    if (value) query.set(name, value);
  }
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

export function go(url: string): void {
  history.pushState(null, "", url);
  scrollTo(0, 0);
  changed();
}

/** Sets parameters of the current page; `null` removes one. */
export function setParameters(changes: Record<string, string | null>, isNewEntry = true): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  const url = text ? `${location.pathname}?${text}` : location.pathname;
  if (isNewEntry) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  changed();
}

/** Follows links within the page without loading it again. */
export function followLinks(event: MouseEvent): void {
  const anchor = (event.target as Element | null)?.closest?.("a");
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!anchor || !isPlain || anchor.target || event.defaultPrevented) return;
  const url = new URL(anchor.href);
  if (url.origin !== location.origin || !url.pathname.startsWith("/app") || url.hash) return;
  event.preventDefault();
  go(url.pathname + url.search);
}

export function useLocation(): { path: string; parameters: URLSearchParams } {
  const [url, setUrl] = useState(location.pathname + location.search);
  useEffect(() => {
    const update = () => setUrl(location.pathname + location.search);
    listeners.add(update);
    addEventListener("popstate", update);
    return () => {
      listeners.delete(update);
      removeEventListener("popstate", update);
    };
  }, []);
  const [path = "", query = ""] = url.split("?");
  return { path, parameters: new URLSearchParams(query) };
}
