-- Deletes the facts of a person for one event. The ledger rows, which contain no personal data, are kept,
-- so that a redelivered message does not restore a fact.
--   $1 tenant · $2 user id, or NULL · $3 visitor id · $4 event, or NULL for facts without one
DELETE FROM analytics_events
WHERE tenant_id = $1 AND (user_id = $2 OR properties ->> 'visitorId' = $3)
  AND event_id IS NOT DISTINCT FROM $4
