-- Days with rows that are not sealed: over for an hour in every zone, as are the rows. Bounded as in
-- candidates_appended.sql: $1 bytes of visitors, $2 rows.
WITH due AS (
    SELECT ended.*, rows, bytes
    FROM (
        SELECT DISTINCT tenant_id, event_id, day
        FROM event_rollup
        WHERE level < 2 AND appended_at < NOW() - INTERVAL '1 hour'
          -- The last zone is 12 hours behind UTC.
          AND day < (NOW() - INTERVAL '13 hours')::DATE
    ) AS ended
    CROSS JOIN LATERAL (
        SELECT COUNT(*) AS rows, SUM(COALESCE(pg_column_size(visitors), 0)) AS bytes
        FROM event_rollup
        WHERE tenant_id = ended.tenant_id AND event_id = ended.event_id AND day = ended.day
    ) AS size
),
bounded AS (
    SELECT *,
           SUM(rows) OVER by_event - rows AS rows_before, SUM(bytes) OVER by_event - bytes AS bytes_before
    FROM due
    WINDOW by_event AS (ORDER BY event_id, tenant_id, day)
)
SELECT tenant_id, event_id, day
FROM bounded
WHERE rows_before = 0 OR (bytes_before < $1 AND rows_before < $2)
ORDER BY event_id, tenant_id, day
