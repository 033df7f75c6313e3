-- The state of all events of a tenant: how many days there are, and a hash over their versions in
-- which the order does not matter.
--   $1 tenant · $2 first day · $3 last day
SELECT COUNT(*) AS days,
       COALESCE(BIT_XOR(hash_record_extended(ROW(event_id, day, version), 0)), 0) AS versions,
       MAX(changed_at) AS changed_at
FROM event_day_versions
WHERE tenant_id = $1 AND day BETWEEN $2 AND $3
