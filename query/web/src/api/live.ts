//! Live figures: server-sent events (WHATWG HTML, section 9.2), read by `fetch` so that they work with a
//! cookie and with a bearer token alike.

import { useEffect, useState } from "preact/hooks";
import { Problem, request } from "./client";
import type { LiveMetrics } from "./types";

/** The server sends a comment every 15 seconds; a longer silence is a lost connection. */
const SILENCE = 40_000;
const LONGEST_DELAY = 30_000;

export interface Live {
  metrics: LiveMetrics | null;
  state: "connecting" | "live" | "lost" | "ended";
  /** The number of updates after the first, by which other figures are read again. */
  version: number;
}

/** Splits a stream into the fields `id` and `data` of its events, and reports every line that arrives. */
export class EventParser {
  private rest = "";
  private id = "";
  private data: string[] = [];

  constructor(private readonly receive: (id: string, data: string) => void) {}

  push(text: string): void {
    const lines = (this.rest + text).split(/\r\n|\n/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    if (line === "") {
      if (this.data.length > 0) this.receive(this.id, this.data.join("\n"));
      this.data = [];
      return;
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === "id") this.id = value ?? "";
    if (field === "data") this.data.push(value ?? "");
  }
}

/** Reads the stream until it ends; `alive` is called for every chunk. */
async function readStream(path: string, lastId: string, signal: AbortSignal, parser: EventParser, alive: () => void) {
  const headers: Record<string, string> = { Accept: "text/event-stream" };
  if (lastId) headers["Last-Event-ID"] = lastId;
  const response = await request(path, { headers, signal, cache: "no-store" });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  alive();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    parser.push(value);
  }
}

/** Follows the live figures of an event; none while `eventId` is `null`. */
export function useLive(eventId: string | null): Live {
  const [live, setLive] = useState<Live>({ metrics: null, state: "connecting", version: 0 });
  useEffect(() => {
    if (eventId === null) return;
    let stopped = false;
    let current = 0;
    let abort = new AbortController();
    let lastId = "";
    let delay = 1000;
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    let pause: ReturnType<typeof setTimeout> | undefined;
    const set = (change: Partial<Live>) => !stopped && setLive((before) => ({ ...before, ...change }));
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => abort.abort(), SILENCE);
      delay = 1000;
      set({ state: "live" });
    };
    const run = async () => {
      const number = ++current;
      abort = new AbortController();
      const parser = new EventParser((id, data) => {
        const metrics = JSON.parse(data) as LiveMetrics;
        const isFirst = lastId === "";
        lastId = id;
        if (!stopped) {
          setLive((before) => ({ metrics, state: "live", version: isFirst ? before.version : before.version + 1 }));
        }
      });
      try {
        await readStream(`/events/${eventId}/live`, lastId, abort.signal, parser, alive);
      } catch (error) {
        if (error instanceof Problem) {
          if (error.retryAfter === 0) {
            clearTimeout(watchdog);
            return set({ state: "ended" });
          }
          delay = Math.max(delay, error.retryAfter * 1000);
        }
      }
      clearTimeout(watchdog);
      if (stopped || number !== current) return;
      set({ state: "lost" });
      pause = setTimeout(() => void run(), delay);
      delay = Math.min(delay * 2, LONGEST_DELAY);
    };
    const end = () => {
      current += 1;
      abort.abort();
      clearTimeout(watchdog);
      clearTimeout(pause);
    };
    // Browsers open six connections to an origin over HTTP/1.1: a page that is not seen keeps none.
    const follow = () => {
      end();
      if (!document.hidden) void run();
    };
    // A page that comes back from the cache of the history is not loaded again.
    const shown = ({ persisted }: PageTransitionEvent) => persisted && follow();
    setLive({ metrics: null, state: "connecting", version: 0 });
    follow();
    document.addEventListener("visibilitychange", follow);
    addEventListener("pageshow", shown);
    addEventListener("pagehide", end);
    return () => {
      stopped = true;
      end();
      document.removeEventListener("visibilitychange", follow);
      removeEventListener("pageshow", shown);
      removeEventListener("pagehide", end);
    };
  }, [eventId]);
  return live;
}
