-- How many facts of each event tell of a person.
--   $1 tenant · $2 the person as a user, or NULL · $3 the person as a visitor
SELECT event_id, COUNT(*) AS facts
FROM analytics_events
WHERE tenant_id = $1 AND (user_id = $2 OR properties ->> 'visitorId' = $3)
GROUP BY event_id
ORDER BY event_id
