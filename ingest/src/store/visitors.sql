-- The ordinals of visitors, given to those who have none yet. Looking first keeps the sequence
-- from being used up by known visitors; the order of the key keeps two replicas that meet the same
-- new visitors from waiting for one another in a circle.
--
-- The commit is not waited for: that of the batch, which is, makes everything before it last.
-- LATERAL with a LIMIT looks one key up, whatever the statistics say.
WITH wanted AS (
    SELECT wish.tenant_id, wish.visitor_id, known.ordinal
    FROM (SELECT DISTINCT tenant_id, visitor_id COLLATE "C" AS visitor_id
          FROM unnest($1::UUID[], $2::TEXT[]) AS wish (tenant_id, visitor_id)) AS wish
    LEFT JOIN LATERAL (
        SELECT ordinal FROM visitors
        WHERE tenant_id = wish.tenant_id AND visitor_id = wish.visitor_id
        LIMIT 1) AS known ON TRUE
),
added AS (
    INSERT INTO visitors (tenant_id, visitor_id)
    SELECT tenant_id, visitor_id
    FROM wanted
    WHERE ordinal IS NULL AND set_config('synchronous_commit', 'off', TRUE) IS NOT NULL
    ORDER BY tenant_id, visitor_id
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, visitor_id, ordinal
)
SELECT tenant_id, visitor_id, ordinal FROM wanted WHERE ordinal IS NOT NULL
UNION ALL
SELECT tenant_id, visitor_id, ordinal FROM added
