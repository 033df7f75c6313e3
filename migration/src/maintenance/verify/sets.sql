-- Distinct visitors of an event's facts, and how many have no ordinal.
--   $1 event · $2 zone of events that name none
SELECT tenant_id, fact_day(created_at, zone) AS day, event_type, source, ticket_type,
       ARRAY_AGG(DISTINCT ordinal) FILTER (WHERE ordinal IS NOT NULL) AS ordinals,
       NULL::BYTEA AS bitmap,
       COUNT(DISTINCT visitor_id) FILTER (WHERE ordinal IS NULL) AS unknown
FROM counted_facts, zone_of($1, $2) AS zone
WHERE event_id = $1 AND visitor_id IS NOT NULL
GROUP BY 1, 2, 3, 4, 5
