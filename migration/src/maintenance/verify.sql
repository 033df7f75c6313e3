-- The differences between the rollup and the facts of an event of the current tenant.
--   $1 tenant · $2 event · $3 time zone of events without one
WITH event AS MATERIALIZED (
    SELECT zone, first_complete_day(zone) AS first_day FROM event_timezone($1, $2, $3) AS zone
),
both_sides AS (
    SELECT TRUE AS in_rollup, day, event_type, source, ticket_type, currency,
           ticket_type_name, count, amount_cents, hours, hour_counts, visitors, links
    FROM event_rollup
    WHERE tenant_id = $1 AND event_id = $2 AND day >= (SELECT first_day FROM event)

    UNION ALL

    SELECT FALSE, recounted.day, event_type, source, ticket_type, currency,
           ticket_type_name, count, amount_cents, hours, NULL, visitors, links
    FROM event
    CROSS JOIN LATERAL recount_facts($1, $2, first_day, CURRENT_DATE + 2, zone) AS recounted
),
figures AS (
    SELECT in_rollup, day, event_type, source, ticket_type, named.figure, named.value
    FROM (
        SELECT in_rollup, day, event_type, source, ticket_type, currency,
               SUM(count)::TEXT AS count, SUM(amount_cents)::TEXT AS amount_cents,
               MAX(ticket_type_name) AS ticket_type_name
        FROM both_sides
        GROUP BY 1, 2, 3, 4, 5, 6
    ) AS sums
    CROSS JOIN LATERAL (VALUES
        (TRIM('count ' || currency), count),
        (TRIM('amount ' || currency), amount_cents),
        (TRIM('ticket type''s name ' || currency), ticket_type_name)) AS named (figure, value)

    UNION ALL

    SELECT in_rollup, day, event_type, source, ticket_type,
           format('count from %s:00', hour), SUM(COALESCE(facts, 1))::TEXT
    FROM both_sides CROSS JOIN LATERAL unnest(hours, hour_counts) AS of_row (hour, facts)
    GROUP BY 1, 2, 3, 4, 5, hour

    UNION ALL

    -- Compares the sets, not only their sizes.
    SELECT side.in_rollup, day, event_type, source, ticket_type, figure,
           format('%s, %s only here',
                  COUNT(*) FILTER (WHERE CASE WHEN side.in_rollup THEN of_rollup ELSE of_facts END),
                  COUNT(*) FILTER (WHERE CASE WHEN side.in_rollup THEN NOT of_facts ELSE NOT of_rollup END))
    FROM (
        SELECT day, event_type, source, ticket_type, member.figure, member.hashes,
               BOOL_OR(in_rollup) AS of_rollup, BOOL_OR(NOT in_rollup) AS of_facts
        FROM both_sides
        CROSS JOIN LATERAL (
            SELECT 'visitors' AS figure, ARRAY[visitor] AS hashes FROM unnest(visitors) AS visitor
            UNION ALL
            SELECT 'links', ARRAY[links[at][1], links[at][2]] FROM generate_subscripts(links, 1) AS at
        ) AS member
        GROUP BY 1, 2, 3, 4, 5, 6
    ) AS members
    CROSS JOIN (VALUES (TRUE), (FALSE)) AS side (in_rollup)
    GROUP BY 1, 2, 3, 4, 5, 6
    HAVING NOT BOOL_AND(of_rollup AND of_facts)
)
SELECT day, event_type, source, ticket_type, figure,
       MAX(value) FILTER (WHERE in_rollup) AS rollup, MAX(value) FILTER (WHERE NOT in_rollup) AS facts
FROM figures
GROUP BY 1, 2, 3, 4, 5
HAVING MAX(value) FILTER (WHERE in_rollup) IS DISTINCT FROM MAX(value) FILTER (WHERE NOT in_rollup)
    OR figure IN ('visitors', 'links')

UNION ALL

-- Lifecycle facts that are stored more than once, with the UTC day of the first. The types and their
-- properties must match EventType::dedup_property.
SELECT (MIN(created_at) AT TIME ZONE 'UTC')::DATE, event_type, '', '',
       'facts of ' || dedup_key, '1', COUNT(*)::TEXT
FROM (
    SELECT created_at, event_type,
           CASE WHEN event_type = 'payment.completed' THEN properties ->> 'paymentId'
                ELSE properties ->> 'registrationId' END AS dedup_key
    FROM tenant_facts
    WHERE tenant_id = $1 AND event_id = $2
      AND event_type IN ('registration.completed', 'registration.cancelled',
                         'checkin.completed', 'payment.completed')
) AS lifecycle
WHERE dedup_key IS NOT NULL
GROUP BY event_type, dedup_key
HAVING COUNT(*) > 1

ORDER BY 1, 2, 3, 4, 5
