-- The distinct values of the rollup by event and day, at most $4 of each column.
SELECT key.tenant_id,
       key.event_id,
       key.day,
       event_types[1:$4]  AS event_types,
       sources[1:$4]      AS sources,
       ticket_types[1:$4] AS ticket_types
FROM unnest($1::UUID[], $2::UUID[], $3::DATE[]) AS key (tenant_id, event_id, day)
CROSS JOIN LATERAL (
    SELECT COALESCE(ARRAY_AGG(DISTINCT event_type::TEXT), '{}')  AS event_types,
           COALESCE(ARRAY_AGG(DISTINCT source::TEXT), '{}')      AS sources,
           COALESCE(ARRAY_AGG(DISTINCT ticket_type::TEXT), '{}') AS ticket_types
    FROM event_rollup rollup
    WHERE rollup.tenant_id = key.tenant_id AND rollup.event_id = key.event_id AND rollup.day = key.day
) AS stored
