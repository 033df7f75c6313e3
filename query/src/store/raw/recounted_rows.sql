-- Rollup rows of events, recounted from their facts by the days of any time zone.
--   $1 tenant · $2 events · $3 first day · $4 last day · $5 time zone
--   $6 event types · $7 event types with visitors
SELECT wanted.event_id, day, event_type, source, ticket_type, ticket_type_name, currency,
       count, amount_cents, hours, NULL::INTEGER[] AS hour_counts,
       CASE WHEN event_type = ANY ($7) THEN visitors END AS visitors,
       links
FROM unnest($2::UUID[]) AS wanted (event_id)
CROSS JOIN LATERAL recount_facts($1, wanted.event_id, $3, $4, $5)
WHERE event_type = ANY ($6)
