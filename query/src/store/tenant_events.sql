-- The rows of some events of one tenant, event after event, so that each can be folded when its last
-- row has come. Those that count their days in the zone that was asked for are read from the rollup,
-- the others from their facts.
--   $1 tenant · $2 events · $3 whether each is read from the rollup · $4 first day · $5 last day
--   $6 types to count · $7 types whose visitors are needed · $8 zone
SELECT found.*
FROM UNNEST($2::UUID[], $3::BOOLEAN[]) AS wanted (event_id, is_in_rollup)
CROSS JOIN LATERAL (
    -- As in event_rollup.sql.
    SELECT event_id, day, event_type, source, ticket_type, ticket_type_name, currency,
           count, amount_cents, NULL::BIGINT[] AS ordinals, NULL::BYTEA AS bitmap
    FROM event_daily
    WHERE wanted.is_in_rollup AND tenant_id = $1 AND event_id = wanted.event_id
      AND day BETWEEN $4 AND $5 AND event_type = ANY ($6)

    UNION ALL

    SELECT event_id, day, event_type, source, ticket_type, NULL, '', 0, 0, ordinals, bitmap
    FROM event_daily_visitors
    WHERE wanted.is_in_rollup AND tenant_id = $1 AND event_id = wanted.event_id
      AND day BETWEEN $4 AND $5 AND event_type = ANY ($7)

    UNION ALL

    -- As in event_facts.sql.
    SELECT event_id, fact_day(created_at, $8), event_type, source, ticket_type,
           MAX(ticket_type_name), currency, COUNT(*), SUM(amount_cents)::BIGINT,
           ARRAY_AGG(DISTINCT ordinal) FILTER (WHERE ordinal IS NOT NULL AND event_type = ANY ($7)),
           NULL
    FROM event_facts($1, wanted.event_id, $4, $5, $8)
    WHERE NOT wanted.is_in_rollup AND event_type = ANY ($6)
    GROUP BY event_id, fact_day(created_at, $8), event_type, source, ticket_type, currency

    -- One event after the other is faster here than all at once: nothing is sorted or gathered.
    OFFSET 0
) AS found
