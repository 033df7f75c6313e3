-- The days of a tenant's facts of an event.
--   $1 tenant · $2 event, or NULL for facts without one · $3 time zone of the event
SELECT DISTINCT fact_day(created_at, $3) AS day
FROM analytics_events
WHERE tenant_id = $1 AND (event_id = $2 OR ($2::UUID IS NULL AND event_id IS NULL))
ORDER BY day
