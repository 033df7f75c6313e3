//! Errors in words, by their `code`, and the countdown to the next attempt.

import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../api/client";
import { type Key, t } from "../text/language";

const WORDS: Record<string, Key> = {
  offline: "offline",
  too_many_attempts: "tooManyAttempts",
  read_too_large: "tooLarge",
  invalid_link: "invalidLink",
  wrong_password: "wrongPassword",
};

/** The error as a sentence. */
export function wordsOf(problem: Problem): string {
  const { status, code, detail, fields } = problem;
  const known = WORDS[code];
  if (known) return t(known);
  if (status === 401) return t("sessionEnded");
  if (status === 403) return t("forbidden");
  if (status === 404) return t("notFound");
  if (status === 400 || status === 422) {
    return t("invalidSelection", { detail: fields.map(({ field, message }) => `${field}: ${message}`).join("; ") || detail });
  }
  if (status === 429) return t("tooMany");
  return status >= 500 ? t("unavailable") : t("failed");
}

/** Counts down to the next attempt, in seconds. */
function useCountdown(problem: Problem): number {
  const [left, setLeft] = useState(problem.retryAfter);
  useEffect(() => {
    setLeft(problem.retryAfter);
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1000);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}

interface Properties {
  problem: Problem;
  /** The time of the figures that are still shown. */
  lastKnown?: string | undefined;
}

/** A banner above figures that may be old, or in the place of figures. */
export function ProblemBanner({ problem, lastKnown }: Properties) {
  const left = useCountdown(problem);
  return (
    <div class="banner" role="alert">
      <p>
        <b>{wordsOf(problem)}</b> {problem.isExpired && t("sessionEndedHint")}
        {problem.code === "invalid_link" && t("invalidLinkHint")}
        {problem.retryAfter > 0 && <span aria-live="off"> {t("retryIn", { n: left })}</span>}
        {lastKnown && ` ${t("lastKnown", { time: lastKnown })}`}
      </p>
      {problem.requestId && problem.status >= 500 && <p class="note">{t("requestId", { id: problem.requestId })}</p>}
    </div>
  );
}

export function Message({ title, hint }: { title: string; hint?: string }) {
  return (
    <main class="message" id="figures" tabIndex={-1}>
      <h1>{title}</h1>
      {hint && <p>{hint}</p>}
    </main>
  );
}

/** Grey shapes in the place of figures that load. */
export function Skeleton() {
  return (
    <div class="skeleton" role="status" aria-label={t("loading")}>
      <i class="tiles" />
      <i class="chart" />
      <i class="half" />
      <i class="half" />
    </div>
  );
}
