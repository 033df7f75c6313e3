//! The frame of a page with figures: title, actions, filters, and the figures or why there are none.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Resource } from "../api/resource";
import { link } from "../location";
import { instant } from "../text/dates";
import { t } from "../text/language";
import { Icon } from "./icon";
import { Message, ProblemBanner, Skeleton } from "./problem";

/** Figures of a time zone, as of a time. */
interface Zoned {
  timezone: string;
  asOf?: string;
}

interface Properties {
  resource: Pick<Resource<Zoned>, "data" | "problem" | "isLoading">;
  /** The title of the window; by default `title`. */
  windowTitle?: string | undefined;
  title: string;
  /** The page above: path and name. */
  above?: [path: string, name: string] | null;
  meta?: ComponentChildren;
  actions?: ComponentChildren;
  filters?: ComponentChildren;
  children: ComponentChildren;
  className?: string;
}

export function Page({ resource, windowTitle, title, above, meta, actions, filters, children, className = "" }: Properties) {
  const { data, problem, isLoading } = resource;
  useEffect(() => {
    document.title = windowTitle ?? title;
  }, [windowTitle, title]);
  if (problem && !data) {
    if (problem.isExpired) return <Message title={t("sessionEnded")} hint={t("sessionEndedHint")} />;
    if (problem.status === 404) return <Message title={t("notFound")} />;
  }
  return (
    <main class={`page ${className}${isLoading && data ? " loading" : ""}`} aria-busy={isLoading}>
      <header class="page-header">
        <div class="heading">
          {above && (
            <a class="crumb" href={link(above[0])}>
              <Icon name="back" />
              <bdi>{above[1]}</bdi>
            </a>
          )}
          <h1 dir="auto">{title}</h1>
          <p class="meta">
            {meta}
            {data && (
              <>
                <span class="zone">{t("zone", { zone: data.timezone })}</span>
                {data.asOf && <span>{t("asOf", { time: instant(data.asOf, data.timezone) })}</span>}
              </>
            )}
          </p>
        </div>
        <div class="actions">{actions}</div>
      </header>
      {filters && <div class="filters">{filters}</div>}
      <div id="figures" tabIndex={-1}>
        {problem && <ProblemBanner problem={problem} lastKnown={data?.asOf ? instant(data.asOf, data.timezone) : undefined} />}
        {data ? children : !problem && <Skeleton />}
      </div>
    </main>
  );
}
