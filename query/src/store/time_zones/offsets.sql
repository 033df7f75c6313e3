-- UTC offsets of a time zone, each with the time from which it applies, by the rules that fact_day uses:
-- the offset of 1970, then every change, to a quarter of an hour, up to ten years from now. First the days
-- with a change are found, then the hours, then the quarters, which takes about 35 ms.
--   $1 zone
WITH days AS (
    SELECT day
    FROM GENERATE_SERIES(TIMESTAMPTZ '1970-01-01 00:00:00+00', NOW() + INTERVAL '10 years',
                         INTERVAL '24 hours') AS day
    WHERE ((day + INTERVAL '24 hours') AT TIME ZONE $1) - (day AT TIME ZONE $1) <> INTERVAL '24 hours'
),
hours AS (
    SELECT hour
    FROM days, GENERATE_SERIES(day, day + INTERVAL '23 hours', INTERVAL '1 hour') AS hour
    WHERE ((hour + INTERVAL '1 hour') AT TIME ZONE $1) - (hour AT TIME ZONE $1) <> INTERVAL '1 hour'
),
changes AS (
    SELECT TIMESTAMPTZ '1970-01-01 00:00:00+00' AS at

    UNION ALL

    SELECT quarter + INTERVAL '15 minutes'
    FROM hours, GENERATE_SERIES(hour, hour + INTERVAL '45 minutes', INTERVAL '15 minutes') AS quarter
    WHERE ((quarter + INTERVAL '15 minutes') AT TIME ZONE $1) - (quarter AT TIME ZONE $1)
          <> INTERVAL '15 minutes'
)
SELECT at, EXTRACT(EPOCH FROM (at AT TIME ZONE $1) - (at AT TIME ZONE 'UTC'))::INT AS seconds
FROM changes
ORDER BY at
