-- Events of one tenant: their registry entries, if they are wanted, their days with versions, and the
-- rows of days whose version is not known. One statement, so that rows and versions are of one
-- snapshot. At least one row for each event; several rows of a key, where compaction has not merged
-- them. The first columns are those of event_facts.sql.
--   $1 tenant · $2 events · $3 first day · $4 last day · $5 whether registry entries are wanted
--   $6 to $9 known days: event, day, version, time of the change · $10 whether rows are wanted
--   $11 types to count · $12 types whose visitors are needed
--   $13 zone of the rollup, where no entry names it
WITH wanted AS MATERIALIZED (
    SELECT wanted.event_id, registry.tenant_id AS owner, registry.title, registry.timezone,
           registry.rollup_timezone,
           first_complete_day(COALESCE(registry.rollup_timezone, $13)) AS first_complete_day
    FROM unnest($2::UUID[]) AS wanted (event_id)
    LEFT JOIN tracked_events registry ON $5 AND registry.event_id = wanted.event_id
),
day AS MATERIALIZED (
    SELECT day.event_id, day.day, day.version, day.changed_at, known.event_id IS NULL AS is_new
    FROM wanted
    JOIN event_day_versions day ON day.tenant_id = $1 AND day.event_id = wanted.event_id
    LEFT JOIN unnest($6::UUID[], $7::DATE[], $8::BIGINT[], $9::TIMESTAMPTZ[])
           AS known (event_id, day, version, changed_at)
        ON (known.event_id, known.day, known.version, known.changed_at)
         = (day.event_id, day.day, day.version, day.changed_at)
    WHERE day.day BETWEEN $3 AND $4 AND day.day >= first_complete_day
)
SELECT wanted.event_id, day.day, rollup.event_type, source, ticket_type, ticket_type_name, currency,
       count, amount_cents, hours, hour_counts,
       CASE WHEN rollup.event_type = ANY ($12) THEN visitors END AS visitors,
       day.version, day.changed_at,
       owner, title, timezone, rollup_timezone
FROM wanted
LEFT JOIN day ON day.event_id = wanted.event_id
LEFT JOIN event_rollup rollup
       ON $10 AND day.is_new AND rollup.tenant_id = $1
      AND rollup.event_id = day.event_id AND rollup.day = day.day AND rollup.event_type = ANY ($11)
