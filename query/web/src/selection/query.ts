//! Paths of the API for a selection.

import type { Period } from "./period";

export interface Selection {
  period: Period;
  compare: "previous" | "year" | null;
  source: string | null;
  ticketType: string | null;
}

type Query = Record<string, string | number | null | undefined>;

/** A path with the parameters that have a value. */
export function withQuery(path: string, query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

function queryOf({ period, compare, source, ticketType }: Selection): Query {
  return { dateFrom: period.from, dateTo: period.to, compare, source, ticketType };
}

export function dashboardPath(eventId: string, selection?: Selection, more: Query = {}): string {
  return withQuery(`/events/${eventId}/dashboard`, { ...(selection && queryOf(selection)), ...more });
}

export function funnelPath(eventId: string, selection: Selection): string {
  // Only counts and people of the period are shown: the comparison of a funnel is not.
  return withQuery(`/events/${eventId}/funnel`, { ...queryOf(selection), compare: null });
}

export function reportPath(organizationId: string, selection: Selection, more: Query = {}): string {
  return withQuery(`/organizations/${organizationId}/report`, { ...queryOf(selection), ...more });
}

export function eventsPath(organizationId: string, query: Query): string {
  return withQuery(`/organizations/${organizationId}/events`, query);
}
