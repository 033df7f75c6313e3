//! The events of the organization: search, upcoming or past, with their figures in the selected period.

import { useEffect, useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import type { EventList, ListedEvent } from "../../api/session_types";
import type { EventMetrics, Report } from "../../api/types";
import { link, setParameters, useLocation } from "../../location";
import { BarTable } from "../../parts/bar_table";
import { Segments } from "../../parts/choice";
import { Icon } from "../../parts/icon";
import { Empty, Panel } from "../../parts/panel";
import { ProblemBanner } from "../../parts/problem";
import { eventsPath, reportPath, type Selection } from "../../selection/query";
import { start } from "../../text/dates";
import { t } from "../../text/language";
import { integer, money } from "../../text/numbers";

const SIZE = 20;
/** The pause in typing after which the search begins, in milliseconds. */
const PAUSE = 250;

interface Properties {
  organizationId: string;
  report: Report;
  selection: Selection;
}

export function Events({ organizationId, report, selection }: Properties) {
  const { parameters } = useLocation();
  const when = parameters.get("when") ?? "all";
  const query = parameters.get("q") ?? "";
  const page = Number(parameters.get("page") ?? 0) || 0;
  const list = useResource<EventList>(eventsPath(organizationId, { q: query, when, page: page || null, size: SIZE }));
  const events = list.data?.events ?? [];
  const figures = useFigures(organizationId, report, selection, events);
  const total = list.data?.totalElements ?? 0;
  return (
    <Panel
      id="events"
      title={t("events")}
      note={list.data && integer(total)}
      isWide
      controls={
        <>
          <Search value={query} />
          <Segments
            label={t("events")}
            value={when}
            options={[
              { value: "upcoming", name: t("upcoming") },
              { value: "past", name: t("past") },
              { value: "all", name: t("all") },
            ]}
            onChange={(value) => setParameters({ when: value === "all" ? null : value, page: null })}
          />
        </>
      }
    >
      {list.problem && <ProblemBanner problem={list.problem} />}
      {list.data && events.length === 0 && <Empty>{t(query || when !== "all" ? "noEventsFound" : "noEvents")}</Empty>}
      {events.length > 0 && <EventTable events={events} figures={figures} zone={report.timezone} />}
      {total > SIZE && <Pager page={page} pages={Math.ceil(total / SIZE)} />}
    </Panel>
  );
}

/** Figures by event. The report lists 100 events at a time; further pages are read while any is missing. */
function useFigures(organizationId: string, report: Report, selection: Selection, events: ListedEvent[]) {
  const [pages, setPages] = useState<Map<string, EventMetrics>>(new Map());
  const [number, setNumber] = useState(1);
  const known = new Map([...report.events.map((event) => [event.eventId, event] as const), ...pages]);
  const isMissing = events.some(({ eventId }) => !known.has(eventId)) && number * 100 < report.totalElements;
  const next = useResource<Report>(
    isMissing ? reportPath(organizationId, selection, { size: 100, sort: "startsAt,desc", page: number }) : null,
  );
  useEffect(() => {
    setPages(new Map());
    setNumber(1);
  }, [report]);
  useEffect(() => {
    if (next.data?.page !== number) return;
    const read = next.data.events;
    setPages((before) => new Map([...before, ...read.map((event) => [event.eventId, event] as const)]));
    setNumber(number + 1);
  }, [next.data]);
  return known;
}

function Search({ value }: { value: string }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => setParameters({ q: text, page: null }, false), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label class="search">
      <Icon name="search" />
      <span class="sr-only">{t("search")}</span>
      <input type="search" value={text} placeholder={t("search")} onInput={(event) => setText(event.currentTarget.value)} />
    </label>
  );
}

interface TableProperties {
  events: ListedEvent[];
  figures: Map<string, EventMetrics>;
  zone: string;
}

function EventTable({ events, figures, zone }: TableProperties) {
  const count = (metric: "totalViews" | "totalRegistrations" | "checkedIn") => (event: ListedEvent) => {
    const known = figures.get(event.eventId);
    return known ? integer(known[metric]) : "–";
  };
  return (
    <BarTable
      caption={t("events")}
      head={t("event")}
      rows={events}
      name={(event) => (
        <>
          <a href={link(`/app/events/${event.eventId}`)}>
            <bdi>{event.title ?? t("untitled")}</bdi>
          </a>
          <span class="note line">
            {event.startsAt ? start(event.startsAt, event.timezone ?? zone) : event.eventId.slice(0, 8)}
            {event.startsAt && event.timezone && event.timezone !== zone && `, ${event.timezone}`}
          </span>
        </>
      )}
      columns={[
        { name: t("views"), value: count("totalViews") },
        { name: t("registrations"), value: count("totalRegistrations") },
        { name: t("checkedIn"), value: count("checkedIn") },
        {
          name: t("revenue"),
          value: ({ eventId }) =>
            figures.get(eventId)?.revenue.map(({ amountCents, currency }) => (
              <span key={currency} class="line">
                {money(amountCents, currency)}
              </span>
            )),
        },
      ]}
    />
  );
}

function Pager({ page, pages }: { page: number; pages: number }) {
  const open = (number: number) => setParameters({ page: number === 0 ? null : String(number) });
  return (
    <nav class="pager" aria-label={t("events")}>
      <button type="button" class="quiet" disabled={page === 0} onClick={() => open(page - 1)} aria-label={t("previousPage")}>
        <Icon name="back" />
      </button>
      {t("page", { n: page + 1, total: pages })}
      <button type="button" class="quiet" disabled={page + 1 >= pages} onClick={() => open(page + 1)} aria-label={t("nextPage")}>
        <Icon name="next" />
      </button>
    </nav>
  );
}
