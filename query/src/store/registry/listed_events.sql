-- One page of the events of a tenant, with the number of all that match: one row without an event if the page is empty.
-- $1 tenant, $2 text in title or slug, in lower case ('': all), $3 'upcoming', 'past' or 'all', $4 current time,
-- $5 time zone of events without one, $6 events to skip, $7 events of a page
WITH RECURSIVE
-- The events with facts: one look-up in the primary key for each, whatever the number of their days.
counted AS (
    (SELECT event_id FROM event_day_versions WHERE tenant_id = $1 ORDER BY event_id LIMIT 1)
    UNION ALL
    SELECT (SELECT next.event_id FROM event_day_versions next
            WHERE next.tenant_id = $1 AND next.event_id > counted.event_id
            ORDER BY next.event_id LIMIT 1)
    FROM counted
    WHERE counted.event_id IS NOT NULL
),
known AS (
    SELECT event_id, title, slug, starts_at, timezone, published_at, source_updated_at
    FROM tracked_events
    WHERE tenant_id = $1
    UNION ALL
    SELECT event_id, NULL, NULL, NULL, NULL, NULL, NULL
    FROM counted
    WHERE event_id IS NOT NULL
      AND event_id NOT IN (SELECT event_id FROM tracked_events WHERE tenant_id = $1)
),
matching AS (
    SELECT *
    FROM known
    WHERE ($2 = '' OR STRPOS(LOWER(title COLLATE "und-x-icu"), $2) > 0
                   OR STRPOS(LOWER(slug COLLATE "und-x-icu"), $2) > 0)
      -- An event is upcoming until the end of the day on which it starts.
      AND ($3 = 'all'
           OR (fact_day(starts_at, COALESCE(timezone, $5)) >= fact_day($4, COALESCE(timezone, $5)))
              = ($3 = 'upcoming'))
)
SELECT total.events AS total, page.*
FROM (SELECT COUNT(*) AS events FROM matching) total
LEFT JOIN LATERAL (
    SELECT listed.event_id, listed.title, listed.slug, listed.starts_at, listed.timezone, listed.published_at,
           days.first_day, days.last_day,
           GREATEST(listed.source_updated_at, days.changed_at) AS changed_at
    FROM (
        SELECT *
        FROM matching
        ORDER BY CASE WHEN $3 = 'upcoming' THEN starts_at END,
                 CASE WHEN $3 <> 'upcoming' THEN starts_at END DESC NULLS LAST,
                 event_id
        OFFSET $6 LIMIT $7
    ) listed
    LEFT JOIN LATERAL (
        SELECT MIN(day) AS first_day, MAX(day) AS last_day, MAX(changed_at) AS changed_at
        FROM event_day_versions
        WHERE tenant_id = $1 AND event_id = listed.event_id
          AND day >= (SELECT first_complete_day(COALESCE(listed.timezone, $5)))
    ) days ON TRUE
) page ON TRUE
ORDER BY CASE WHEN $3 = 'upcoming' THEN page.starts_at END,
         CASE WHEN $3 <> 'upcoming' THEN page.starts_at END DESC NULLS LAST,
         page.event_id
