-- Deletes a person's facts of one event. The ledger keeps its rows, which name no person: a message
-- that is delivered again may not bring a fact back.
--   $1 tenant · $2 the person as a user, or NULL · $3 the person as a visitor
--   $4 event, or NULL for facts of none
DELETE FROM analytics_events
WHERE tenant_id = $1 AND (user_id = $2 OR properties ->> 'visitorId' = $3)
  AND event_id IS NOT DISTINCT FROM $4
