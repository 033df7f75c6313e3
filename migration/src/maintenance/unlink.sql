-- Gives a person's facts of one chunk to a visitor who is nobody. A fact of somebody else that only
-- names the person's browser loses that name and stays whose it is.
--   $1 tenant · $2 the person as a user, or NULL · $3 the person as a visitor · $4 nobody
--   $5 from · $6 to
UPDATE analytics_events
SET user_id    = NULLIF(user_id, $2),
    properties = CASE WHEN user_id IS NULL OR user_id = $2
                      THEN COALESCE(properties, '{}') || jsonb_build_object('visitorId', $4::TEXT)
                      ELSE properties - 'visitorId' END
WHERE tenant_id = $1 AND (user_id = $2 OR properties ->> 'visitorId' = $3)
  AND created_at >= $5 AND created_at < $6
