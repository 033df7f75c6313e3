-- Deletes the facts and the rollup rows of a tenant's event, of one day or all, in one statement: neither half
-- includes rows of a concurrent batch. Changed days get a new version.
--   $1 tenant · $2 event, or NULL for facts without one · $3 day, or NULL for all · $4 time zone of the event
WITH facts AS (
    DELETE FROM analytics_events
    WHERE tenant_id = $1 AND (event_id = $2 OR ($2::UUID IS NULL AND event_id IS NULL))
      AND ($3::DATE IS NULL
           OR created_at >= facts_since($3, $4) AND created_at < facts_before($3, $4)
              AND fact_day(created_at, $4) = $3)
),
rollup_rows AS (
    DELETE FROM event_rollup
    WHERE tenant_id = $1 AND event_id = $2 AND ($3::DATE IS NULL OR day = $3)
    RETURNING day
)
INSERT INTO event_day_versions (tenant_id, event_id, day)
SELECT DISTINCT $1::UUID, $2::UUID, day FROM rollup_rows ORDER BY 1, 2, 3
ON CONFLICT (tenant_id, event_id, day) DO UPDATE
    SET version = EXCLUDED.version, changed_at = EXCLUDED.changed_at
