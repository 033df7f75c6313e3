//! The session of a share link. The link's secret is exchanged for an access token, which the page keeps in
//! the session storage of the tab, or in memory where a browser blocks that for frames.

import { problemOf, useAccessToken } from "./client";

const KEY = "analytics.share";

interface Session {
  accessToken: string;
  expiresAt: string;
}

/** The fragment of the URL, which is removed at once, so that no link or screenshot repeats it. */
export function takeFragment(): string {
  const fragment = location.hash.slice(1);
  if (fragment) history.replaceState(null, "", location.pathname + location.search);
  return fragment;
}

/** Opens the session of a link. Throws a `Problem`. */
export async function openShare(link: string, password?: string): Promise<void> {
  const response = await fetch("/app/share-session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(password ? { link, password } : { link }),
  });
  if (!response.ok) throw await problemOf(response);
  const session = (await response.json()) as Session;
  useAccessToken(session.accessToken);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(session));
  } catch {
    // Blocked in a frame: the session lasts as long as the page.
  }
}

/** Continues the session of this tab; false if there is none. */
export function continueShare(): boolean {
  try {
    const session = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Session | null;
    if (!session || Date.parse(session.expiresAt) < Date.now()) return false;
    useAccessToken(session.accessToken);
    return true;
  } catch {
    return false;
  }
}

/** Forgets the session of this tab. */
export function endShare(): void {
  useAccessToken(null);
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // There was none.
  }
}
