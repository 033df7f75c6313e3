-- What the rollup knows of one event by the hours of its days.
--   $1 tenant · $2 event · $3 days · $4 types to count
SELECT day, hour, event_type, count
FROM event_hourly
WHERE tenant_id = $1 AND event_id = $2 AND day = ANY ($3) AND event_type = ANY ($4)
