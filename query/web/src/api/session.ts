//! The hand-over of a platform token by the fragment of a URL or by a message to a frame.

import { problemOf, useAccessToken } from "./client";
import { takeFragment } from "./share_session";

const TOKEN = "#token=";

/** Takes the platform token of the URL, if it has one: requests carry it until the session has its cookie. Throws a `Problem`. */
export async function takeOverToken(): Promise<void> {
  if (!location.hash.startsWith(TOKEN)) return;
  const token = decodeURIComponent(takeFragment().slice(TOKEN.length - 1));
  useAccessToken(token);
  await openSession(token);
  useAccessToken(null);
}

/** Exchanges a platform token for the cookie of the session. Throws a `Problem`. */
async function openSession(token: string): Promise<void> {
  const body = new URLSearchParams({ token });
  const response = await fetch("/app/session", { method: "POST", body, redirect: "manual" });
  // The redirect that a form post follows is not followed here.
  if (response.type !== "opaqueredirect" && !response.ok) throw await problemOf(response);
}

interface HandOver {
  type?: string;
  /** A platform token. */
  token?: string;
  eventId?: string;
  /** The secret of a share link. */
  link?: string;
}

/**
 * Asks the page around this frame for a token or link, and resolves with its answer. `frame-ancestors` of the
 * response has limited which origins may be that page.
 */
export function receiveFromParent(signal: AbortSignal): Promise<HandOver> {
  return new Promise((resolve) => {
    const listen = ({ source, data }: MessageEvent<HandOver | null>) => {
      if (source === parent && data?.type === "analytics.session") resolve(data);
    };
    addEventListener("message", listen, { signal });
    // Carries nothing, so every parent may read it.
    parent.postMessage({ type: "analytics.ready" }, "*");
  });
}

export function keepInMemory(token: string): void {
  useAccessToken(token);
}
