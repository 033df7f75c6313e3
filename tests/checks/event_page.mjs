// Loads the script of event pages from a running service, in an environment with the parts of a browser that
// it uses, and lets a visitor act. Prints what the page exposes as JSON.
//
//   node tests/checks/event_page.mjs URL ATTRIBUTES ACTIONS
//
// URL: the address of the script. ATTRIBUTES: its data attributes as JSON. ACTIONS: a JSON array of `["visit", path]`,
// `["start"]`, `["offline", count]` (the next requests fail), `["hash", text]` (loads the page again),
// `["submit"]`, and `["wait", milliseconds]`.

import vm from "node:vm";

const [url, attributes, actions] = [process.argv[2], JSON.parse(process.argv[3]), JSON.parse(process.argv[4])];
const source = await (await fetch(url)).text();

const storage = () => ({ __proto__: null });
const browser = { localStorage: storage(), sessionStorage: storage(), cookies: [], failing: 0, sent: 0, failed: 0, requests: [] };
const field = { value: "" };
let page;

function load(hash = "") {
  const listeners = {};
  const location = { pathname: "/conference", search: "?utm_source=newsletter", hash };
  page = {
    location,
    navigator: attributes.navigator ?? {},
    localStorage: browser.localStorage,
    sessionStorage: browser.sessionStorage,
    history: {
      pushState(_state, _title, path) {
        location.pathname = path;
      },
    },
    document: {
      currentScript: { src: url, dataset: attributes },
      referrer: "https://search.example/?q=a",
      addEventListener() {},
      set cookie(text) {
        browser.cookies.push(text);
      },
    },
    addEventListener(type, listener) {
      listeners[type] = listener;
    },
    async fetch(address, options) {
      if (browser.failing > 0) {
        browser.failing -= 1;
        browser.failed += 1;
        throw new TypeError("network error");
      }
      const request = fetch(address, { method: options.method, body: options.body });
      browser.requests.push(request);
      const response = await request;
      if (!response.ok) throw new Error(await response.text());
      browser.sent += 1;
    },
    listeners,
    crypto, URL, URLSearchParams, Uint8Array, JSON, Date, setTimeout,
  };
  page.window = page;
  vm.runInNewContext(source, page);
}

load();
for (const [action, value] of actions) {
  if (action === "visit") page.history.pushState(null, "", value);
  if (action === "start") page.analytics.track("registration.started", { ticketTypeName: "VIP" });
  if (action === "offline") browser.failing = value;
  if (action === "hash") load(value);
  if (action === "submit") page.listeners.submit({ target: { elements: { visitorId: field } } });
  await new Promise((done) => setTimeout(done, action === "wait" ? value : 50));
}
await Promise.all(browser.requests);
await new Promise(setImmediate);
const { sent, failed, cookies } = browser;
console.log(JSON.stringify({ sent, failed, cookies, field: field.value, visitorId: page.analytics.visitorId ?? null }));
