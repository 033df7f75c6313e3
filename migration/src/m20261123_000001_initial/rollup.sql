-- The dimensions and measures of a fact. Batches, rebuilds and reads of raw facts all use these
-- functions, so that they cannot disagree. They are single expressions, which the planner inlines.
CREATE FUNCTION analytics_service.fact_day(created_at TIMESTAMPTZ, zone TEXT) RETURNS DATE
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN (created_at AT TIME ZONE zone)::DATE;

-- The local hour, 0 to 23; an hour that a clock change repeats is one.
CREATE FUNCTION analytics_service.fact_hour(created_at TIMESTAMPTZ, zone TEXT) RETURNS SMALLINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN EXTRACT(HOUR FROM created_at AT TIME ZONE zone)::SMALLINT;

-- NULL for a fact of nobody in particular.
CREATE FUNCTION analytics_service.fact_visitor(tenant_id UUID, user_id UUID, properties JSONB)
    RETURNS BIGINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN user_id IS NULL
                THEN analytics_service.visitor_hash(tenant_id, 'v:', properties ->> 'visitorId')
                ELSE analytics_service.visitor_hash(tenant_id, 'u:', user_id::TEXT) END;

CREATE FUNCTION analytics_service.fact_source(properties JSONB) RETURNS TEXT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN COALESCE(properties ->> 'source', 'direct');

-- The id where there is one, else the name: not every producer knows the id.
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

-- Facts of bots and prefetches are stored and left out of all figures.
CREATE FUNCTION analytics_service.is_countable(properties JSONB) RETURNS BOOLEAN
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN (properties -> 'robot') IS DISTINCT FROM 'true'::JSONB;

-- Facts of ticketing events by day (in the event's own zone), type, source, ticket type and
-- currency. Batches append a row for each key that they touch; compaction replaces rows of a key by
-- one that says the same. Readers aggregate all rows of a key, so that compaction changes no figure.
CREATE TABLE analytics_service.event_rollup (
    tenant_id        UUID         NOT NULL,
    event_id         UUID         NOT NULL,
    -- Facts.
    count            BIGINT       NOT NULL,
    -- Sum of payments or refunds in minor units.
    amount_cents     BIGINT       NOT NULL,
    appended_at      TIMESTAMPTZ  NOT NULL DEFAULT NOW(),
    day              DATE         NOT NULL,
    -- 0: appended by a batch. 1: compacted. 2: sealed, the only row of a key of a day that is over.
    level            SMALLINT     NOT NULL DEFAULT 0,
    event_type       VARCHAR(100) COLLATE "C" NOT NULL,
    source           TEXT         COLLATE "C" NOT NULL,
    ticket_type      TEXT         COLLATE "C" NOT NULL,
    currency         TEXT         COLLATE "C" NOT NULL,
    -- The greatest name seen, so that the order of arrival does not matter.
    ticket_type_name TEXT,
    -- Local hours of the facts, and how many facts each has; without counts, one each.
    hours            SMALLINT[]   NOT NULL,
    hour_counts      INTEGER[],
    -- Distinct visitors, sorted; NULL if there are none.
    visitors         BIGINT[]
) WITH (
    fillfactor = 100,
    -- Compaction leaves as many dead rows as batches append.
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0,
    toast.autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_cost_delay = 0
);
-- Hashes do not compress.
ALTER TABLE analytics_service.event_rollup ALTER COLUMN visitors SET STORAGE EXTERNAL;

CREATE INDEX idx_event_rollup_day ON analytics_service.event_rollup (tenant_id, event_id, day);

-- Rows that compaction may still have to visit.
CREATE INDEX idx_event_rollup_unsealed
    ON analytics_service.event_rollup (level, appended_at) WHERE level < 2;

-- The transaction that changed a day of an event last: whatever changes rows of a day, but for
-- compaction, upserts this row in the same transaction. Readers cache by (version, changed_at):
-- transaction ids repeat after a failover or a restore, but not at the same microsecond.
CREATE TABLE analytics_service.event_day_versions (
    tenant_id  UUID        NOT NULL,
    event_id   UUID        NOT NULL,
    day        DATE        NOT NULL,
    version    BIGINT      NOT NULL DEFAULT pg_current_xact_id()::TEXT::BIGINT,
    changed_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, event_id, day)
) WITH (fillfactor = 50);

-- Facts of ticketing events as the rollup counts them.
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
       fact.properties ->> 'registrationId'                                       AS registration_id
FROM analytics_service.analytics_events fact
WHERE fact.event_id IS NOT NULL
  AND analytics_service.is_countable(fact.properties);

-- Bounds within which the facts of some days of a zone lie. They only let indexes and chunks be
-- used: fact_day decides. They reach some hours further, because a midnight that a clock change
-- skips or repeats is no bound.
CREATE FUNCTION analytics_service.facts_since(first_day DATE, zone TEXT) RETURNS TIMESTAMPTZ
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN first_day::TIMESTAMP AT TIME ZONE zone - INTERVAL '3 hours';

CREATE FUNCTION analytics_service.facts_before(last_day DATE, zone TEXT) RETURNS TIMESTAMPTZ
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN (last_day + 1)::TIMESTAMP AT TIME ZONE zone + INTERVAL '3 hours';

-- The first day of a zone of which all facts are kept. Facts older than a year may be dropped at
-- any moment, so one more day is left out.
CREATE FUNCTION analytics_service.first_complete_day(zone TEXT) RETURNS DATE
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN analytics_service.fact_day(
        NOW() - INTERVAL '1 year' + INTERVAL '1 day' - INTERVAL '1 microsecond', zone) + 1;

-- The countable facts of one event on some days of a zone, as far as all facts of a day are kept. The
-- planner inlines it.
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
          -- A subquery is evaluated once, and not for each fact.
          BETWEEN (SELECT GREATEST(first_day, analytics_service.first_complete_day(zone)))
              AND last_day
$$;

-- What the rollup says of one event on some days of a zone, recounted from its facts: one row for
-- each key. The planner inlines it.
CREATE FUNCTION analytics_service.recount_facts
    (of_tenant UUID, of_event UUID, first_day DATE, last_day DATE, zone TEXT)
    RETURNS TABLE (day DATE, event_type TEXT, source TEXT, ticket_type TEXT, currency TEXT,
                   ticket_type_name TEXT, count BIGINT, amount_cents BIGINT, hours SMALLINT[],
                   visitors BIGINT[])
    LANGUAGE SQL STABLE PARALLEL SAFE
AS $$
    SELECT analytics_service.fact_day(created_at, zone), event_type COLLATE "C",
           source COLLATE "C", ticket_type COLLATE "C", currency COLLATE "C",
           MAX(ticket_type_name COLLATE "C"), COUNT(*), SUM(amount_cents)::BIGINT,
           ARRAY_AGG(analytics_service.fact_hour(created_at, zone)),
           ARRAY_AGG(DISTINCT visitor) FILTER (WHERE visitor IS NOT NULL)
    FROM analytics_service.event_facts(of_tenant, of_event, first_day, last_day, zone)
    GROUP BY 1, 2, 3, 4, 5
$$;
