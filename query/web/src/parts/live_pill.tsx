//! The state of the live figures.

import type { Live } from "../api/live";
import { type Key, t } from "../text/language";

const WORDS: Record<Live["state"], Key> = {
  connecting: "connecting",
  live: "live",
  lost: "reconnecting",
  ended: "notLive",
};

export function LivePill({ state }: { state: Live["state"] }) {
  return (
    <span class={`pill ${state}`} role="status">
      <i aria-hidden="true" />
      {t(WORDS[state])}
    </span>
  );
}
