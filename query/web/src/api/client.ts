//! Requests to the API of the same origin, with its errors (RFC 9457).

import type { ProblemBody } from "./types";

const BASE = "/api/v1/analytics";
/** The delay before a repeated request if the response names none, in seconds. */
const DEFAULT_DELAY = 5;

/** The access token of a share link or of an embedded page; browsers send the cookie otherwise. */
let accessToken: string | null = null;

export function useAccessToken(token: string | null): void {
  accessToken = token;
}

/** A failed request. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    /** Seconds after which the request may be repeated; 0 if repeating is useless. */
    readonly retryAfter: number,
    readonly fields: { field: string; message: string }[] = [],
    readonly requestId?: string,
  ) {
    super(code);
  }

  /** Whether the session has ended or never existed. */
  get isExpired(): boolean {
    return this.status === 401;
  }
}

/** Sends a request, and throws a `Problem` unless it succeeds. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (accessToken) headers.set("Authorization", `Bearer ${accessToken}`);
  let response: Response;
  try {
    response = await fetch(BASE + path, { credentials: "same-origin", ...init, headers });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Problem(0, "offline", "", DEFAULT_DELAY);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, signal ? { signal } : {});
  return (await response.json()) as T;
}

export async function sendJson<T>(method: "POST" | "DELETE", path: string, body?: unknown): Promise<T | null> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  const response = await request(path, init);
  return response.status === 204 ? null : ((await response.json()) as T);
}

/** Reads the body of an error; proxies answer without one. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Partial<ProblemBody>;
  const { status } = response;
  const isTransient = status === 429 || status >= 500;
  const delay = Number(response.headers.get("Retry-After")) || DEFAULT_DELAY;
  return new Problem(
    status,
    body.code ?? (status >= 500 ? "unavailable" : "unknown"),
    body.detail ?? "",
    isTransient ? delay : 0,
    body.errors,
    body.requestId,
  );
}
