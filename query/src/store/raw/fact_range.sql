-- The first and the last fact of one event that figures count, where the days are known on which they lie.
-- Each is found by going along idx_analytics_event until a fact fits.
--   $1 tenant · $2 event · $3 day of the first · $4 day of the last · $5 zone · $6 types
--   $7 source, or NULL for all · $8 keys of ticket types, or NULL for all
SELECT (SELECT created_at
        FROM event_facts($1, $2, $3, $3, $5)
        WHERE event_type = ANY ($6)
          AND ($7::TEXT IS NULL OR source = $7)
          AND ($8::TEXT[] IS NULL OR ticket_type = ANY ($8))
        ORDER BY created_at LIMIT 1) AS first_at,
       (SELECT created_at
        FROM event_facts($1, $2, $4, $4, $5)
        WHERE event_type = ANY ($6)
          AND ($7::TEXT IS NULL OR source = $7)
          AND ($8::TEXT[] IS NULL OR ticket_type = ANY ($8))
        ORDER BY created_at DESC LIMIT 1) AS last_at
