-- The stored registrations with these ids, through the ledger.
SELECT ledger.dedup_key                      AS id,
       fact.tenant_id,
       fact.event_id,
       fact.user_id,
       fact.properties ->> 'ticketTypeId'    AS ticket_type_id,
       fact.properties ->> 'ticketTypeName'  AS ticket_type_name,
       fact.properties ->> 'source'          AS source,
       ledger.is_claim
FROM lifecycle_ledger ledger
-- With ORDER BY and LIMIT, TimescaleDB reads one chunk instead of all.
CROSS JOIN LATERAL (
    SELECT * FROM analytics_events
    WHERE id = ledger.fact_id AND created_at = ledger.created_at
    ORDER BY created_at
    LIMIT 1
) AS fact
WHERE ledger.event_type = 'registration.completed'
  AND ledger.dedup_key = ANY ($1::TEXT[])
