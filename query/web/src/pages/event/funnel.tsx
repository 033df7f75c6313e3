//! The funnel from page view to check-in, of people or of counts.

import type { Funnel, FunnelStep } from "../../api/types";
import { setParameters, useLocation } from "../../location";
import { Segments } from "../../parts/choice";
import { DataTable } from "../../parts/data_table";
import { Panel } from "../../parts/panel";
import { type Key, t } from "../../text/language";
import { duration, integer, rate } from "../../text/numbers";

const NAMES: Record<FunnelStep["step"], Key> = {
  pageViews: "pageViews",
  registrationStarted: "registrationStarted",
  registrationCompleted: "registrationCompleted",
  checkedIn: "stepCheckedIn",
};

/** One step as people or as counts. */
interface Step {
  step: FunnelStep["step"];
  value: number;
  fromPrevious: number | null | undefined;
  fromFirst: number | null | undefined;
  left: number;
  median: number | null | undefined;
}

export function FunnelPanel({ funnel }: { funnel: Funnel }) {
  const { parameters } = useLocation();
  const isOfCounts = parameters.get("funnel") === "counts";
  const steps = stepsOf(funnel, isOfCounts);
  return (
    <Panel
      id="funnel"
      title={t("funnel")}
      note={t(isOfCounts ? "countsHint" : "peopleHint")}
      controls={
        <Segments
          label={t("funnel")}
          value={isOfCounts ? "counts" : "people"}
          options={[
            { value: "people", name: t("people") },
            { value: "counts", name: t("counts") },
          ]}
          onChange={(value) => setParameters({ funnel: value === "counts" ? value : null }, false)}
        />
      }
      table={() => <FunnelTable funnel={funnel} />}
    >
      <FunnelSteps steps={steps} />
    </Panel>
  );
}

/** The place of the funnel until it is loaded, so that the panels below it do not move. */
export function FunnelSkeleton() {
  return (
    <div class="skeleton" role="status" aria-label={t("loading")}>
      <i class="chart" />
    </div>
  );
}

function stepsOf({ steps, timeToConvert }: Funnel, isOfCounts: boolean): Step[] {
  const medians: Partial<Record<FunnelStep["step"], number | null | undefined>> = {
    registrationCompleted: timeToConvert?.startToCompletion.medianSeconds,
    checkedIn: timeToConvert?.completionToCheckIn.medianSeconds,
  };
  return steps.map((one, index) => ({
    step: one.step,
    value: isOfCounts ? one.count : one.reached,
    fromPrevious: isOfCounts ? one.conversionFromPrevious : one.reachedRateFromPrevious,
    fromFirst: isOfCounts ? one.conversionFromFirst : one.reachedRateFromFirst,
    left: isOfCounts ? one.dropOff : (steps[index - 1]?.reached ?? one.reached) - one.reached,
    median: medians[one.step],
  }));
}

function FunnelSteps({ steps }: { steps: Step[] }) {
  const greatest = Math.max(1, ...steps.map(({ value }) => value));
  return (
    <ol class="funnel">
      {steps.map(({ step, value, fromPrevious, left, median }, index) => (
        <li key={step}>
          {index > 0 && (
            <p class="between">
              <span>{(fromPrevious ?? 0) > 1 ? t("earlierToo") : t("leftHere", { n: left })}</span>
              {median != null && <span>{t("medianTime", { time: duration(median) })}</span>}
            </p>
          )}
          <p class="step">
            <span class="name">{t(NAMES[step])}</span>
            <span class="rate">{index > 0 && (fromPrevious ?? 0) <= 1 && rate(fromPrevious)}</span>
            <span class="value">{integer(value)}</span>
          </p>
          <div class="track" aria-hidden="true">
            {value > 0 && <i style={{ width: `${(100 * value) / greatest}%` }} />}
          </div>
        </li>
      ))}
    </ol>
  );
}

function FunnelTable({ funnel }: { funnel: Funnel }) {
  return (
    <DataTable
      caption={t("funnel")}
      rows={funnel.steps}
      columns={[
        { name: t("step"), value: ({ step }) => t(NAMES[step]) },
        { name: t("people"), value: ({ reached }) => integer(reached) },
        { name: `${t("people")}: ${t("rateFromPrevious")}`, value: (one) => rate(one.reachedRateFromPrevious) },
        { name: t("counts"), value: ({ count }) => integer(count) },
        { name: `${t("counts")}: ${t("rateFromPrevious")}`, value: (one) => rate(one.conversionFromPrevious) },
        { name: `${t("counts")}: ${t("dropOff")}`, value: ({ dropOff }) => integer(dropOff) },
      ]}
    />
  );
}
