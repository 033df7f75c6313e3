-- Days that ended an hour ago in every time zone and have unsealed rows of that age: the days of the $1
-- oldest such rows, with their size.
SELECT ended.*, size.rows, size.bytes
FROM (
    SELECT DISTINCT tenant_id, event_id, day
    FROM (
        SELECT tenant_id, event_id, day
        FROM event_rollup
        WHERE level < 2 AND appended_at < NOW() - INTERVAL '1 hour'
          -- The westernmost zone is 12 hours behind UTC.
          AND day < (NOW() - INTERVAL '13 hours')::DATE
        ORDER BY level, appended_at
        LIMIT $1
    ) AS oldest
) AS ended
CROSS JOIN LATERAL (
    SELECT COUNT(*) AS rows, SUM(COALESCE(pg_column_size(visitors), 0) + COALESCE(pg_column_size(links), 0))::BIGINT AS bytes
    FROM event_rollup
    WHERE tenant_id = ended.tenant_id AND event_id = ended.event_id AND day = ended.day
) AS size
ORDER BY event_id, tenant_id, day
