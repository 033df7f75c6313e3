//! The door: how many have come, how fast, and of which ticket types; for phones and large screens.

import { greatest } from "d3-array";
import { useEffect, useState } from "preact/hooks";
import { useLive } from "../../api/live";
import { useResource } from "../../api/resource";
import type { CheckInCurve, Figures } from "../../api/types";
import { BarTable } from "../../parts/bar_table";
import { LivePill } from "../../parts/live_pill";
import { Page } from "../../parts/page";
import { Panel } from "../../parts/panel";
import { dashboardPath } from "../../selection/query";
import { clock, longDay } from "../../text/dates";
import { t } from "../../text/language";
import { decimal, integer, rate } from "../../text/numbers";
import { DoorCurve } from "../event/door_curve";
import { anchorsOf } from "../event/selection";
import { useWakeLock } from "./wake_lock";

/** The minutes over which the current rate is computed. */
const RATE_MINUTES = 5;

export function DoorPage({ eventId }: { eventId: string }) {
  const live = useLive(eventId);
  const about = useResource<Figures>(dashboardPath(eventId, undefined, { details: "never" }), live.version);
  const now = useClock();
  const anchors = anchorsOf(about.data, now);
  const day = anchors.eventDay ?? anchors.today;
  const ofDay = useResource<Figures>(
    about.data ? dashboardPath(eventId, undefined, { dateFrom: day, dateTo: day }) : null,
    live.version,
  );
  const isAwake = useWakeLock();
  const data = about.data;
  const name = data ? (data.title ?? t("untitled")) : "\u00a0";
  // Live figures are newer than the dashboard that they announce.
  const checkedIn = Math.max(live.metrics?.checkedIn ?? 0, data?.checkedIn ?? 0);
  const confirmed = live.metrics?.confirmedRegistrations ?? data?.confirmedRegistrations ?? 0;
  return (
    <Page
      className="door"
      resource={{ ...about, isLoading: false, problem: about.problem ?? ofDay.problem }}
      windowTitle={t("doorOf", { name })}
      title={name}
      above={[`/app/events/${eventId}`, t("event")]}
      meta={<span>{longDay(day)}</span>}
      actions={
        <>
          {isAwake && <span class="note">{t("awake")}</span>}
          <LivePill state={live.state} />
        </>
      }
    >
      <Headline checkedIn={checkedIn} confirmed={confirmed} curve={ofDay.data?.checkInCurve ?? null} now={now} />
      <div class="panels">
        {ofDay.data && <DoorCurve figures={ofDay.data} {...anchors} />}
        {data && <ByTicketType figures={data} />}
      </div>
    </Page>
  );
}

interface HeadlineProperties {
  checkedIn: number;
  confirmed: number;
  curve: CheckInCurve | null;
  now: number;
}

function Headline({ checkedIn, confirmed, curve, now }: HeadlineProperties) {
  const part = confirmed > 0 ? Math.min(1, checkedIn / confirmed) : 0;
  const peak = greatest(curve?.points ?? [], ({ checkIns }) => checkIns);
  return (
    <section class="headline" aria-labelledby="checked-in">
      <h2 id="checked-in" class="name">
        {t("checkedIn")}
      </h2>
      <p class="number" aria-live="polite">
        <b>{integer(checkedIn)}</b> <span>{t("ofConfirmed", { n: confirmed })}</span>
      </p>
      <div class="progress" role="img" aria-label={rate(part)}>
        <i style={{ width: `${100 * part}%` }} />
      </div>
      <ul class="facts">
        <li>
          <b>{rate(part)}</b>
          <span>{t("checkedIn")}</span>
        </li>
        <li>
          <b>{integer(Math.max(0, confirmed - checkedIn))}</b>
          <span>{t("stillExpected")}</span>
        </li>
        <li>
          <b>{decimal(currentRate(curve, now))}</b>
          <span>{t("rateNow")}</span>
        </li>
        {peak && (
          <li>
            <b>{integer(peak.checkIns)}</b>
            <span>{t("busiestAt", { time: clock(peak.at) })}</span>
          </li>
        )}
      </ul>
    </section>
  );
}

/** Check-ins per minute over the last minutes. */
export function currentRate(curve: CheckInCurve | null, now: number): number {
  const since = now - RATE_MINUTES * 60_000;
  const recent = (curve?.points ?? []).filter(({ at }) => Date.parse(at) > since);
  return recent.reduce((sum, { checkIns }) => sum + checkIns, 0) / RATE_MINUTES;
}

function ByTicketType({ figures }: { figures: Figures }) {
  const rows = (figures.byTicketType ?? []).filter(({ registrations }) => registrations > 0);
  if (rows.length === 0) return null;
  const confirmedOf = (row: (typeof rows)[number]) => Math.max(0, row.registrations - row.cancellations);
  return (
    <Panel id="tickets" title={t("ticketTypes")}>
      <BarTable
        caption={t("ticketTypes")}
        head={t("ticketType")}
        rows={rows}
        name={({ ticketTypeName, ticketTypeId }) => <bdi>{ticketTypeName ?? ticketTypeId ?? t("noTicketType")}</bdi>}
        bars={(row) => [confirmedOf(row), row.checkIns]}
        columns={[
          { name: t("checkedIn"), value: ({ checkIns }) => <b>{integer(checkIns)}</b> },
          { name: t("confirmed"), value: (row) => integer(confirmedOf(row)) },
        ]}
      />
    </Panel>
  );
}

/** The current time, every ten seconds. */
function useClock(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
