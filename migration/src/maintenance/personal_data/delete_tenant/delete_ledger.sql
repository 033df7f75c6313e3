-- Deletes some ledger rows of a tenant. Those of facts that were stored meanwhile are kept: without them, the same
-- registration or payment would be stored twice.
--   $1 tenant · $2 maximum number of rows
DELETE FROM lifecycle_ledger
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM lifecycle_ledger ledger
    WHERE tenant_id = $1
      AND NOT EXISTS (SELECT FROM analytics_events fact
                      WHERE (fact.id, fact.created_at) = (ledger.fact_id, ledger.created_at))
    LIMIT $2))
