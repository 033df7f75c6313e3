-- Deletes some ledger rows of a tenant.
--   $1 tenant · $2 maximum number of rows
DELETE FROM lifecycle_ledger
WHERE ctid = ANY (ARRAY(SELECT ctid FROM lifecycle_ledger WHERE tenant_id = $1 LIMIT $2))
