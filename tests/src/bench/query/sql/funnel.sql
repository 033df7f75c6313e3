-- The funnel of an event from the facts alone: counts and distinct visitors of its four steps.
-- Telling visitors apart first, by hashing, is faster than COUNT(DISTINCT), which sorts.
--   $1 tenant · $2 event
SELECT event_type AS key, SUM(facts)::BIGINT AS count, COUNT(visitor) AS visitors
FROM (
    SELECT event_type,
           COALESCE(user_id::TEXT, properties ->> 'visitorId') AS visitor,
           COUNT(*) AS facts
    FROM analytics_service.analytics_events
    WHERE tenant_id = $1 AND event_id = $2 AND created_at >= NOW() - INTERVAL '1 year'
      AND event_type IN ('page.view', 'registration.started', 'registration.completed',
                         'checkin.completed')
    GROUP BY 1, 2
) AS visited
GROUP BY event_type
