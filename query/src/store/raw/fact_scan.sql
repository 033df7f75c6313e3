-- The facts of one event, unordered. Registrations are identified by a 64-bit hash.
--   $1 tenant · $2 event · $3 first day · $4 last day · $5 time zone · $6 event types
SELECT created_at, event_type, source, ticket_type, visitor,
       hashtextextended(registration_id, 0) AS registration
FROM event_facts($1, $2, $3, $4, $5)
WHERE event_type = ANY ($6)
