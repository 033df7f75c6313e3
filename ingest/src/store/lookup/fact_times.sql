-- The stored times of facts with these ids, near the times that a spreadsheet has shown: within a second, for
-- the digits that are not shown, or an hour later, where a local time occurs twice.
SELECT shown.id, shown.created_at AS shown_at, fact.created_at AS stored_at
FROM unnest($1::UUID[], $2::TIMESTAMPTZ[]) AS shown (id, created_at)
-- With ORDER BY and LIMIT, TimescaleDB reads one chunk instead of all.
CROSS JOIN LATERAL (
    SELECT created_at
    FROM analytics_events
    WHERE id = shown.id
      AND created_at BETWEEN shown.created_at - INTERVAL '1 second'
                         AND shown.created_at + INTERVAL '1 hour 1 second'
      AND (created_at < shown.created_at + INTERVAL '1 second'
           OR created_at >= shown.created_at + INTERVAL '59 minutes 59 seconds')
    ORDER BY created_at
    LIMIT 1
) AS fact
