-- One event's facts, grouped to the days of another zone than the event's own.
--   $1 tenant · $2 event · $3 first day · $4 last day
--   $5 types to count · $6 types whose visitors are needed · $7 zone
--
-- What decides is fact_day. The bounds on created_at only let the index and the chunks be used;
-- they reach a day further, because a midnight that a clock change skips or repeats is no bound.
SELECT event_id, fact_day(created_at, $7) AS day, event_type, source, ticket_type,
       MAX(ticket_type_name) AS ticket_type_name, currency,
       COUNT(*) AS count, SUM(amount_cents)::BIGINT AS amount_cents,
       ARRAY_AGG(DISTINCT ordinal) FILTER (WHERE ordinal IS NOT NULL AND event_type = ANY ($6))
           AS ordinals,
       NULL::BYTEA AS bitmap
FROM counted_facts
WHERE tenant_id = $1 AND event_id = $2 AND event_type = ANY ($5)
  AND created_at >= ($3::DATE - 1)::TIMESTAMP AT TIME ZONE $7
  AND created_at < ($4::DATE + 2)::TIMESTAMP AT TIME ZONE $7
  AND fact_day(created_at, $7) BETWEEN $3 AND $4
GROUP BY event_id, fact_day(created_at, $7), event_type, source, ticket_type, currency
