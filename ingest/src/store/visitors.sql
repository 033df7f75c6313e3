-- The ordinals of visitors, given to those who have none yet. Looking first keeps the sequence
-- from being used up by known visitors; the order of the key keeps two replicas that meet the same
-- new visitors from waiting for one another in a circle.
WITH wanted AS (
    SELECT DISTINCT tenant_id, visitor_id FROM unnest($1::UUID[], $2::TEXT[]) AS w (tenant_id, visitor_id)
),
known AS (
    SELECT tenant_id, visitor_id, ordinal FROM visitors JOIN wanted USING (tenant_id, visitor_id)
),
added AS (
    INSERT INTO visitors (tenant_id, visitor_id)
    SELECT tenant_id, visitor_id FROM wanted
    EXCEPT
    SELECT tenant_id, visitor_id FROM known
    ORDER BY tenant_id, visitor_id
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, visitor_id, ordinal
)
SELECT tenant_id, visitor_id, ordinal FROM known
UNION ALL
SELECT tenant_id, visitor_id, ordinal FROM added
