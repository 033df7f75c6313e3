-- UTC offsets of a time zone, each with the time from which it applies, by the rules that fact_day uses:
-- the offset at the beginning of a year before all stored facts, then every change, to a quarter of an hour, up to
-- ten years from now. First the days with a change are found, then the hours, then the quarters.
--   $1 zone
WITH start AS (
    SELECT DATE_TRUNC('year', NOW() - INTERVAL '3 years', 'UTC') AS at
),
days AS (
    SELECT day
    FROM start, GENERATE_SERIES(start.at, NOW() + INTERVAL '10 years', INTERVAL '24 hours') AS day
    WHERE ((day + INTERVAL '24 hours') AT TIME ZONE $1) - (day AT TIME ZONE $1) <> INTERVAL '24 hours'
),
hours AS (
    SELECT hour
    FROM days, GENERATE_SERIES(day, day + INTERVAL '23 hours', INTERVAL '1 hour') AS hour
    WHERE ((hour + INTERVAL '1 hour') AT TIME ZONE $1) - (hour AT TIME ZONE $1) <> INTERVAL '1 hour'
),
changes AS (
    SELECT at FROM start

    UNION ALL

    SELECT quarter + INTERVAL '15 minutes'
    FROM hours, GENERATE_SERIES(hour, hour + INTERVAL '45 minutes', INTERVAL '15 minutes') AS quarter
    WHERE ((quarter + INTERVAL '15 minutes') AT TIME ZONE $1) - (quarter AT TIME ZONE $1)
          <> INTERVAL '15 minutes'
)
SELECT at, EXTRACT(EPOCH FROM (at AT TIME ZONE $1) - (at AT TIME ZONE 'UTC'))::INT AS seconds
FROM changes
ORDER BY at
