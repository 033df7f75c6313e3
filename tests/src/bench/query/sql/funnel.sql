-- The funnel of an event from the facts alone: counts and distinct visitors of its four steps.
--   $1 tenant · $2 event
SELECT event_type AS key,
       COUNT(*) AS count,
       COUNT(DISTINCT COALESCE(user_id::TEXT, properties ->> 'visitorId')) AS visitors
FROM analytics_service.analytics_events
WHERE tenant_id = $1 AND event_id = $2 AND created_at >= NOW() - INTERVAL '1 year'
  AND event_type IN ('page.view', 'registration.started', 'registration.completed',
                     'checkin.completed')
GROUP BY event_type
