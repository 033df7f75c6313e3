-- The facts of one event, one by one, in no order. Registrations are told apart by 64 bits of hash.
--   $1 tenant · $2 event · $3 first day · $4 last day · $5 zone · $6 types
SELECT created_at, event_type, source, ticket_type, visitor,
       hashtextextended(registration_id, 0) AS registration
FROM event_facts($1, $2, $3, $4, $5)
WHERE event_type = ANY ($6)
