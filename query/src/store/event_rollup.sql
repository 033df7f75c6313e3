-- What the rollup knows of one event: counts, then parts of visitor sets, in the columns that
-- event_facts.sql and tenant.sql have too.
--   $1 tenant · $2 event · $3 days · $4 types to count · $5 types whose visitors are needed
SELECT event_id, day, event_type, source, ticket_type, ticket_type_name, currency,
       count, amount_cents, NULL::BIGINT[] AS ordinals, NULL::BYTEA AS bitmap
FROM event_daily
WHERE tenant_id = $1 AND event_id = $2 AND day = ANY ($3) AND event_type = ANY ($4)

UNION ALL

SELECT event_id, day, event_type, source, ticket_type, NULL, '', 0, 0, ordinals, bitmap
FROM event_daily_visitors
WHERE tenant_id = $1 AND event_id = $2 AND day = ANY ($3) AND event_type = ANY ($5)
