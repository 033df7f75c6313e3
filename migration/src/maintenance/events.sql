-- Events with facts or rollup rows, and their tenants.
--   $1 one event, or NULL · $2 one tenant, or NULL
WITH known AS (
    SELECT tenant_id, event_id FROM event_rollup
    WHERE ($1::UUID IS NULL OR event_id = $1) AND ($2::UUID IS NULL OR tenant_id = $2)
    UNION
    SELECT tenant_id, event_id FROM event_day_versions
    WHERE ($1::UUID IS NULL OR event_id = $1) AND ($2::UUID IS NULL OR tenant_id = $2)
    UNION
    SELECT tenant_id, event_id FROM analytics_events
    WHERE event_id IS NOT NULL
      AND ($1::UUID IS NULL OR event_id = $1) AND ($2::UUID IS NULL OR tenant_id = $2)
)
SELECT event_id, ARRAY_AGG(tenant_id ORDER BY tenant_id) AS tenants
FROM known
GROUP BY event_id
ORDER BY event_id
