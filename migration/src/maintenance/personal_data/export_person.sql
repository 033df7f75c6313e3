-- The facts of a person by time, with the reporter of lifecycle facts.
--   $1 tenant · $2 user id, or NULL · $3 visitor id
SELECT fact.*, ledger.provenance
FROM analytics_events fact
LEFT JOIN lifecycle_ledger ledger
       ON ledger.dedup_key IN (fact.properties ->> 'registrationId', fact.properties ->> 'paymentId')
      AND ledger.event_type = fact.event_type
      AND ledger.tenant_id = fact.tenant_id
      AND ledger.fact_id = fact.id
WHERE fact.tenant_id = $1 AND (fact.user_id = $2 OR fact.properties ->> 'visitorId' = $3)
ORDER BY fact.created_at, fact.id
