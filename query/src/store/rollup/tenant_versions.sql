-- The state of each event of a tenant: a hash over its days with their versions, in which the order
-- does not matter, and the zone in which the rollup counts its days; NULL while they are rebuilt.
--   $1 tenant · $2 first day · $3 last day · $4 zone of events that name none · $5 zone of the days
SELECT state.event_id, state.versions, state.changed_at,
       CASE WHEN event.event_id IS NULL THEN $4 ELSE event.rollup_timezone END AS rollup_zone
FROM (
    SELECT event_id,
           BIT_XOR(hash_record_extended((day, version, changed_at), 0)) AS versions,
           MAX(changed_at) AS changed_at
    FROM event_day_versions
    WHERE tenant_id = $1 AND day BETWEEN $2 AND $3
      -- Days of two zones lie at most two apart.
      AND day >= (SELECT first_complete_day($5)) - 2
    GROUP BY event_id
) AS state
LEFT JOIN tracked_events event ON event.event_id = state.event_id
ORDER BY state.event_id
