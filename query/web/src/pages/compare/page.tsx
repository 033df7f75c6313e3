//! Two editions of an event, laid over each other by the days to their start.

import { useResource } from "../../api/resource";
import type { EventList, Me } from "../../api/session_types";
import type { Figures } from "../../api/types";
import { setParameters, useLocation } from "../../location";
import { Select } from "../../parts/choice";
import { Page } from "../../parts/page";
import { Empty } from "../../parts/panel";
import { Skeleton } from "../../parts/problem";
import { dashboardPath, eventsPath } from "../../selection/query";
import { longDay } from "../../text/dates";
import { t } from "../../text/language";
import { anchorsOf } from "../event/selection";
import { Editions } from "./editions";

/** The number of events in the menu. */
const LISTED = 100;

interface Properties {
  eventId: string;
  me: Me;
}

export function ComparePage({ eventId, me }: Properties) {
  const { parameters } = useLocation();
  const otherId = parameters.get("with");
  const organizationId = parameters.get("organization") ?? me.organizationId;
  const main = useResource<Figures>(dashboardPath(eventId, undefined, { details: "never" }));
  const other = useResource<Figures>(otherId ? dashboardPath(otherId, undefined, { details: "never" }) : null);
  const list = useResource<EventList>(
    organizationId ? eventsPath(organizationId, { when: "all", size: LISTED }) : null,
  );
  const choices = (list.data?.events ?? [])
    .filter((event) => event.eventId !== eventId)
    .map((event) => ({
      value: event.eventId,
      name: `${event.title ?? t("untitled")}${event.startsAt ? `, ${event.startsAt.slice(0, 4)}` : ""}`,
    }));
  return (
    <Page
      resource={{ ...main, problem: main.problem ?? other.problem ?? list.problem }}
      title={t("editions")}
      above={[`/app/events/${eventId}`, main.data?.title ?? t("event")]}
      meta={
        <>
          {main.data && <Edition figures={main.data} />}
          {other.data && <Edition figures={other.data} />}
        </>
      }
      filters={
        <Select
          label={t("otherEdition")}
          value={otherId ?? ""}
          options={[{ value: "", name: "–" }, ...choices]}
          onChange={(value) => setParameters({ with: value })}
          isActive={otherId !== null}
        />
      }
    >
      {!otherId && <Empty>{t("chooseEdition")}</Empty>}
      {otherId && !other.data && !other.problem && <Skeleton />}
      {main.data && other.data && <Editions main={main.data} other={other.data} />}
    </Page>
  );
}

function Edition({ figures }: { figures: Figures }) {
  const { eventDay } = anchorsOf(figures, Date.now());
  return (
    <span>
      <bdi>{figures.title ?? t("untitled")}</bdi>: {eventDay && longDay(eventDay)}
    </span>
  );
}
