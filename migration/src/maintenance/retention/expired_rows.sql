-- The number of expired rows.
--   $1 time zone of events without one
SELECT
    (SELECT COUNT(*)
     FROM expired_days($1) expired
     JOIN event_rollup rollup USING (tenant_id, event_id, day))                     AS rollup,
    (SELECT COUNT(*)
     FROM lifecycle_ledger
     WHERE created_at < NOW() - retention_interval())                               AS ledger
