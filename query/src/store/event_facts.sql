-- One event's facts, grouped to the days of another zone than the event's own.
--   $1 tenant · $2 event · $3 first day · $4 last day · $5 zone
--   $6 types to count · $7 types whose visitors are needed
SELECT event_id, fact_day(created_at, $5) AS day, event_type, source, ticket_type,
       MAX(ticket_type_name) AS ticket_type_name, currency,
       COUNT(*) AS count, SUM(amount_cents)::BIGINT AS amount_cents,
       ARRAY_AGG(DISTINCT ordinal) FILTER (WHERE ordinal IS NOT NULL AND event_type = ANY ($7))
           AS ordinals,
       NULL::BYTEA AS bitmap
FROM event_facts($1, $2, $3, $4, $5)
WHERE event_type = ANY ($6)
GROUP BY event_id, fact_day(created_at, $5), event_type, source, ticket_type, currency
