-- Deletes the versions of a tenant's days without rollup rows. A version that has changed since the statement began
-- is kept: a concurrent batch has appended rows of its day.
--   $1 tenant
DELETE FROM event_day_versions AS day
USING event_day_versions AS seen
WHERE day.tenant_id = $1
  AND (seen.tenant_id, seen.event_id, seen.day) = (day.tenant_id, day.event_id, day.day)
  AND (seen.version, seen.changed_at) = (day.version, day.changed_at)
  AND NOT EXISTS (
      SELECT FROM event_rollup rollup
      WHERE (rollup.tenant_id, rollup.event_id, rollup.day) = (seen.tenant_id, seen.event_id, seen.day))
