//! The session, and the page that the URL names.

import { useEffect, useState } from "preact/hooks";
import { Problem } from "./api/client";
import { useResource } from "./api/resource";
import { takeOverToken } from "./api/session";
import type { Me } from "./api/session_types";
import { type Page, pageOf, useLocation } from "./location";
import { ComparePage } from "./pages/compare/page";
import { DoorPage } from "./pages/door/page";
import { EventPage } from "./pages/event/page";
import { OrganizationPage } from "./pages/organization/page";
import { SharePage } from "./pages/share/page";
import { PageFrame } from "./parts/page_frame";
import { Message, ProblemBanner, Skeleton } from "./parts/problem";
import { chooseLanguage, t } from "./text/language";

export function App() {
  const { path, parameters } = useLocation();
  const language = chooseLanguage(parameters.get("lang"), navigator.languages);
  const theme = parameters.get("theme");
  useEffect(() => {
    document.documentElement.lang = language;
    if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
    else delete document.documentElement.dataset["theme"];
  }, [language, theme]);
  const page = pageOf(path);
  return <PageFrame>{page.name === "share" ? <SharePage /> : <SignedIn page={page} />}</PageFrame>;
}

/** The pages of organizers, whose session begins with `#token=…` if the URL has it. */
function SignedIn({ page }: { page: Page }) {
  // While rendering, so that the first requests of the page have the token.
  const [signIn] = useState(takeOverToken);
  const [refusal, setRefusal] = useState<Problem | null>(null);
  useEffect(() => {
    signIn.catch((error: unknown) => setRefusal(error instanceof Problem ? error : new Problem(0, "offline", "", 0)));
  }, [signIn]);
  const me = useResource<Me>("/me");
  const problem = refusal ?? (me.data ? null : me.problem);
  if (problem?.isExpired) return <Message title={t("sessionEnded")} hint={t("sessionEndedHint")} />;
  if (problem) return <ProblemBanner problem={problem} />;
  return <Content page={page} me={me.data} />;
}

/** A page; those of an event begin to read before the caller is known. */
function Content({ page, me }: { page: Page; me: Me | null }) {
  switch (page.name) {
    case "organization":
      return me ? <OrganizationPage me={me} /> : <Skeleton />;
    case "event":
      return <EventPage key={page.eventId} eventId={page.eventId} me={me} />;
    case "door":
      return <DoorPage key={page.eventId} eventId={page.eventId} />;
    case "compare":
      return me ? <ComparePage key={page.eventId} eventId={page.eventId} me={me} /> : <Skeleton />;
    default:
      return <Message title={t("pageNotFound")} />;
  }
}
