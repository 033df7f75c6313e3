// Sends a batch of facts with Node.js, and again after a failure: with the same ids and times they are stored once.
//   URL=http://127.0.0.1:8086 TOKEN=… EVENT_ID=… node docs/examples/track.mjs
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";

const { URL: url, TOKEN, EVENT_ID } = process.env;

const fact = (eventType, properties) => ({
  eventType,
  eventId: EVENT_ID,
  id: randomUUID(),
  createdAt: new Date(),
  properties,
});

const body = JSON.stringify([
  fact("registration.completed", { registrationId: "R-1001", ticketTypeId: "standard", source: "newsletter" }),
  fact("payment.completed", { paymentId: "P-1001", registrationId: "R-1001", amountCents: 4900, currency: "EUR" }),
]);
const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };

async function send(attempts) {
  const response = await fetch(`${url}/api/v1/analytics/track/batch`, { method: "POST", headers, body }).catch(() => null);
  const isTemporary = !response || response.status === 429 || response.status >= 500;
  if (isTemporary && attempts > 1) {
    await setTimeout(1000 * (response?.headers.get("Retry-After") ?? 1));
    return send(attempts - 1);
  }
  if (!response?.ok) throw new Error(response ? await response.text() : "no response");
  return response.json();
}

const { receipts } = await send(5);
const rejected = receipts.filter((receipt) => receipt.status === "rejected");
if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
console.log(`${receipts.length} facts are stored`);
