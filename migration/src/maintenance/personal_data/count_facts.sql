-- The number of facts of a person, by event.
--   $1 tenant · $2 user id, or NULL · $3 visitor id
SELECT event_id, COUNT(*) AS facts
FROM analytics_events
WHERE tenant_id = $1 AND (user_id = $2 OR properties ->> 'visitorId' = $3)
GROUP BY event_id
ORDER BY event_id
