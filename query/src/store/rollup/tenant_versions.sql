-- The version of each event of a tenant: a hash of its days with their versions, independent of their
-- order, and the time zone of its days in the rollup (NULL while it is rebuilt).
--   $1 tenant · $2 first day · $3 last day · $4 time zone of events that name none · $5 time zone of the days
SELECT version.event_id, version.versions, version.changed_at,
       CASE WHEN event.event_id IS NULL THEN $4 ELSE event.rollup_timezone END AS rollup_zone
FROM (
    SELECT event_id,
           BIT_XOR(hash_record_extended((day, version, changed_at), 0)) AS versions,
           MAX(changed_at) AS changed_at
    FROM event_day_versions
    WHERE tenant_id = $1 AND day BETWEEN $2 AND $3
      -- Dates of one moment in two zones differ by two days at most.
      AND day >= (SELECT first_complete_day($5)) - 2
    GROUP BY event_id
) AS version
LEFT JOIN tracked_events event ON event.event_id = version.event_id AND event.tenant_id = $1
ORDER BY version.event_id
