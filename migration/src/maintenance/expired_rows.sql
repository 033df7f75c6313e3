-- What expire_rollup and expire_people would delete once the expired chunks are gone. The day that
-- the boundary cuts is counted anew, not deleted, so it is not among these.
--   $1 zone of events that name none
WITH boundary AS (
    SELECT kept_since(FALSE) AS since, (kept_since(FALSE) AT TIME ZONE 'UTC')::DATE AS day
)
SELECT
    (SELECT COUNT(*) FROM event_daily, boundary
     WHERE event_daily.day <= boundary.day + 1
       AND event_daily.day < fact_day(since, zone_of(event_id, $1)))          AS counts,
    (SELECT COUNT(*) FROM event_daily_visitors AS part, boundary
     WHERE part.day <= boundary.day + 1
       AND part.day < fact_day(since, zone_of(event_id, $1)))                 AS parts,
    (SELECT COUNT(*) FROM lifecycle_ledger, boundary WHERE created_at < since) AS ledger,
    (SELECT COUNT(*) FROM visitors, boundary WHERE last_seen < boundary.day - 3) AS visitors
