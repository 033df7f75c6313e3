-- Replaces several rows of a key by one equivalent row. The caller holds the rollup locks of the events,
-- so that no other transaction deletes these rows; rows appended meanwhile are not visible and stay.
--   $1 tenants · $2 events · $3 days · $4 appended rows at which a key is due · $5 whether to seal
--
-- Tiers: a compacted row is merged only when the smaller rows have at least half its size. A row of n
-- visitors is therefore rewritten O(log n) times, and a key has at most log2(n) compacted rows. Sealing
-- merges all rows of a key, regardless of their sizes.
WITH candidate AS (
    SELECT rollup.ctid AS row, rollup.level,
           -- The stored size, which reads nothing from TOAST; never zero, also without visitors.
           COALESCE(pg_column_size(rollup.visitors), 0) + COALESCE(pg_column_size(rollup.links), 0) + 8
               AS size,
           DENSE_RANK() OVER (
               ORDER BY tenant_id, event_id, day, event_type, source, ticket_type, currency) AS key
    FROM unnest($1::UUID[], $2::UUID[], $3::DATE[]) AS candidate (tenant_id, event_id, day)
    JOIN event_rollup rollup USING (tenant_id, event_id, day)
),
ranked AS (
    SELECT *,
           COUNT(*) OVER by_key AS rows,
           COUNT(*) FILTER (WHERE level = 0) OVER by_key AS appended,
           SUM(size) OVER by_size - size AS smaller
    FROM candidate
    WINDOW by_key AS (PARTITION BY key),
           by_size AS (PARTITION BY key ORDER BY level > 0, size, row)
),
tiered AS (
    SELECT *,
           BOOL_AND(level = 0 OR size <= 2 * smaller)
               OVER (PARTITION BY key ORDER BY level > 0, size, row) AS joins
    FROM ranked
),
merged AS (
    DELETE FROM event_rollup
    WHERE ctid = ANY (ARRAY(
        SELECT row FROM tiered
        WHERE CASE WHEN $5 THEN rows > 1 OR level < 2 ELSE appended >= $4 AND joins END))
    RETURNING *
),
keyed AS (
    SELECT *,
           DENSE_RANK() OVER (
               ORDER BY tenant_id, event_id, day, event_type, source, ticket_type, currency) AS key
    FROM merged
),
-- One GROUP BY over rows, hours, visitors and links: a join of CTEs has no statistics, and the planner chooses
-- nested loops.
part AS (
    SELECT key, tenant_id, event_id, day, event_type, source, ticket_type, currency,
           ticket_type_name, count, amount_cents,
           NULL::SMALLINT AS hour, NULL::INTEGER AS facts, NULL::BIGINT AS visitor,
           NULL::BIGINT[] AS link
    FROM keyed

    UNION ALL

    SELECT key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           hour, SUM(COALESCE(facts, 1))::INTEGER, NULL, NULL
    FROM keyed CROSS JOIN LATERAL unnest(hours, hour_counts) AS of_row (hour, facts)
    GROUP BY key, hour

    UNION ALL

    SELECT key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, visitor, NULL
    FROM keyed CROSS JOIN LATERAL unnest(visitors) AS visitor

    UNION ALL

    SELECT key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           ARRAY[links[at][1], links[at][2]]
    FROM keyed CROSS JOIN LATERAL generate_subscripts(links, 1) AS at
),
replacement AS (
    INSERT INTO event_rollup
        (level, tenant_id, event_id, day, event_type, source, ticket_type, currency,
         ticket_type_name, count, amount_cents, hours, hour_counts, visitors, links)
    SELECT CASE WHEN $5 THEN 2 ELSE 1 END,
           ANY_VALUE(tenant_id), ANY_VALUE(event_id), ANY_VALUE(day), ANY_VALUE(event_type),
           ANY_VALUE(source), ANY_VALUE(ticket_type), ANY_VALUE(currency), MAX(ticket_type_name),
           SUM(count), SUM(amount_cents),
           ARRAY_AGG(hour) FILTER (WHERE hour IS NOT NULL),
           ARRAY_AGG(facts) FILTER (WHERE hour IS NOT NULL),
           ARRAY_AGG(DISTINCT visitor) FILTER (WHERE visitor IS NOT NULL),
           ARRAY_AGG(DISTINCT link) FILTER (WHERE link IS NOT NULL)
    FROM part
    GROUP BY key
)
SELECT COUNT(*) AS merged FROM merged
