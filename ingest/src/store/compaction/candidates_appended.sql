-- Days of events with a key that has at least $2 appended rows, one of them appended since $1; with the
-- size of these keys.
SELECT changed.*, key.rows, key.bytes
FROM (
    SELECT DISTINCT tenant_id, event_id, day
    FROM event_rollup
    WHERE level = 0 AND appended_at >= $1
) AS changed
CROSS JOIN LATERAL (
    SELECT SUM(rows)::BIGINT AS rows, SUM(bytes)::BIGINT AS bytes
    FROM (
        SELECT COUNT(*) AS rows, SUM(COALESCE(pg_column_size(visitors), 0) + COALESCE(pg_column_size(links), 0)) AS bytes
        FROM event_rollup
        WHERE tenant_id = changed.tenant_id AND event_id = changed.event_id AND day = changed.day
        GROUP BY event_type, source, ticket_type, currency
        HAVING COUNT(*) FILTER (WHERE level = 0) >= $2
    ) AS due
) AS key
WHERE key.rows IS NOT NULL
ORDER BY event_id, tenant_id, day
