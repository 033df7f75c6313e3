-- The days of events of one tenant with their versions, the rows of days whose version is not known, and
-- the registry entries on request. One statement, so that rows and versions are of one snapshot. Returns
-- at least one row per event, and several rows of a rollup key that compaction has not merged yet. The
-- first columns are those that decode.rs expects.
--   $1 tenant · $2 events · $3 first day · $4 last day · $5 whether to return registry entries
--   $6 to $9 known days: event, day, version, time of the change · $10 whether to return rows
--   $11 event types · $12 event types with visitors
--   $13 time zone of the rollup for events without a registry entry · $14 event types with hours
WITH wanted AS MATERIALIZED (
    SELECT wanted.event_id, registry.tenant_id AS owner, registry.title, registry.starts_at,
           registry.timezone, registry.rollup_timezone,
           first_complete_day(COALESCE(registry.rollup_timezone, $13)) AS first_complete_day
    FROM unnest($2::UUID[]) AS wanted (event_id)
    LEFT JOIN tracked_events registry
           ON $5 AND registry.event_id = wanted.event_id AND registry.tenant_id = $1
),
day AS MATERIALIZED (
    SELECT day.event_id, day.day, day.version, day.changed_at,
           CASE WHEN known.event_id IS NULL THEN day.day END AS new_day
    FROM wanted
    JOIN event_day_versions day ON day.tenant_id = $1 AND day.event_id = wanted.event_id
    LEFT JOIN unnest($6::UUID[], $7::DATE[], $8::BIGINT[], $9::TIMESTAMPTZ[])
           AS known (event_id, day, version, changed_at)
        ON (known.event_id, known.day, known.version, known.changed_at)
         = (day.event_id, day.day, day.version, day.changed_at)
    WHERE day.day BETWEEN $3 AND $4 AND day.day >= first_complete_day
)
SELECT wanted.event_id, day.day, rollup.event_type, source, ticket_type, ticket_type_name, currency,
       count, amount_cents,
       CASE WHEN rollup.event_type = ANY ($14) THEN hours END AS hours,
       CASE WHEN rollup.event_type = ANY ($14) THEN hour_counts END AS hour_counts,
       CASE WHEN rollup.event_type = ANY ($12) THEN visitors END AS visitors,
       links,
       day.version, day.changed_at,
       owner, title, starts_at, timezone, rollup_timezone
FROM wanted
LEFT JOIN day ON day.event_id = wanted.event_id
-- OFFSET 0 keeps the subquery, which runs for each day. With a plain join, plans read the rows of all days of the event, and
-- then discard those of known days.
LEFT JOIN LATERAL (
    SELECT event_type, source, ticket_type, ticket_type_name, currency, count, amount_cents, hours, hour_counts, visitors,
           links
    FROM event_rollup
    WHERE $10 AND tenant_id = $1 AND event_id = day.event_id AND event_rollup.day = day.new_day
      AND event_type = ANY ($11)
    OFFSET 0
) AS rollup ON TRUE
