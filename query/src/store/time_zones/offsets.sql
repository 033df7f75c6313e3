-- From when on which offset from UTC holds in a zone, by the rules that fact_day counts with: first that of
-- 1970, then every change to the quarter of an hour, up to ten years from now. Looking at each day first and
-- then into those on which the clock was changed takes some 30 ms.
--   $1 zone
WITH days AS MATERIALIZED (
    SELECT day,
           EXTRACT(EPOCH FROM (day AT TIME ZONE $1) - (day AT TIME ZONE 'UTC'))::INT AS seconds
    FROM GENERATE_SERIES(TIMESTAMPTZ '1970-01-01 00:00:00+00', NOW() + INTERVAL '10 years',
                         INTERVAL '24 hours') AS day
),
changed AS (
    SELECT day - INTERVAL '24 hours' AS since, day AS until
    FROM (SELECT day, seconds, LAG(seconds) OVER (ORDER BY day) AS before FROM days) AS told
    WHERE seconds <> before
),
quarters AS (
    SELECT since, at,
           EXTRACT(EPOCH FROM (at AT TIME ZONE $1) - (at AT TIME ZONE 'UTC'))::INT AS seconds
    FROM changed, GENERATE_SERIES(since, until, INTERVAL '15 minutes') AS at
)
(SELECT day AS at, seconds FROM days ORDER BY day LIMIT 1)

UNION ALL

SELECT at, seconds
FROM (SELECT at, seconds, LAG(seconds) OVER (PARTITION BY since ORDER BY at) AS before
      FROM quarters) AS told
WHERE seconds <> before
ORDER BY at
