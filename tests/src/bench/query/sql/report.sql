-- The report of an organization from the facts alone: the whole, each event, each day.
--   $1 tenant · $2 zone
WITH fact AS (
    SELECT (created_at AT TIME ZONE $2)::DATE AS day,
           event_id,
           event_type,
           COALESCE(user_id::TEXT, properties ->> 'visitorId') AS visitor
    FROM analytics_service.analytics_events
    WHERE tenant_id = $1 AND event_id IS NOT NULL AND created_at >= NOW() - INTERVAL '1 year'
)
SELECT CASE GROUPING(day, event_id) WHEN 3 THEN 'whole' WHEN 1 THEN 'day' ELSE 'event' END AS part,
       COALESCE(event_id::TEXT, day::TEXT, '') AS key,
       COUNT(*) FILTER (WHERE event_type = 'page.view') AS "totalViews",
       COUNT(DISTINCT visitor) FILTER (WHERE event_type = 'page.view') AS "uniqueViews",
       COUNT(*) FILTER (WHERE event_type = 'registration.completed') AS "totalRegistrations",
       COUNT(*) FILTER (WHERE event_type = 'registration.cancelled') AS "cancellations",
       COUNT(*) FILTER (WHERE event_type = 'checkin.completed') AS "checkedIn"
FROM fact
GROUP BY GROUPING SETS ((), (event_id), (day))
