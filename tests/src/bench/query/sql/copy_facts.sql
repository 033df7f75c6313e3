-- The statement for exporting the facts of an event to a file with a login to the database:
-- the columns and the order of the export. COPY takes no parameters, so the session has them.
COPY (
    SELECT id, created_at, event_type, event_id, user_id,
           COALESCE(properties ->> 'source', 'direct') AS source,
           properties ->> 'ticketTypeId' AS ticket_type_id,
           properties ->> 'ticketTypeName' AS ticket_type_name,
           properties ->> 'registrationId' AS registration_id,
           properties ->> 'amountCents' AS amount_cents,
           properties ->> 'currency' AS currency,
           properties
    FROM analytics_service.analytics_events
    WHERE tenant_id = current_setting('bench.tenant')::UUID
      AND event_id = current_setting('bench.event')::UUID
      AND created_at >= NOW() - INTERVAL '1 year'
    ORDER BY created_at, id
) TO STDOUT (FORMAT csv, HEADER)
