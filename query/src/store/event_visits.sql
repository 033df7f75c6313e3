-- The same as event_moments.sql with the ordinals of visitors, which takes several times as long: they have
-- to be looked up.
--   $1 tenant · $2 event · $3 first day · $4 last day · $5 zone · $6 types
SELECT created_at, event_type, source, ticket_type,
       ordinal, NULL::BIGINT AS visitor, NULL::BIGINT AS registration
FROM event_facts($1, $2, $3, $4, $5)
WHERE event_type = ANY ($6)
