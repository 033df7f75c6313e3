//! The page of a share link: the password if it needs one, then the figures of its event.

import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../api/client";
import { keepInMemory, receiveFromParent } from "../../api/session";
import type { Me } from "../../api/session_types";
import { continueShare, endShare, openShare, takeFragment } from "../../api/share_session";
import { useResource } from "../../api/resource";
import { Message, Skeleton, wordsOf } from "../../parts/problem";
import { t } from "../../text/language";
import { EventPage } from "../event/page";

type State =
  | { name: "opening" | "open" | "invalid" }
  | { name: "password"; link: string; problem: Problem | null }
  | { name: "failed"; problem: Problem }
  | { name: "embedded"; eventId: string };

export function SharePage() {
  const [state, setState] = useState<State>({ name: "opening" });

  const tryLink = async (link: string, password?: string) => {
    try {
      await openShare(link, password);
      setState({ name: "open" });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { code, status } = error;
      if (code === "password_required") setState({ name: "password", link, problem: null });
      else if (code === "wrong_password" || (status === 429 && password)) setState({ name: "password", link, problem: error });
      else if (status === 404 || status === 422 || status === 400) setState({ name: "invalid" });
      else setState({ name: "failed", problem: error });
    }
  };

  useEffect(() => {
    const abort = new AbortController();
    const open = () => {
      const link = takeFragment();
      if (link) void tryLink(link);
      else if (continueShare()) setState({ name: "open" });
      else if (parent === window) setState({ name: "invalid" });
      else
        void receiveFromParent(abort.signal).then(({ link: sent, token, eventId }) => {
          if (sent) return tryLink(sent);
          if (!token || !eventId) return setState({ name: "invalid" });
          keepInMemory(token);
          setState({ name: "embedded", eventId });
        });
    };
    open();
    // Another link in the same tab changes only the fragment.
    addEventListener("hashchange", open, { signal: abort.signal });
    return () => {
      abort.abort();
      endShare();
    };
  }, []);

  switch (state.name) {
    case "opening":
      return <Skeleton />;
    case "open":
      return <SharedEvent onInvalid={() => setState({ name: "invalid" })} />;
    case "embedded":
      return <SharedEvent eventId={state.eventId} onInvalid={() => setState({ name: "invalid" })} />;
    case "invalid":
      return <Message title={t("invalidLink")} hint={t("invalidLinkHint")} />;
    case "failed":
      return <Message title={wordsOf(state.problem)} />;
    case "password":
      return <PasswordForm problem={state.problem} onSubmit={(password) => void tryLink(state.link, password)} />;
  }
}

interface SharedProperties {
  eventId?: string;
  onInvalid: () => void;
}

function SharedEvent({ eventId, onInvalid }: SharedProperties) {
  const me = useResource<Me>("/me");
  const isOver = me.problem !== null && me.problem.retryAfter === 0;
  useEffect(() => {
    if (isOver) onInvalid();
  }, [isOver]);
  const id = eventId ?? me.data?.share?.eventId;
  if (!me.data || !id) return <Skeleton />;
  return <EventPage key={id} eventId={id} me={{ ...me.data, session: "share" }} />;
}

interface PasswordProperties {
  problem: Problem | null;
  onSubmit: (password: string) => void;
}

function PasswordForm({ problem, onSubmit }: PasswordProperties) {
  const [password, setPassword] = useState("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    onSubmit(password);
    setPassword("");
  };
  return (
    <main class="message" id="figures" tabIndex={-1}>
      <h1>{t("enterPassword")}</h1>
      <form onSubmit={submit}>
        <input
          type="password"
          required
          autoFocus
          autoComplete="off"
          aria-label={t("enterPassword")}
          aria-invalid={problem !== null}
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
        <button type="submit" class="primary">
          {t("open")}
        </button>
      </form>
      <p role="alert">
        {problem && wordsOf(problem)} {problem && problem.retryAfter > 0 && t("retryIn", { n: problem.retryAfter })}
      </p>
    </main>
  );
}
