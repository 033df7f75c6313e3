-- Lifecycle facts of an event that are stored more than once, with the (UTC) day of the first. What
-- happens once, and to what, is said by event_type.rs.
--   $1 event
SELECT tenant_id, (MIN(created_at) AT TIME ZONE 'UTC')::DATE AS day, event_type, subject,
       COUNT(*) AS facts
FROM (
    SELECT tenant_id, created_at, event_type,
           CASE WHEN event_type = 'payment.completed' THEN properties ->> 'paymentId'
                ELSE properties ->> 'registrationId' END AS subject
    FROM analytics_events
    WHERE event_id = $1
      AND event_type IN ('registration.completed', 'registration.cancelled',
                         'checkin.completed', 'payment.completed')
) AS lifecycle
WHERE subject IS NOT NULL
GROUP BY tenant_id, event_type, subject
HAVING COUNT(*) > 1
ORDER BY 1, 2, 3, 4
