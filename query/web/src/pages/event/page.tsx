//! The page of an event: its figures for a selection.

import { useEffect, useState } from "preact/hooks";
import { useLive } from "../../api/live";
import { useResource } from "../../api/resource";
import type { Me } from "../../api/session_types";
import type { Figures, Funnel } from "../../api/types";
import { useLocation } from "../../location";
import { Page } from "../../parts/page";
import { dashboardPath, funnelPath } from "../../selection/query";
import { daysBetween, longDay } from "../../text/dates";
import { t } from "../../text/language";
import { Actions } from "./actions";
import { DoorCurve } from "./door_curve";
import { EmptyEvent, EmptyPeriod } from "./empty";
import { Filters } from "./filters";
import { FunnelPanel, FunnelSkeleton } from "./funnel";
import { Hours } from "./hours";
import { OverTime } from "./over_time";
import { RevenuePanel } from "./revenue";
import { type Anchors, anchorsOf, isWhole, needsAnchors, permitted, type View, viewOf } from "./selection";
import { Sources } from "./sources";
import { TicketTypes } from "./ticket_types";

/** The least time between two reads of the figures while they change, in milliseconds. */
const PAUSE = 2000;

interface Properties {
  eventId: string;
  /** The caller, once known. */
  me: Me | null;
}

export function EventPage({ eventId, me }: Properties) {
  const parameters = permitted(useLocation().parameters, me?.share?.sections);
  const live = useLive(eventId);
  const version = useThrottled(live.version);
  const now = Date.now();
  const isShared = me?.session === "share";

  const isSelected = ["period", "from", "source", "ticketType"].some((name) => parameters.has(name));
  const about = useResource<Figures>(isSelected ? dashboardPath(eventId, undefined, { details: "never" }) : null);
  const hasSeries = me?.share?.sections.includes("series") ?? true;
  const view = viewOf(parameters, anchorsOf(about.data, now), isShared);
  const { granularity, details, selection } = view;
  const isReady = about.data !== null || !needsAnchors(parameters);
  const path = dashboardPath(eventId, selection, {
    granularity: granularity === "day" ? null : granularity,
    details,
    splitBy: view.split,
  });
  const figures = useResource<Figures>(isReady ? path : null, version);
  const isFunnelShown = me?.share?.sections.includes("funnel") ?? true;
  const funnel = useResource<Funnel>(isReady && isFunnelShown ? funnelPath(eventId, selection) : null, version);

  const { data } = figures;
  const whole = about.data ?? data;
  const known = anchorsOf(whole, now);
  const { eventDay, today } = known;
  const title = whole ? (whole.title ?? t("untitled")) : "\u00a0";
  return (
    <Page
      resource={{
        ...figures,
        problem: figures.problem ?? funnel.problem ?? about.problem,
        // A funnel that loads for the first time has a skeleton of its own.
        isLoading: figures.isLoading || (funnel.data !== null && funnel.isLoading),
      }}
      windowTitle={whole?.title ?? t("analytics")}
      title={title}
      above={isShared ? null : ["/app/org", t("organization")]}
      meta={
        eventDay && (
          <span>
            {longDay(eventDay)}, {fromNow(daysBetween(today, eventDay))}
          </span>
        )
      }
      actions={<Actions figures={data} me={me} live={live} />}
      filters={<Filters view={view} anchors={known} about={whole} figures={data} hasSeries={hasSeries} />}
    >
      {data && <Content data={data} funnel={isFunnelShown ? funnel.data : undefined} view={view} anchors={known} />}
    </Page>
  );
}

interface ContentProperties {
  data: Figures;
  /** The funnel: `null` while it loads, `undefined` if it is not shared. */
  funnel: Funnel | null | undefined;
  view: View;
  anchors: Anchors;
}

function Content({ data, funnel, view, anchors }: ContentProperties) {
  const counts = [data.totalViews, data.totalRegistrations, data.checkedIn, data.cancellations];
  const isEmpty = data.totalViews !== undefined && counts.every((count) => !count) && !data.revenue?.length;
  if (isEmpty) return isWhole(view) ? <EmptyEvent eventId={data.eventId} /> : <EmptyPeriod figures={data} />;
  return (
    <div class="panels">
      <OverTime figures={data} view={view} today={anchors.today} />
      <div class="column">
        {funnel && <FunnelPanel funnel={funnel} />}
        {funnel === null && <FunnelSkeleton />}
        {data.bySource && <Sources figures={data} />}
        {data.revenue && data.revenue.length > 0 && <RevenuePanel figures={data} />}
      </div>
      <div class="column">
        {data.checkInCurve !== undefined && <DoorCurve figures={data} {...anchors} />}
        {data.byTicketType && <TicketTypes figures={data} />}
        {data.byHour && <Hours figures={data} />}
      </div>
    </div>
  );
}

/** The distance of a day from today. */
function fromNow(days: number): string {
  if (days === 0) return t("today");
  return days > 0 ? t("startsIn", { n: days }) : t("ago", { n: -days });
}

/** Follows a number, at most once per `PAUSE`. */
function useThrottled(value: number): number {
  const [shown, setShown] = useState({ value, at: 0 });
  useEffect(() => {
    if (shown.value === value) return;
    const timer = setTimeout(() => setShown({ value, at: Date.now() }), Math.max(0, shown.at + PAUSE - Date.now()));
    return () => clearTimeout(timer);
  }, [value, shown]);
  return shown.value;
}
