-- Takes the parts of the sets that are to be counted, and counts the sets from the facts: one
-- statement, so one snapshot. A batch that commits meanwhile is in neither, and its part stays.
--   $1 the sets · $2 zone of events that name none
WITH wanted AS (
    DELETE FROM sets_to_recount
    WHERE id = ANY ($1)
    RETURNING tenant_id, event_id, day, event_type, source, ticket_type
),
gone AS (
    DELETE FROM event_daily_visitors AS part
    USING wanted
    WHERE part.tenant_id = wanted.tenant_id
      AND part.event_id = wanted.event_id
      AND part.day = wanted.day
      AND part.event_type = wanted.event_type
      AND part.source = wanted.source
      AND part.ticket_type = wanted.ticket_type
),
versions AS (
    INSERT INTO event_day_versions (tenant_id, event_id, day)
    SELECT DISTINCT tenant_id, event_id, day
    FROM wanted
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, event_id, day) DO UPDATE
        SET version = EXCLUDED.version, changed_at = EXCLUDED.changed_at
)
SELECT wanted.tenant_id, wanted.event_id, wanted.day, wanted.event_type, wanted.source,
       wanted.ticket_type, ARRAY_AGG(DISTINCT fact.ordinal) AS ordinals, NULL::BYTEA AS bitmap
FROM (SELECT DISTINCT * FROM wanted) AS wanted
-- The bounds on created_at are those of number_visitors.sql.
JOIN counted_facts fact
  ON fact.tenant_id = wanted.tenant_id
 AND fact.event_id = wanted.event_id
 AND fact.event_type = wanted.event_type
 AND fact.source = wanted.source
 AND fact.ticket_type = wanted.ticket_type
 AND fact.created_at >= (wanted.day - 1)::TIMESTAMP AT TIME ZONE 'UTC'
 AND fact.created_at < (wanted.day + 2)::TIMESTAMP AT TIME ZONE 'UTC'
WHERE fact_day(fact.created_at, zone_of(fact.event_id, $2)) = wanted.day
  AND fact.ordinal IS NOT NULL
GROUP BY 1, 2, 3, 4, 5, 6
