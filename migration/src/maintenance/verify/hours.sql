-- Counts by hour in which rollup and facts differ.
--   $1 event · $2 tenants · $3 zone of events that name none
WITH rollup AS (
    SELECT tenant_id, day, event_type, hour, count
    FROM event_hourly
    WHERE tenant_id = ANY ($2) AND event_id = $1
),
facts AS (
    SELECT tenant_id, fact_day(created_at, zone) AS day, event_type,
           fact_hour(created_at, zone) AS hour, COUNT(*) AS count
    FROM counted_facts, zone_of($1, $3) AS zone
    WHERE event_id = $1
    GROUP BY 1, 2, 3, 4
)
SELECT tenant_id, day, event_type, hour, rollup.count AS rollup, facts.count AS facts
FROM rollup
FULL JOIN facts USING (tenant_id, day, event_type, hour)
WHERE rollup.count IS DISTINCT FROM facts.count
ORDER BY 1, 2, 3, 4
