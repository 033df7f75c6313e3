//! Share links of an event: creation, list, revocation.

import { useState } from "preact/hooks";
import { Problem, sendJson } from "../api/client";
import { useResource } from "../api/resource";
import type { ShareLink } from "../api/session_types";
import type { Figures } from "../api/types";
import { Check } from "../parts/choice";
import { Dialog } from "../parts/dialog";
import { ProblemBanner } from "../parts/problem";
import { addDays, dayIn } from "../text/dates";
import { type Key, t } from "../text/language";
import { ShareList } from "./share_list";

/** The sections of a link, with their names. */
const SECTIONS: [string, Key][] = [
  ["metrics", "metrics"],
  ["series", "overTime"],
  ["funnel", "funnel"],
  ["sources", "sources"],
  ["ticketTypes", "ticketTypes"],
  ["heatMap", "heatMap"],
  ["checkIns", "atTheDoor"],
];
/** The default validity, in days. */
const VALID_DAYS = 30;

interface Properties {
  figures: Figures;
  onClose: () => void;
}

export function ShareDialog({ figures, onClose }: Properties) {
  const path = `/events/${figures.eventId}/shares`;
  const [version, setVersion] = useState(0);
  const [created, setCreated] = useState<ShareLink | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const links = useResource<{ shares: ShareLink[] }>(path, version);

  const run = async (action: () => Promise<ShareLink | null>) => {
    try {
      setCreated(await action());
      setProblem(null);
      setVersion((number) => number + 1);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
    }
  };
  return (
    <Dialog title={t("share")} onClose={onClose}>
      <p class="note">{t("shareHint")}</p>
      {problem && <ProblemBanner problem={problem} />}
      {created?.link ? (
        <CreatedLink link={location.origin + created.link} />
      ) : (
        <ShareForm
          hasRevenue={(figures.revenue?.length ?? 0) > 0}
          onCreate={(body) => void run(() => sendJson<ShareLink>("POST", path, body))}
        />
      )}
      <h3>{t("existingLinks")}</h3>
      {links.problem && <ProblemBanner problem={links.problem} />}
      <ShareList
        shares={links.data?.shares ?? []}
        timezone={figures.timezone}
        onRevoke={(id) => void run(() => sendJson<ShareLink>("DELETE", `${path}/${id}`))}
      />
    </Dialog>
  );
}

function CreatedLink({ link }: { link: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(link).then(() => setCopied(true));
  return (
    <div class="created">
      <p>
        <b>{t("linkOnce")}</b>
      </p>
      <div class="copy">
        <input type="text" readOnly value={link} aria-label={t("share")} onFocus={(event) => event.currentTarget.select()} />
        <button type="button" class="primary" onClick={copy}>
          {t(isCopied ? "copied" : "copy")}
        </button>
      </div>
      <span class="sr-only" role="status">
        {isCopied && t("copied")}
      </span>
    </div>
  );
}

interface FormProperties {
  hasRevenue: boolean;
  onCreate: (body: object) => void;
}

function ShareForm({ hasRevenue, onCreate }: FormProperties) {
  const today = dayIn("UTC", Date.now());
  const [name, setName] = useState("");
  const [sections, setSections] = useState(SECTIONS.map(([section]) => section));
  const [revenue, setRevenue] = useState(false);
  const [until, setUntil] = useState(addDays(today, VALID_DAYS));
  const [password, setPassword] = useState("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onCreate({
      ...(name && { name }),
      sections,
      revenue,
      expiresAt: `${until}T23:59:59Z`,
      ...(password && { password }),
    });
  };
  const toggle = (section: string, isChosen: boolean) =>
    setSections((before) => (isChosen ? [...before, section] : before.filter((one) => one !== section)));
  return (
    <form onSubmit={submit}>
      <label class="field">
        <span>{t("name")}</span>
        <input
          type="text"
          maxLength={100}
          value={name}
          placeholder={t("namePlaceholder")}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <fieldset class="field checks">
        <legend>{t("sections")}</legend>
        {SECTIONS.map(([section, key]) => (
          <Check key={section} checked={sections.includes(section)} onChange={(isChosen) => toggle(section, isChosen)}>
            {t(key)}
          </Check>
        ))}
        {hasRevenue && (
          <Check checked={revenue} onChange={setRevenue}>
            {t("revenue")}
          </Check>
        )}
      </fieldset>
      <div class="pair">
        <label class="field">
          <span>{t("expires")}</span>
          <input
            type="date"
            required
            min={addDays(today, 1)}
            max={addDays(today, 365)}
            value={until}
            onInput={(event) => setUntil(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{t("password")}</span>
          <input
            type="password"
            autoComplete="new-password"
            minLength={8}
            maxLength={128}
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
      </div>
      <div class="buttons">
        <button type="submit" class="primary" disabled={sections.length === 0}>
          {t("createLink")}
        </button>
      </div>
    </form>
  );
}
