-- Days of events with a key that has at least $2 appended rows, of which one was appended since $1.
-- The first is returned in any case, further ones up to $3 bytes of visitors and $4 rows.
WITH changed AS (
    SELECT DISTINCT tenant_id, event_id, day
    FROM event_rollup
    WHERE level = 0 AND appended_at >= $1
),
due AS (
    SELECT changed.*, SUM(key.rows) AS rows, SUM(key.bytes) AS bytes
    FROM changed
    CROSS JOIN LATERAL (
        SELECT COUNT(*) AS rows, SUM(COALESCE(pg_column_size(visitors), 0)) AS bytes
        FROM event_rollup
        WHERE tenant_id = changed.tenant_id AND event_id = changed.event_id AND day = changed.day
        GROUP BY event_type, source, ticket_type, currency
        HAVING COUNT(*) FILTER (WHERE level = 0) >= $2
    ) AS key
    GROUP BY 1, 2, 3
),
bounded AS (
    SELECT *,
           SUM(rows) OVER by_event - rows AS rows_before, SUM(bytes) OVER by_event - bytes AS bytes_before
    FROM due
    WINDOW by_event AS (ORDER BY event_id, tenant_id, day)
)
SELECT tenant_id, event_id, day
FROM bounded
WHERE rows_before = 0 OR (bytes_before < $3 AND rows_before < $4)
ORDER BY event_id, tenant_id, day
