-- Stores a batch of facts and counts exactly those that were stored, in one statement: raw facts
-- and rollup cannot disagree, and a fact that comes again changes nothing.
--
-- Every table is written in the order of its key, the tables in the same order by everybody, so
-- that two writers never wait for one another in a circle.
--
-- The plan is the same for one fact and for thousands, and does not depend on statistics: LATERAL with
-- a LIMIT looks one key up, CASE keeps IN a hash table. Texts are compared byte by byte, as the keys are.
WITH incoming AS (
    SELECT *
    FROM unnest($1::UUID[], $2::UUID[], $3::TEXT[], $4::UUID[], $5::UUID[], $6::TEXT[]::JSONB[],
                $7::TIMESTAMPTZ[], $8::BIGINT[], $9::TEXT[])
      AS fact (id, tenant_id, event_type, event_id, user_id, properties, created_at, ordinal, subject)
),
stored AS (
    INSERT INTO analytics_events (id, tenant_id, event_type, event_id, user_id, properties, created_at)
    SELECT id, tenant_id, event_type, event_id, user_id, properties, created_at
    FROM incoming
    -- A lifecycle fact whose subject is in the ledger is known, whatever its id and time.
    LEFT JOIN LATERAL (
        SELECT TRUE AS yes FROM lifecycle_ledger ledger
        WHERE ledger.subject = incoming.subject
          AND ledger.event_type = incoming.event_type
          AND ledger.tenant_id = incoming.tenant_id
        LIMIT 1) AS known ON TRUE
    WHERE known.yes IS NULL
    ORDER BY created_at, id
    ON CONFLICT DO NOTHING
    RETURNING id, created_at
),
fresh AS (
    SELECT *
    FROM incoming
    WHERE CASE WHEN (id, created_at) IN (SELECT id, created_at FROM stored) THEN TRUE END
),
-- No ON CONFLICT here: if another replica enters the same subject at this moment, the statement
-- fails as a whole and is tried again, and then the ledger tells.
entered AS (
    INSERT INTO lifecycle_ledger (subject, event_type, tenant_id, fact_id, created_at)
    SELECT subject COLLATE "C", event_type COLLATE "C", tenant_id, id, created_at
    FROM fresh
    WHERE subject IS NOT NULL
    ORDER BY 1, 2, 3
),
counted AS (
    SELECT tenant_id,
           event_id,
           fact_day(created_at, COALESCE(event.timezone, $10)) AS day,
           fact_hour(created_at, COALESCE(event.timezone, $10)) AS hour,
           event_type COLLATE "C"                              AS event_type,
           fact_source(properties) COLLATE "C"                 AS source,
           fact_ticket_type(properties) COLLATE "C"            AS ticket_type,
           properties ->> 'ticketTypeName'                     AS ticket_type_name,
           fact_currency(event_type, properties) COLLATE "C"   AS currency,
           fact_amount(event_type, properties)                 AS amount_cents,
           ordinal
    FROM fresh
    LEFT JOIN LATERAL (
        SELECT timezone FROM tracked_events WHERE event_id = fresh.event_id LIMIT 1
    ) AS event ON TRUE
    WHERE event_id IS NOT NULL
      -- The same as in the view counted_facts.
      AND fact_counts(properties)
),
counts AS (
    INSERT INTO event_daily AS rollup
        (tenant_id, event_id, day, event_type, source, ticket_type, currency,
         ticket_type_name, count, amount_cents)
    SELECT tenant_id, event_id, day, event_type, source, ticket_type, currency,
           MAX(ticket_type_name), COUNT(*), SUM(amount_cents)
    FROM counted
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (tenant_id, event_id, day, event_type, source, ticket_type, currency) DO UPDATE
        SET count            = rollup.count + EXCLUDED.count,
            amount_cents     = rollup.amount_cents + EXCLUDED.amount_cents,
            ticket_type_name = GREATEST(rollup.ticket_type_name, EXCLUDED.ticket_type_name)
),
hours AS (
    INSERT INTO event_hourly AS rollup (tenant_id, event_id, day, event_type, hour, count)
    SELECT tenant_id, event_id, day, event_type, hour, COUNT(*)
    FROM counted
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (tenant_id, event_id, day, event_type, hour) DO UPDATE
        SET count = rollup.count + EXCLUDED.count
),
versions AS (
    INSERT INTO event_day_versions (tenant_id, event_id, day)
    SELECT DISTINCT tenant_id, event_id, day
    FROM counted
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, event_id, day) DO UPDATE
        SET version = EXCLUDED.version, changed_at = EXCLUDED.changed_at
),
visited AS (
    INSERT INTO event_daily_visitors
        (tenant_id, event_id, day, event_type, source, ticket_type, ordinals)
    SELECT tenant_id, event_id, day, event_type, source, ticket_type, ARRAY_AGG(DISTINCT ordinal)
    FROM counted
    WHERE ordinal IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT id, created_at FROM stored
