-- Takes all parts of the keys that have fresh ones, oldest first; the caller puts one part back for
-- each key in the same transaction.
WITH keys AS (
    SELECT DISTINCT tenant_id, event_id, day, event_type, source, ticket_type
    FROM (
        SELECT tenant_id, event_id, day, event_type, source, ticket_type
        FROM event_daily_visitors
        WHERE ordinals IS NOT NULL
        ORDER BY part
        LIMIT $1
    ) AS oldest
)
DELETE FROM event_daily_visitors AS part
USING keys
WHERE part.tenant_id = keys.tenant_id
  AND part.event_id = keys.event_id
  AND part.day = keys.day
  AND part.event_type = keys.event_type
  AND part.source = keys.source
  AND part.ticket_type = keys.ticket_type
RETURNING part.tenant_id, part.event_id, part.day, part.event_type, part.source, part.ticket_type,
          part.ordinals, part.bitmap
