-- The dimensions and measures of a fact. Batches, rebuilds and reads of raw facts use the same functions.
-- Each is a single expression, which the planner inlines.
CREATE FUNCTION analytics_service.fact_day(created_at TIMESTAMPTZ, zone TEXT) RETURNS DATE
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN (created_at AT TIME ZONE zone)::DATE;

-- The local hour, 0 to 23. An hour repeated by a clock change is counted as one.
CREATE FUNCTION analytics_service.fact_hour(created_at TIMESTAMPTZ, zone TEXT) RETURNS SMALLINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN EXTRACT(HOUR FROM created_at AT TIME ZONE zone)::SMALLINT;

-- NULL for a fact without a visitor.
CREATE FUNCTION analytics_service.fact_visitor(tenant_id UUID, user_id UUID, properties JSONB)
    RETURNS BIGINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN user_id IS NULL
                THEN analytics_service.visitor_hash(tenant_id, 'v:', properties ->> 'visitorId')
                ELSE analytics_service.visitor_hash(tenant_id, 'u:', user_id::TEXT) END;

-- The visitor id under which a user is known in a browser, and the user: the hashes of both. NULL for a fact that
-- does not name both.
CREATE FUNCTION analytics_service.fact_link(tenant_id UUID, user_id UUID, properties JSONB)
    RETURNS BIGINT[]
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN user_id IS NOT NULL AND properties ->> 'visitorId' IS NOT NULL
                THEN ARRAY[analytics_service.visitor_hash(tenant_id, 'v:', properties ->> 'visitorId'),
                           analytics_service.visitor_hash(tenant_id, 'u:', user_id::TEXT)] END;

CREATE FUNCTION analytics_service.fact_source(properties JSONB) RETURNS TEXT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN COALESCE(properties ->> 'source', 'direct');

-- The id, else the name, because not every producer knows the id.
CREATE FUNCTION analytics_service.fact_ticket_type(properties JSONB) RETURNS TEXT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN COALESCE(properties ->> 'ticketTypeId', properties ->> 'ticketTypeName', '');

CREATE FUNCTION analytics_service.fact_currency(event_type TEXT, properties JSONB) RETURNS TEXT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN event_type IN ('payment.completed', 'payment.refunded')
                THEN COALESCE(properties ->> 'currency', '') ELSE '' END;

CREATE FUNCTION analytics_service.fact_amount(event_type TEXT, properties JSONB) RETURNS BIGINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN event_type IN ('payment.completed', 'payment.refunded')
                THEN COALESCE((properties ->> 'amountCents')::BIGINT, 0) ELSE 0 END;

-- Facts of bots and prefetches are stored, but not counted.
CREATE FUNCTION analytics_service.is_countable(properties JSONB) RETURNS BOOLEAN
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN (properties -> 'robot') IS DISTINCT FROM 'true'::JSONB;

-- Aggregates of facts by event, day (in the event's time zone), type, source, ticket type and currency.
-- Each batch appends one row per key; compaction replaces several rows of a key by one. Readers aggregate
-- all rows of a key, so that compaction does not change results.
CREATE TABLE analytics_service.event_rollup (
    tenant_id        UUID         NOT NULL,
    event_id         UUID         NOT NULL,
    -- Number of facts.
    count            BIGINT       NOT NULL,
    -- Sum of payments or refunds, in minor units of the currency.
    amount_cents     BIGINT       NOT NULL,
    appended_at      TIMESTAMPTZ  NOT NULL DEFAULT NOW(),
    day              DATE         NOT NULL,
    -- 0: appended by a batch. 1: compacted. 2: sealed, the only row of its key for a past day.
    level            SMALLINT     NOT NULL DEFAULT 0,
    event_type       VARCHAR(100) COLLATE "C" NOT NULL,
    source           TEXT         COLLATE "C" NOT NULL,
    ticket_type      TEXT         COLLATE "C" NOT NULL,
    currency         TEXT         COLLATE "C" NOT NULL,
    -- The maximum of the names, so that the order of arrival does not matter.
    ticket_type_name TEXT,
    -- Local hours of the facts, and the number of facts in each; NULL counts mean one fact each.
    hours            SMALLINT[]   NOT NULL,
    hour_counts      INTEGER[],
    -- Hashes of distinct visitors, sorted; NULL if there are none.
    visitors         BIGINT[],
    -- Links: pairs of the hash of a browser's visitor id and that of its user; NULL if there are none.
    links            BIGINT[][]
) WITH (
    fillfactor = 100,
    -- Compaction creates as many dead rows as batches append.
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_cost_delay = 0
);
-- Hashes do not compress.
ALTER TABLE analytics_service.event_rollup ALTER COLUMN visitors SET STORAGE EXTERNAL;
ALTER TABLE analytics_service.event_rollup ALTER COLUMN links SET STORAGE EXTERNAL;

CREATE INDEX idx_event_rollup_day ON analytics_service.event_rollup (tenant_id, event_id, day);

-- Rows that compaction may still merge.
CREATE INDEX idx_event_rollup_unsealed
    ON analytics_service.event_rollup (level, appended_at) WHERE level < 2;

-- The last transaction that changed a day of an event. Every transaction that changes rollup rows, except
-- compaction, upserts the version in the same transaction. Readers cache by (version, changed_at), because
-- transaction ids may repeat after a failover or a restore.
CREATE TABLE analytics_service.event_day_versions (
    tenant_id  UUID        NOT NULL,
    event_id   UUID        NOT NULL,
    day        DATE        NOT NULL,
    version    BIGINT      NOT NULL DEFAULT pg_current_xact_id()::TEXT::BIGINT,
    changed_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, event_id, day)
) WITH (fillfactor = 50);

-- The facts of ticketing events of the current tenant with the dimensions and measures of the rollup.
CREATE VIEW analytics_service.countable_facts AS
SELECT fact.tenant_id,
       fact.event_id,
       fact.created_at,
       fact.event_type,
       analytics_service.fact_source(fact.properties)                             AS source,
       analytics_service.fact_ticket_type(fact.properties)                        AS ticket_type,
       fact.properties ->> 'ticketTypeName'                                       AS ticket_type_name,
       analytics_service.fact_currency(fact.event_type, fact.properties)          AS currency,
       analytics_service.fact_amount(fact.event_type, fact.properties)            AS amount_cents,
       analytics_service.fact_visitor(fact.tenant_id, fact.user_id, fact.properties) AS visitor,
       analytics_service.fact_link(fact.tenant_id, fact.user_id, fact.properties) AS link,
       fact.properties ->> 'registrationId'                                       AS registration_id,
       fact.properties ->> 'utmCampaign'                                          AS utm_campaign
FROM analytics_service.tenant_facts fact
WHERE fact.event_id IS NOT NULL
  AND analytics_service.is_countable(fact.properties);

-- Time bounds of the facts of some days, for the use of indexes and chunk exclusion only: fact_day is exact.
-- They are 3 hours wider, because a clock change may skip or repeat midnight.
CREATE FUNCTION analytics_service.facts_since(first_day DATE, zone TEXT) RETURNS TIMESTAMPTZ
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN first_day::TIMESTAMP AT TIME ZONE zone - INTERVAL '3 hours';

CREATE FUNCTION analytics_service.facts_before(last_day DATE, zone TEXT) RETURNS TIMESTAMPTZ
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN (last_day + 1)::TIMESTAMP AT TIME ZONE zone + INTERVAL '3 hours';

-- The first day of a zone for which all facts are stored. Expired facts may be dropped at any
-- time, hence the extra day.
CREATE FUNCTION analytics_service.first_complete_day(zone TEXT) RETURNS DATE
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN analytics_service.fact_day(
        NOW() - analytics_service.retention_interval() + INTERVAL '1 day' - INTERVAL '1 microsecond',
        zone) + 1;

-- The countable facts of an event of the current tenant on some days of a zone, restricted to complete days.
-- The planner inlines it.
CREATE FUNCTION analytics_service.event_facts
    (of_tenant UUID, of_event UUID, first_day DATE, last_day DATE, zone TEXT)
    RETURNS SETOF analytics_service.countable_facts
    LANGUAGE SQL STABLE PARALLEL SAFE
AS $$
    SELECT *
    FROM analytics_service.countable_facts
    WHERE tenant_id = of_tenant AND event_id = of_event
      AND created_at >= analytics_service.facts_since(first_day, zone)
      AND created_at < analytics_service.facts_before(last_day, zone)
      AND analytics_service.fact_day(created_at, zone)
          -- A subquery is evaluated once, not for each fact.
          BETWEEN (SELECT GREATEST(first_day, analytics_service.first_complete_day(zone)))
              AND last_day
$$;

-- The rollup rows of an event of the current tenant for some days of a zone, recounted from its facts: one row
-- per key. The planner inlines it.
CREATE FUNCTION analytics_service.recount_facts
    (of_tenant UUID, of_event UUID, first_day DATE, last_day DATE, zone TEXT)
    RETURNS TABLE (day DATE, event_type TEXT, source TEXT, ticket_type TEXT, currency TEXT,
                   ticket_type_name TEXT, count BIGINT, amount_cents BIGINT, hours SMALLINT[],
                   visitors BIGINT[], links BIGINT[])
    LANGUAGE SQL STABLE PARALLEL SAFE
AS $$
    SELECT analytics_service.fact_day(created_at, zone), event_type COLLATE "C",
           source COLLATE "C", ticket_type COLLATE "C", currency COLLATE "C",
           MAX(ticket_type_name COLLATE "C"), COUNT(*), SUM(amount_cents)::BIGINT,
           ARRAY_AGG(analytics_service.fact_hour(created_at, zone)),
           ARRAY_AGG(DISTINCT visitor) FILTER (WHERE visitor IS NOT NULL),
           ARRAY_AGG(DISTINCT link) FILTER (WHERE link IS NOT NULL)
    FROM analytics_service.event_facts(of_tenant, of_event, first_day, last_day, zone)
    GROUP BY 1, 2, 3, 4, 5
$$;
