-- Gives an ordinal to visitors of the sets that are to be counted, where they have none.
--   $1 the sets · $2 zone of events that name none
-- What decides is fact_day; the bounds on created_at only let the index and the chunks be used.
INSERT INTO visitors (tenant_id, visitor_id)
SELECT DISTINCT fact.tenant_id, fact.visitor_id
FROM sets_to_recount wanted
JOIN counted_facts fact
  ON fact.tenant_id = wanted.tenant_id
 AND fact.event_id = wanted.event_id
 AND fact.event_type = wanted.event_type
 AND fact.source = wanted.source
 AND fact.ticket_type = wanted.ticket_type
 AND fact.created_at >= (wanted.day - 1)::TIMESTAMP AT TIME ZONE 'UTC'
 AND fact.created_at < (wanted.day + 2)::TIMESTAMP AT TIME ZONE 'UTC'
WHERE wanted.id = ANY ($1)
  AND fact_day(fact.created_at, zone_of(fact.event_id, $2)) = wanted.day
  AND fact.visitor_id IS NOT NULL
  AND fact.ordinal IS NULL
ORDER BY 1, 2
ON CONFLICT DO NOTHING
