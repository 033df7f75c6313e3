//! Check-ins of the day of the event.

import { greatest } from "d3-array";
import type { Figures } from "../../api/types";
import { StepCurve } from "../../charts/step_curve";
import { setParameters } from "../../location";
import { DataTable } from "../../parts/data_table";
import { Empty, Panel } from "../../parts/panel";
import { clock, shortDay } from "../../text/dates";
import { t } from "../../text/language";
import { integer } from "../../text/numbers";

interface Properties {
  figures: Figures;
  eventDay: string | null;
  today: string;
  height?: number;
}

export function DoorCurve({ figures, eventDay, today, height = 300 }: Properties) {
  const curve = figures.checkInCurve;
  const points = curve?.points ?? [];
  const peak = greatest(points, ({ checkIns }) => checkIns);
  const title = curve ? `${t("atTheDoor")}, ${shortDay(curve.date)}` : t("atTheDoor");
  return (
    <Panel
      id="door"
      title={title}
      note={peak && t("busiestMinute", { time: clock(peak.at), n: peak.checkIns })}
      table={
        points.length > 0
          ? () => (
              <DataTable
                caption={title}
                rows={points}
                columns={[
                  { name: t("time"), value: ({ at }) => clock(at) },
                  { name: t("perMinute"), value: ({ checkIns }) => integer(checkIns) },
                  { name: t("total"), value: ({ total }) => integer(total) },
                ]}
              />
            )
          : undefined
      }
    >
      {curve && points.length > 0 ? (
        <StepCurve label={title} curve={curve} height={height} />
      ) : (
        <NoCurve figures={figures} eventDay={eventDay} today={today} />
      )}
    </Panel>
  );
}

/** Why there is no curve: the day lies ahead, there are too many facts, or there were no check-ins. */
function NoCurve({ figures, eventDay, today }: Properties) {
  if (eventDay && eventDay > today) return <Empty>{t("noCheckIns", { day: shortDay(eventDay) })}</Empty>;
  if (!figures.checkInCurve && (figures.checkedIn ?? 0) > 0) {
    return (
      <Empty>
        {t("noCurve")}{" "}
        <button type="button" onClick={() => setParameters({ details: "always" }, false)}>
          {t("showAnyway")}
        </button>
      </Empty>
    );
  }
  return <Empty>{t("nothing")}</Empty>;
}
