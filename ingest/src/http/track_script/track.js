(() => {
  const { src, dataset } = document.currentScript;
  const url = new URL("track", src);
  if (dataset.writeKey) url.searchParams.set("writeKey", dataset.writeKey);
  const random = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => (byte + 256).toString(16).slice(1)).join("");
  const attempt = (storage) => {
    try {
      return storage();
    } catch {}
  };
  const ignored = attempt(() => {
    if (location.hash === "#analytics-off") localStorage.analyticsOff = 1;
    if (location.hash === "#analytics-on") delete localStorage.analyticsOff;
    return localStorage.analyticsOff;
  });
  const visitorId =
    dataset.visitor === "session" && !ignored && !navigator.globalPrivacyControl && navigator.doNotTrack !== "1"
      ? attempt(() => (sessionStorage.analyticsVisitor ||= random()))
      : undefined;
  const query = new URLSearchParams(location.search);
  const send = (body, delay) =>
    fetch(url, { method: "POST", body, keepalive: true, mode: "no-cors", credentials: "omit" }).catch(() => {
      if (delay < 1e5) setTimeout(send, delay, body, delay * 3);
    });
  const track = (eventType, properties) =>
    ignored ||
    send(
      JSON.stringify({
        eventType,
        eventId: dataset.event,
        id: random(),
        createdAt: new Date(),
        properties: {
          referrer: document.referrer,
          utmSource: query.get("utm_source"),
          utmMedium: query.get("utm_medium"),
          utmCampaign: query.get("utm_campaign"),
          utmTerm: query.get("utm_term"),
          visitorId,
          ...properties,
        },
      }),
      1e3,
    );
  let path;
  const view = () => path === (path = location.pathname) || track("page.view");
  const { pushState } = history;
  history.pushState = (...state) => {
    pushState.apply(history, state);
    view();
  };
  addEventListener("popstate", view);
  addEventListener(
    "submit",
    ({ target }) => {
      const field = visitorId && target.elements.visitorId;
      if (field) field.value = visitorId;
    },
    true,
  );
  window.analytics = { track, visitorId };
  document.prerendering ? document.addEventListener("prerenderingchange", view, { once: true }) : view();
})();
