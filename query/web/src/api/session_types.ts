//! Types of the session, the list of events and the share links.

import type { components } from "../../generated/openapi";

type Schemas = components["schemas"];

/** The caller; that of a share link has the sections that it may read. */
export type Me = Omit<Schemas["CallerInfo"], "session"> & {
  session: Schemas["CallerInfo"]["session"] | "share";
  share?: { eventId: string; sections: string[]; revenue: boolean } | null;
};

export type ListedEvent = Schemas["EventEntry"];
export type EventList = Schemas["EventList"];

export interface ShareLink {
  shareId: string;
  link?: string;
  name?: string | null;
  sections: string[];
  revenue: boolean;
  expiresAt: string;
  hasPassword: boolean;
  createdAt: string;
  lastUsedAt?: string | null;
  revokedAt?: string | null;
}
