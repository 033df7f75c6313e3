-- Ingest remembers ordinals, so it may go on using one whose row is gone (retention) or stands for
-- nobody any more (forget). Its batches do not look: that would cost each of them. Instead every
-- fresh part is looked at once, when it is condensed or deleted; a set in which such an ordinal
-- turns up is put down here, and ingest counts it anew from the facts within seconds.
CREATE TABLE analytics_service.sets_to_recount (
    id          BIGINT       GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id   UUID         NOT NULL,
    event_id    UUID         NOT NULL,
    day         DATE         NOT NULL,
    event_type  VARCHAR(100) COLLATE "C" NOT NULL,
    source      TEXT         COLLATE "C" NOT NULL,
    ticket_type TEXT         COLLATE "C" NOT NULL
);

-- Most visitors are new that day, and nothing has to be looked up for them: ordinals above this one
-- were given on that day, and nobody has been forgotten among them.
CREATE TABLE analytics_service.newcomers (
    only_row BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    day      DATE    NOT NULL,
    above    BIGINT  NOT NULL
);
INSERT INTO analytics_service.newcomers (day, above) VALUES ('-infinity', 0);

-- Nested loops: the planner would guess the size of the arrays, and read all visitors for a few.
CREATE FUNCTION analytics_service.inspect_parts() RETURNS TRIGGER
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = analytics_service, public, pg_temp
    SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    known BIGINT;
BEGIN
    UPDATE newcomers
    SET day = CURRENT_DATE, above = GREATEST(above, (SELECT MAX(ordinal) FROM visitors))
    WHERE day <> CURRENT_DATE;
    SELECT above INTO known FROM newcomers;

    WITH held AS (
        SELECT listed.ordinal, MAX(gone.day) AS day
        FROM gone CROSS JOIN LATERAL unnest(gone.ordinals) AS listed (ordinal)
        WHERE listed.ordinal <= known
        GROUP BY listed.ordinal
    ),
    -- Few: who was noted that day needs nothing.
    remarkable AS MATERIALIZED (
        SELECT held.ordinal, held.day, visitors.ordinal IS NULL OR visitors.forgotten AS is_nobody
        FROM held
        LEFT JOIN visitors ON visitors.ordinal = held.ordinal
        WHERE visitors.ordinal IS NULL OR visitors.forgotten OR visitors.last_seen < held.day
    ),
    noted AS (
        UPDATE visitors
        SET last_seen = GREATEST(visitors.last_seen, remarkable.day)
        FROM remarkable
        WHERE visitors.ordinal = remarkable.ordinal AND visitors.last_seen < remarkable.day
    )
    INSERT INTO sets_to_recount (tenant_id, event_id, day, event_type, source, ticket_type)
    SELECT DISTINCT tenant_id, event_id, day, event_type, source, ticket_type
    FROM gone
    WHERE ordinals && ARRAY(SELECT ordinal FROM remarkable WHERE is_nobody);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION analytics_service.inspect_parts() FROM PUBLIC;

CREATE TRIGGER inspect_parts
    AFTER DELETE ON analytics_service.event_daily_visitors
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION analytics_service.inspect_parts();
