-- Rows of counts in which rollup and facts differ.
--   $1 event · $2 tenants · $3 zone of events that name none
WITH rollup AS (
    SELECT tenant_id, day, event_type, source, ticket_type, currency, ticket_type_name, count, amount_cents
    FROM event_daily
    WHERE tenant_id = ANY ($2) AND event_id = $1
),
facts AS (
    SELECT tenant_id, fact_day(created_at, zone) AS day, event_type, source, ticket_type, currency,
           MAX(ticket_type_name) AS ticket_type_name, COUNT(*) AS count,
           SUM(amount_cents)::BIGINT AS amount_cents
    FROM counted_facts, zone_of($1, $3) AS zone
    WHERE event_id = $1
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT tenant_id, day, event_type, source, ticket_type, currency,
       rollup.count            AS rollup_count,  facts.count            AS facts_count,
       rollup.amount_cents     AS rollup_amount, facts.amount_cents     AS facts_amount,
       rollup.ticket_type_name AS rollup_name,   facts.ticket_type_name AS facts_name
FROM rollup
FULL JOIN facts USING (tenant_id, day, event_type, source, ticket_type, currency)
WHERE (rollup.count, rollup.amount_cents, rollup.ticket_type_name)
      IS DISTINCT FROM (facts.count, facts.amount_cents, facts.ticket_type_name)
ORDER BY 1, 2, 3, 4, 5, 6
