//! The session, and the page that the URL names.

import { useEffect, useState } from "preact/hooks";
import { Problem } from "./api/client";
import { useResource } from "./api/resource";
import { openSession } from "./api/session";
import type { Me } from "./api/session_types";
import { takeFragment } from "./api/share_session";
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

/** The pages of organizers, after the hand-over of `#token=…` if there is one. */
function SignedIn({ page }: { page: Page }) {
  const [handOver, setHandOver] = useState<"waiting" | "done" | Problem>(() =>
    location.hash.startsWith("#token=") ? "waiting" : "done",
  );
  useEffect(() => {
    if (handOver !== "waiting") return;
    const token = decodeURIComponent(takeFragment().slice("token=".length));
    openSession(token).then(
      () => setHandOver("done"),
      (error: unknown) => setHandOver(error instanceof Problem ? error : new Problem(0, "offline", "", 0)),
    );
  }, []);
  const me = useResource<Me>(handOver === "done" ? "/me" : null);
  const problem = handOver instanceof Problem ? handOver : me.problem;
  if (problem && !me.data) {
    if (problem.isExpired) return <Message title={t("sessionEnded")} hint={t("sessionEndedHint")} />;
    return <ProblemBanner problem={problem} />;
  }
  if (!me.data) return <Skeleton />;
  return <Content page={page} me={me.data} />;
}

function Content({ page, me }: { page: Page; me: Me }) {
  switch (page.name) {
    case "organization":
      return <OrganizationPage me={me} />;
    case "event":
      return <EventPage key={page.eventId} eventId={page.eventId} me={me} />;
    case "door":
      return <DoorPage key={page.eventId} eventId={page.eventId} />;
    case "compare":
      return <ComparePage key={page.eventId} eventId={page.eventId} me={me} />;
    default:
      return <Message title={t("pageNotFound")} />;
  }
}
