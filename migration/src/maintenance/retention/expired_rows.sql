-- The number of expired rows.
--   $1 time zone of events without one
SELECT
    (SELECT COUNT(*)
     FROM expired_days($1)
     JOIN event_rollup USING (tenant_id, event_id, day)) AS rollup_rows,
    (SELECT COUNT(*)
     FROM lifecycle_ledger
     WHERE created_at < NOW() - retention_interval())    AS ledger_rows,
    (SELECT COUNT(*) FROM expired_shared_links)           AS shared_links
