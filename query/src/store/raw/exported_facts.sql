-- The facts of an export, those of bots included, ordered by time.
--   $1 tenant · $2 event, or NULL for all facts of the tenant · $3 first day · $4 last day · $5 time zone
--   $6 event types, or NULL for all
SELECT id, created_at, event_type::TEXT AS event_type, event_id, user_id,
       fact_source(properties) AS source,
       properties ->> 'ticketTypeId' AS ticket_type_id,
       properties ->> 'ticketTypeName' AS ticket_type_name,
       properties ->> 'registrationId' AS registration_id,
       properties ->> 'amountCents' AS amount_cents,
       properties ->> 'currency' AS currency,
       properties::TEXT AS properties
FROM tenant_facts
WHERE tenant_id = $1 AND ($2::UUID IS NULL OR event_id = $2)
  AND ($6::TEXT[] IS NULL OR event_type = ANY ($6))
  AND created_at >= facts_since($3, $5)
  AND created_at < facts_before($4, $5)
  AND fact_day(created_at, $5) BETWEEN (SELECT GREATEST($3, first_complete_day($5))) AND $4
ORDER BY created_at, id
