-- The state of each event of a tenant: a hash over its days with their versions, in which the order
-- does not matter, and the zone that its days are counted in. A version says nothing without its day:
-- one transaction may change several days. (Both go whole into hashint8extended: the version as its
-- seed, all 64 bits of which count, as those of its first argument do not.)
--   $1 tenant · $2 first day · $3 last day · $4 zone of events that name none
SELECT state.event_id, state.versions, state.changed_at, COALESCE(event.timezone, $4) AS zone
FROM (
    SELECT event_id,
           BIT_XOR(hashint8extended(day - DATE '2000-01-01', version)) AS versions,
           MAX(changed_at) AS changed_at
    FROM event_day_versions
    WHERE tenant_id = $1 AND day BETWEEN $2 AND $3
    GROUP BY event_id
) AS state
LEFT JOIN tracked_events event ON event.event_id = state.event_id
ORDER BY state.event_id
