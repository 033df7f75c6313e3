-- The number of rows of a tenant.
--   $1 tenant
SELECT (SELECT COUNT(*) FROM analytics_events   WHERE tenant_id = $1) AS facts,
       (SELECT COUNT(*) FROM event_rollup       WHERE tenant_id = $1) AS rollup_rows,
       (SELECT COUNT(*) FROM event_day_versions WHERE tenant_id = $1) AS versions,
       (SELECT COUNT(*) FROM lifecycle_ledger   WHERE tenant_id = $1) AS ledger_rows,
       (SELECT COUNT(*) FROM tracked_events     WHERE tenant_id = $1) AS events,
       (SELECT COUNT(*) FROM write_keys         WHERE tenant_id = $1) AS write_keys,
       (SELECT COUNT(*) FROM shared_links       WHERE tenant_id = $1) AS shared_links,
       (SELECT COUNT(*) FROM bi_users           WHERE tenant_id = $1) AS bi_users
