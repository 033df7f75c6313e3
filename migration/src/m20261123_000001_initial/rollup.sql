-- What a fact is counted under. Writing, rebuilding and reading in another zone all ask these
-- functions, so that they cannot disagree. They are single expressions, which the planner inlines.
CREATE FUNCTION analytics_service.fact_day(created_at TIMESTAMPTZ, zone TEXT) RETURNS DATE
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN (created_at AT TIME ZONE zone)::DATE;

-- The hour that a clock in the zone shows, from 0; an hour that a clock change repeats is one.
CREATE FUNCTION analytics_service.fact_hour(created_at TIMESTAMPTZ, zone TEXT) RETURNS SMALLINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN EXTRACT(HOUR FROM created_at AT TIME ZONE zone)::SMALLINT;

CREATE FUNCTION analytics_service.fact_visitor(user_id UUID, properties JSONB) RETURNS TEXT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN COALESCE(user_id::TEXT, properties ->> 'visitorId');

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

-- Whether a fact is counted: what robots and prefetches do is stored and left out of all figures.
CREATE FUNCTION analytics_service.fact_counts(properties JSONB) RETURNS BOOLEAN
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN (properties -> 'robot') IS DISTINCT FROM 'true'::JSONB;

-- Counts. `day` is the calendar day in the event's own zone.
CREATE TABLE analytics_service.event_daily (
    tenant_id        UUID         NOT NULL,
    event_id         UUID         NOT NULL,
    day              DATE         NOT NULL,
    event_type       VARCHAR(100) COLLATE "C" NOT NULL,
    source           TEXT         COLLATE "C" NOT NULL,
    ticket_type      TEXT         COLLATE "C" NOT NULL,
    currency         TEXT         COLLATE "C" NOT NULL,
    -- The greatest name seen, so that the order of arrival does not matter.
    ticket_type_name TEXT,
    count            BIGINT       NOT NULL,
    amount_cents     BIGINT       NOT NULL,
    PRIMARY KEY (tenant_id, event_id, day, event_type, source, ticket_type, currency)
-- Rows are counted up again and again: with room on their page the index need not know.
) WITH (fillfactor = 50);

-- The same counts by the hour of the day, for when people come. Sources and ticket types are not told
-- apart: an hour of a small event has hardly more than one fact of each.
CREATE TABLE analytics_service.event_hourly (
    tenant_id  UUID         NOT NULL,
    event_id   UUID         NOT NULL,
    day        DATE         NOT NULL,
    event_type VARCHAR(100) COLLATE "C" NOT NULL,
    hour       SMALLINT     NOT NULL,
    count      BIGINT       NOT NULL,
    PRIMARY KEY (tenant_id, event_id, day, event_type, hour)
) WITH (fillfactor = 50);

-- Distinct visitors, in one or more parts for a key; who reads takes the union of all. A batch
-- appends parts that list ordinals, the merger of the ingest tier condenses them to one bitmap.
CREATE TABLE analytics_service.event_daily_visitors (
    tenant_id   UUID         NOT NULL,
    event_id    UUID         NOT NULL,
    day         DATE         NOT NULL,
    event_type  VARCHAR(100) COLLATE "C" NOT NULL,
    source      TEXT         COLLATE "C" NOT NULL,
    ticket_type TEXT         COLLATE "C" NOT NULL,
    part        BIGINT       GENERATED ALWAYS AS IDENTITY,
    ordinals    BIGINT[],
    -- Roaring, portable 64-bit format.
    bitmap      BYTEA,
    PRIMARY KEY (tenant_id, event_id, day, event_type, source, ticket_type, part),
    CHECK (num_nonnulls(ordinals, bitmap) = 1)
);

-- What the merger has yet to do, oldest first.
CREATE INDEX idx_event_daily_visitors_fresh
    ON analytics_service.event_daily_visitors (part) WHERE ordinals IS NOT NULL;

-- Which days have changed: whoever changes counts or sets of a day leaves its mark here, in the same
-- transaction. Readers look here first, and read again only the days whose mark is new to them.
CREATE TABLE analytics_service.event_day_versions (
    tenant_id  UUID        NOT NULL,
    event_id   UUID        NOT NULL,
    day        DATE        NOT NULL,
    -- The transaction that changed the day last: no day ever has the same version again.
    version    BIGINT      NOT NULL DEFAULT pg_current_xact_id()::TEXT::BIGINT,
    changed_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, event_id, day)
) WITH (fillfactor = 50);

-- Facts of ticketing events as the rollup sees them: rebuilding and exact answers in another zone
-- are made from this.
-- `visitor_id` tells a visitor who has no row in `visitors` from a fact without a visitor.
CREATE VIEW analytics_service.counted_facts AS
SELECT fact.tenant_id,
       fact.event_id,
       fact.created_at,
       fact.event_type,
       analytics_service.fact_source(fact.properties)                    AS source,
       analytics_service.fact_ticket_type(fact.properties)               AS ticket_type,
       fact.properties ->> 'ticketTypeName'                              AS ticket_type_name,
       analytics_service.fact_currency(fact.event_type, fact.properties) AS currency,
       analytics_service.fact_amount(fact.event_type, fact.properties)   AS amount_cents,
       visitor.ordinal,
       analytics_service.fact_visitor(fact.user_id, fact.properties)     AS visitor_id,
       fact.properties ->> 'registrationId'                              AS registration_id
FROM analytics_service.analytics_events fact
LEFT JOIN analytics_service.visitors visitor
       ON visitor.tenant_id = fact.tenant_id
      AND visitor.visitor_id = analytics_service.fact_visitor(fact.user_id, fact.properties)
WHERE fact.event_id IS NOT NULL
  AND analytics_service.fact_counts(fact.properties);

-- Between these two lie the facts of some days of a zone, and few others. What decides is fact_day; bounds
-- only let the index and the chunks be used. They reach some hours further, because a midnight that a clock
-- change skips or repeats is no bound.
CREATE FUNCTION analytics_service.facts_since(first_day DATE, zone TEXT) RETURNS TIMESTAMPTZ
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN first_day::TIMESTAMP AT TIME ZONE zone - INTERVAL '3 hours';

CREATE FUNCTION analytics_service.facts_before(last_day DATE, zone TEXT) RETURNS TIMESTAMPTZ
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN (last_day + 1)::TIMESTAMP AT TIME ZONE zone + INTERVAL '3 hours';

-- The counted facts of one event on some days of a zone. The planner inlines it.
CREATE FUNCTION analytics_service.event_facts
    (of_tenant UUID, of_event UUID, first_day DATE, last_day DATE, zone TEXT)
    RETURNS SETOF analytics_service.counted_facts
    LANGUAGE SQL STABLE PARALLEL SAFE
AS $$
    SELECT *
    FROM analytics_service.counted_facts
    WHERE tenant_id = of_tenant AND event_id = of_event
      AND created_at >= analytics_service.facts_since(first_day, zone)
      AND created_at < analytics_service.facts_before(last_day, zone)
      AND analytics_service.fact_day(created_at, zone) BETWEEN first_day AND last_day
$$;

-- Counts the days of one event anew from its facts, for all tenants that have facts of it. The
-- caller holds SHARE ROW EXCLUSIVE locks on both rollup tables, so that nobody counts meanwhile.
CREATE FUNCTION analytics_service.recount_event(recounted UUID, default_zone TEXT) RETURNS VOID
    LANGUAGE SQL
AS $$
    -- Visitors who have no ordinal (any more) would be left out.
    INSERT INTO analytics_service.visitors (tenant_id, visitor_id)
    SELECT DISTINCT tenant_id, visitor_id
    FROM analytics_service.counted_facts
    WHERE event_id = recounted AND visitor_id IS NOT NULL AND ordinal IS NULL
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;

    DELETE FROM analytics_service.event_daily
    WHERE event_id = recounted
      AND tenant_id IN (SELECT tenant_id FROM analytics_service.analytics_events WHERE event_id = recounted);

    DELETE FROM analytics_service.event_hourly
    WHERE event_id = recounted
      AND tenant_id IN (SELECT tenant_id FROM analytics_service.analytics_events WHERE event_id = recounted);

    DELETE FROM analytics_service.event_daily_visitors
    WHERE event_id = recounted
      AND tenant_id IN (SELECT tenant_id FROM analytics_service.analytics_events WHERE event_id = recounted);

    DELETE FROM analytics_service.event_day_versions
    WHERE event_id = recounted
      AND tenant_id IN (SELECT tenant_id FROM analytics_service.analytics_events WHERE event_id = recounted);

    WITH counted AS (
        SELECT fact.*,
               analytics_service.fact_day(fact.created_at, COALESCE(event.timezone, default_zone)) AS day,
               analytics_service.fact_hour(fact.created_at, COALESCE(event.timezone, default_zone)) AS hour
        FROM analytics_service.counted_facts fact
        LEFT JOIN analytics_service.tracked_events event ON event.event_id = fact.event_id
        WHERE fact.event_id = recounted
    ),
    counts AS (
        INSERT INTO analytics_service.event_daily
            (tenant_id, event_id, day, event_type, source, ticket_type, currency,
             ticket_type_name, count, amount_cents)
        SELECT tenant_id, event_id, day, event_type, source, ticket_type, currency,
               MAX(ticket_type_name), COUNT(*), SUM(amount_cents)
        FROM counted
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    ),
    hours AS (
        INSERT INTO analytics_service.event_hourly (tenant_id, event_id, day, event_type, hour, count)
        SELECT tenant_id, event_id, day, event_type, hour, COUNT(*)
        FROM counted
        GROUP BY 1, 2, 3, 4, 5
    ),
    versions AS (
        INSERT INTO analytics_service.event_day_versions (tenant_id, event_id, day)
        SELECT DISTINCT tenant_id, event_id, day
        FROM counted
    )
    INSERT INTO analytics_service.event_daily_visitors
        (tenant_id, event_id, day, event_type, source, ticket_type, ordinals)
    SELECT tenant_id, event_id, day, event_type, source, ticket_type, ARRAY_AGG(DISTINCT ordinal)
    FROM counted
    WHERE ordinal IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6;
$$;
