-- The times of the first and the last fact of one event that match a filter, whose days are known. Each is
-- found by walking idx_analytics_event until a fact matches.
--   $1 tenant · $2 event · $3 day of the first fact · $4 day of the last fact · $5 time zone · $6 event types
--   $7 source, or NULL for all · $8 ticket type keys, or NULL for all · $9 begin of $3 · $10 end of $4, by which the
--   walk begins there, and not hours before or after
SELECT (SELECT created_at
        FROM event_facts($1, $2, $3, $3, $5)
        WHERE created_at >= $9 AND event_type = ANY ($6)
          AND ($7::TEXT IS NULL OR source = $7)
          AND ($8::TEXT[] IS NULL OR ticket_type = ANY ($8))
        ORDER BY created_at LIMIT 1) AS first_at,
       (SELECT created_at
        FROM event_facts($1, $2, $4, $4, $5)
        WHERE created_at < $10 AND event_type = ANY ($6)
          AND ($7::TEXT IS NULL OR source = $7)
          AND ($8::TEXT[] IS NULL OR ticket_type = ANY ($8))
        ORDER BY created_at DESC LIMIT 1) AS last_at
