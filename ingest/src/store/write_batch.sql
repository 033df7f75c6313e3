-- Inserts a batch of facts and counts exactly the inserted ones, in one statement: raw facts and rollup
-- cannot diverge, and a duplicate changes nothing.
--
-- All batches write ledger and versions in the order of the keys, so that they never deadlock. Rollup rows
-- are only appended.
--
-- The plan is the same for one fact and for thousands, and does not depend on statistics: LATERAL with
-- LIMIT is an index look-up per key, and CASE makes IN a hash table. Texts have the collation of the keys.
WITH incoming AS (
    SELECT *
    FROM unnest($1::UUID[], $2::UUID[], $3::TEXT[], $4::UUID[], $5::UUID[], $6::TEXT[]::JSONB[],
                $7::TIMESTAMPTZ[], $8::TEXT[], $9::TEXT[])
      AS fact (id, tenant_id, event_type, event_id, user_id, properties, created_at, dedup_key, provenance)
),
stored AS (
    INSERT INTO analytics_events (id, tenant_id, event_type, event_id, user_id, properties, created_at)
    SELECT id, tenant_id, event_type, event_id, user_id, properties, created_at
    FROM incoming
    -- A lifecycle fact that is in the ledger is a duplicate, whatever its id and time. The claim of a user
    -- makes only other claims duplicates.
    LEFT JOIN LATERAL (
        SELECT TRUE AS yes FROM lifecycle_ledger ledger
        WHERE ledger.dedup_key = incoming.dedup_key
          AND ledger.event_type = incoming.event_type
          AND ledger.tenant_id = incoming.tenant_id
          AND (incoming.provenance = 'user' OR NOT ledger.is_claim)
        LIMIT 1) AS known ON TRUE
    WHERE known.yes IS NULL
    ORDER BY created_at, id
    ON CONFLICT DO NOTHING
    RETURNING id, created_at
),
inserted AS (
    SELECT *
    FROM incoming
    WHERE CASE WHEN (id, created_at) IN (SELECT id, created_at FROM stored) THEN TRUE END
),
-- No ON CONFLICT: if another replica inserts the same key concurrently, the whole statement fails, and
-- its retry finds the key in the ledger.
ledger_rows AS (
    INSERT INTO lifecycle_ledger (dedup_key, event_type, tenant_id, fact_id, created_at, provenance)
    SELECT dedup_key COLLATE "C", event_type COLLATE "C", tenant_id, id, created_at, provenance
    FROM inserted
    WHERE dedup_key IS NOT NULL
    ORDER BY 1, 2, 3
),
-- The same dimensions and measures as in recount_facts.
countable AS (
    SELECT tenant_id,
           event_id,
           fact_day(created_at, COALESCE(event.timezone, $10))  AS day,
           event_type COLLATE "C"                               AS event_type,
           fact_source(properties) COLLATE "C"                  AS source,
           fact_ticket_type(properties) COLLATE "C"             AS ticket_type,
           fact_currency(event_type, properties) COLLATE "C"    AS currency,
           (properties ->> 'ticketTypeName') COLLATE "C"        AS ticket_type_name,
           fact_amount(event_type, properties)                  AS amount_cents,
           fact_hour(created_at, COALESCE(event.timezone, $10)) AS hour,
           fact_visitor(tenant_id, user_id, properties)         AS visitor,
           fact_link(tenant_id, user_id, properties)            AS link
    FROM inserted
    LEFT JOIN LATERAL (
        SELECT timezone FROM tracked_events
        WHERE event_id = inserted.event_id AND tenant_id = inserted.tenant_id
        LIMIT 1
    ) AS event ON TRUE
    WHERE event_id IS NOT NULL AND is_countable(properties)
),
versions AS (
    INSERT INTO event_day_versions (tenant_id, event_id, day)
    SELECT DISTINCT tenant_id, event_id, day
    FROM countable
    ORDER BY 1, 2, 3
    ON CONFLICT (tenant_id, event_id, day) DO UPDATE
        SET version = EXCLUDED.version, changed_at = EXCLUDED.changed_at
),
appended AS (
    INSERT INTO event_rollup
        (tenant_id, event_id, day, event_type, source, ticket_type, currency,
         ticket_type_name, count, amount_cents, hours, visitors, links)
    SELECT tenant_id, event_id, day, event_type, source, ticket_type, currency,
           MAX(ticket_type_name), COUNT(*), SUM(amount_cents), ARRAY_AGG(hour),
           ARRAY_AGG(DISTINCT visitor) FILTER (WHERE visitor IS NOT NULL),
           -- DISTINCT would sort for each key, also without links. Compaction and readers remove repeated ones.
           ARRAY_AGG(link) FILTER (WHERE link IS NOT NULL)
    FROM countable
    GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT id, created_at FROM stored
