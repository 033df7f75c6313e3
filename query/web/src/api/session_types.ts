//! Types of the session, the list of events and the share links.

/** The caller, from `GET /me`. */
export interface Me {
  organizationId?: string | null;
  roles: string[];
  expiresAt?: string | null;
  session: "token" | "browser" | "share";
  canExport: boolean;
  canShare: boolean;
  share?: { eventId: string; sections: string[]; revenue: boolean } | null;
}

/** One event of `GET /organizations/{orgId}/events`. */
export interface ListedEvent {
  eventId: string;
  title?: string | null;
  startsAt?: string | null;
  timezone?: string | null;
  firstFactOn?: string | null;
  lastFactOn?: string | null;
}

export interface EventList {
  page: number;
  size: number;
  totalElements: number;
  events: ListedEvent[];
}

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
