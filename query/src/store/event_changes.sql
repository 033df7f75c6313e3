-- All that is new of one event since it was looked at last: who it is now, its days with their
-- versions, and the rows of days whose version is not the known one. One statement, so that rows and
-- versions are of one snapshot, and that looking costs one statement whatever has happened.
--   $1 tenant · $2 event · $3 first day · $4 last day · $5 known days · $6 their versions
--   $7 types to count · $8 types whose visitors are needed
WITH days AS MATERIALIZED (
    SELECT day.day, day.version, day.changed_at, known.version IS DISTINCT FROM day.version AS is_new
    FROM event_day_versions day
    LEFT JOIN UNNEST($5::DATE[], $6::BIGINT[]) AS known (day, version) ON known.day = day.day
    WHERE day.tenant_id = $1 AND day.event_id = $2 AND day.day BETWEEN $3 AND $4
),
-- As in event_rollup.sql.
fresh AS (
    SELECT event_id, day, event_type, source, ticket_type, ticket_type_name, currency,
           count, amount_cents, NULL::BIGINT[] AS ordinals, NULL::BYTEA AS bitmap
    FROM event_daily
    WHERE tenant_id = $1 AND event_id = $2 AND event_type = ANY ($7)
      AND day = ANY (ARRAY(SELECT day FROM days WHERE is_new))

    UNION ALL

    SELECT event_id, day, event_type, source, ticket_type, NULL, '', 0, 0, ordinals, bitmap
    FROM event_daily_visitors
    WHERE tenant_id = $1 AND event_id = $2 AND event_type = ANY ($8)
      AND day = ANY (ARRAY(SELECT day FROM days WHERE is_new))
)
-- At least one row, also for an event that is neither registered nor has facts. The zone of an event
-- is the registry's for everybody, its title its owner's alone.
SELECT CASE WHEN event.tenant_id = $1 THEN event.title END AS title, event.timezone,
       days.day AS version_day, days.version, days.changed_at, fresh.*
FROM (SELECT) AS always
LEFT JOIN tracked_events event ON event.event_id = $2
LEFT JOIN days ON TRUE
LEFT JOIN fresh ON fresh.day = days.day
