-- Rollup rows of one tenant, of all events or one, ordered by event and day. Events whose rollup has days in
-- the requested time zone are read from it, the others are recounted from their facts. One statement and
-- thus one snapshot: an event whose time zone changes meanwhile is neither missed nor read twice.
--   $1 tenant · $2 first day · $3 last day · $4 event types · $5 event types with visitors
--   $6 time zone · $7 time zone of events that name none · $8 event, or NULL for all
WITH event AS MATERIALIZED (
    SELECT DISTINCT day.event_id,
           CASE WHEN tracked.event_id IS NULL THEN $7 ELSE tracked.rollup_timezone END
               IS NOT DISTINCT FROM $6 AS is_in_rollup
    FROM event_day_versions day
    LEFT JOIN tracked_events tracked ON tracked.event_id = day.event_id AND tracked.tenant_id = $1
    -- Dates of one moment in two zones differ by two days at most.
    WHERE day.tenant_id = $1 AND day.day BETWEEN $2::DATE - 2 AND $3::DATE + 2
      AND ($8::UUID IS NULL OR day.event_id = $8)
)
SELECT rollup.event_id, day, event_type, source, ticket_type, ticket_type_name, currency,
       count, amount_cents, hours, hour_counts,
       CASE WHEN event_type = ANY ($5) THEN visitors END AS visitors, NULL::BIGINT[] AS links
FROM event
JOIN event_rollup rollup ON rollup.tenant_id = $1 AND rollup.event_id = event.event_id
WHERE is_in_rollup AND day BETWEEN (SELECT GREATEST($2, first_complete_day($6))) AND $3 AND event_type = ANY ($4)

UNION ALL

SELECT event.event_id, day, event_type, source, ticket_type, ticket_type_name, currency,
       count, amount_cents, hours, NULL,
       CASE WHEN event_type = ANY ($5) THEN visitors END, NULL
FROM event
CROSS JOIN LATERAL recount_facts($1, event.event_id, $2, $3, $6)
WHERE NOT is_in_rollup AND event_type = ANY ($4)

ORDER BY event_id, day
