-- UTC offsets of a time zone, each with the time from which it applies, by the rules that fact_day uses:
-- the offset of 1970, then every change, to a quarter of an hour, up to ten years from now. First finding
-- the days with a change, then the quarter, takes about 30 ms.
--   $1 zone
WITH days AS MATERIALIZED (
    SELECT day,
           EXTRACT(EPOCH FROM (day AT TIME ZONE $1) - (day AT TIME ZONE 'UTC'))::INT AS seconds
    FROM GENERATE_SERIES(TIMESTAMPTZ '1970-01-01 00:00:00+00', NOW() + INTERVAL '10 years',
                         INTERVAL '24 hours') AS day
),
changes AS (
    SELECT day - INTERVAL '24 hours' AS since, day AS until
    FROM (SELECT day, seconds, LAG(seconds) OVER (ORDER BY day) AS before FROM days) AS pairs
    WHERE seconds <> before
),
quarters AS (
    SELECT since, at,
           EXTRACT(EPOCH FROM (at AT TIME ZONE $1) - (at AT TIME ZONE 'UTC'))::INT AS seconds
    FROM changes, GENERATE_SERIES(since, until, INTERVAL '15 minutes') AS at
)
(SELECT day AS at, seconds FROM days ORDER BY day LIMIT 1)

UNION ALL

SELECT at, seconds
FROM (SELECT at, seconds, LAG(seconds) OVER (PARTITION BY since ORDER BY at) AS before
      FROM quarters) AS pairs
WHERE seconds <> before
ORDER BY at
