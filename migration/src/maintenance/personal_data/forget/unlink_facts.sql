-- Replaces one id by a random visitor id, in facts and rollup, in one statement: neither includes rows of a
-- concurrent batch. One id becomes exactly one other, so that no distinct count changes. A fact of another
-- user with this visitorId loses the visitorId. Links of the id are removed.
--   $1 tenant · $2 events of the person · $3 user id, or NULL · $4 visitor id, or NULL
--   $5 the random visitor id
WITH unlinked AS (
    UPDATE analytics_events
    SET user_id    = NULLIF(user_id, $3),
        properties = CASE WHEN user_id IS NULL OR user_id = $3
                          THEN COALESCE(properties, '{}') || jsonb_build_object('visitorId', $5::TEXT)
                          ELSE properties - 'visitorId' END
    WHERE tenant_id = $1 AND (user_id = $3 OR properties ->> 'visitorId' = $4)
      AND (event_id IS NULL OR event_id = ANY ($2))
    RETURNING 1
),
hash AS MATERIALIZED (
    SELECT COALESCE(visitor_hash($1, 'u:', $3::TEXT), visitor_hash($1, 'v:', $4)) AS old,
           visitor_hash($1, 'v:', $5) AS new
),
renamed AS (
    UPDATE event_rollup
    SET visitors = CASE WHEN visitors IS NOT NULL THEN ARRAY(
            SELECT visitor FROM unnest(array_replace(visitors, hash.old, hash.new)) AS visitor ORDER BY 1) END,
        links = (
            SELECT ARRAY_AGG(ARRAY[links[at][1], links[at][2]])
            FROM generate_subscripts(links, 1) AS at
            WHERE hash.old NOT IN (links[at][1], links[at][2]))
    FROM hash
    WHERE tenant_id = $1 AND event_id = ANY ($2) AND (hash.old = ANY (visitors) OR hash.old = ANY (links))
    RETURNING event_id, day
),
versions AS (
    INSERT INTO event_day_versions (tenant_id, event_id, day)
    SELECT DISTINCT $1::UUID, event_id, day FROM renamed ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, event_id, day) DO UPDATE
        SET version = EXCLUDED.version, changed_at = EXCLUDED.changed_at
)
SELECT COUNT(*) AS facts FROM unlinked
