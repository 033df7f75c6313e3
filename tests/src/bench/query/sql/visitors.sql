-- Visitors have their ordinals in the order in which they first appeared, as ingest gives them, and not in
-- that of a rebuild, which would lay those of one event side by side.
INSERT INTO analytics_service.visitors (tenant_id, visitor_id)
SELECT tenant_id, visitor_id
FROM (
    SELECT tenant_id, analytics_service.fact_visitor(user_id, properties) AS visitor_id,
           MIN(created_at) AS first_seen
    FROM analytics_service.analytics_events
    GROUP BY 1, 2
) AS visitor
WHERE visitor_id IS NOT NULL
ORDER BY first_seen
