-- Dropping chunks is the owner's right, and the ingest tier owns nothing: this function is the one
-- thing it may do, with nothing to choose. Used where the edition of TimescaleDB has no policies.
CREATE FUNCTION analytics_service.drop_expired_facts() RETURNS SETOF TEXT
    LANGUAGE SQL SECURITY DEFINER SET search_path = analytics_service, public, pg_temp
AS $$
    SELECT drop_chunks('analytics_service.analytics_events', INTERVAL '1 year')
$$;
REVOKE ALL ON FUNCTION analytics_service.drop_expired_facts() FROM PUBLIC;


-- What goes with the raw facts when they go. Chunks are dropped whole, so facts are kept for a year
-- and up to seven days more; everything else keeps to the facts that are really there, not to the
-- calendar, so that an answer from the rollup and one from the facts stay the same.

-- Since when facts are kept: the beginning of the oldest chunk, but never later than a year ago.
-- With `expired_too`, chunks that the retention has yet to drop count as well.
CREATE FUNCTION analytics_service.kept_since(expired_too BOOLEAN) RETURNS TIMESTAMPTZ
    LANGUAGE SQL STABLE SECURITY DEFINER SET search_path = analytics_service, public, pg_temp
AS $$
    SELECT LEAST(MIN(range_start), NOW() - INTERVAL '1 year')
    FROM timescaledb_information.chunks
    WHERE hypertable_schema = 'analytics_service' AND hypertable_name = 'analytics_events'
      AND (expired_too OR range_end > NOW() - INTERVAL '1 year')
$$;
REVOKE ALL ON FUNCTION analytics_service.kept_since(BOOLEAN) FROM PUBLIC;

-- The zone that an event counts its days in.
CREATE FUNCTION analytics_service.zone_of(event UUID, default_zone TEXT) RETURNS TEXT
    LANGUAGE SQL STABLE
AS $$
    SELECT COALESCE(
        (SELECT timezone FROM analytics_service.tracked_events WHERE event_id = event), default_zone)
$$;

-- Whether the day of that moment began before it: then part of its facts are gone.
CREATE FUNCTION analytics_service.cuts_day(moment TIMESTAMPTZ, zone TEXT) RETURNS BOOLEAN
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN analytics_service.fact_day(moment, zone)
         = analytics_service.fact_day(moment - INTERVAL '1 microsecond', zone);

-- Since when the rollup is kept: the retention has nothing to do until the facts move on.
CREATE TABLE analytics_service.rollup_retention (
    only_row   BOOLEAN     PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    kept_since TIMESTAMPTZ NOT NULL
);
INSERT INTO analytics_service.rollup_retention (kept_since) VALUES ('-infinity');

-- Deletes the days whose facts are gone, and counts the day anew that the boundary cuts in an
-- event's zone. Nobody counts a fact on a day before the boundary, so only the day on it needs the
-- lock of ADR 0003. Returns how many rows of event_daily and how many parts of sets are gone.
CREATE FUNCTION analytics_service.expire_rollup(default_zone TEXT, OUT counts BIGINT, OUT parts BIGINT)
    LANGUAGE plpgsql SET search_path = analytics_service, public, pg_temp
AS $$
DECLARE
    since TIMESTAMPTZ := kept_since(TRUE);
    last_touched DATE := (since AT TIME ZONE 'UTC')::DATE + 1;
BEGIN
    counts := 0;
    parts := 0;
    IF since = (SELECT kept_since FROM rollup_retention) THEN
        RETURN;
    END IF;
    -- The merger of ingest puts parts of sets back in a new row, which a DELETE that waits for the
    -- old one would not see: it must not be at work.
    PERFORM pg_advisory_xact_lock(hashtext('analytics_service.merge'));
    DELETE FROM event_daily
    WHERE day <= last_touched AND day < fact_day(since, zone_of(event_id, default_zone));
    GET DIAGNOSTICS counts = ROW_COUNT;
    DELETE FROM event_daily_visitors
    WHERE day <= last_touched AND day < fact_day(since, zone_of(event_id, default_zone));
    GET DIAGNOSTICS parts = ROW_COUNT;
    DELETE FROM event_hourly
    WHERE day <= last_touched AND day < fact_day(since, zone_of(event_id, default_zone));
    DELETE FROM event_day_versions
    WHERE day <= last_touched AND day < fact_day(since, zone_of(event_id, default_zone));
    UPDATE rollup_retention SET kept_since = since;

    IF NOT EXISTS (
        SELECT FROM event_daily
        WHERE day <= last_touched
          AND day = fact_day(since, zone_of(event_id, default_zone))
          AND cuts_day(since, zone_of(event_id, default_zone))
    ) THEN
        RETURN;
    END IF;
    LOCK TABLE event_daily, event_daily_visitors IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM event_daily
    WHERE day <= last_touched
      AND day = fact_day(since, zone_of(event_id, default_zone))
      AND cuts_day(since, zone_of(event_id, default_zone));
    DELETE FROM event_daily_visitors
    WHERE day <= last_touched
      AND day = fact_day(since, zone_of(event_id, default_zone))
      AND cuts_day(since, zone_of(event_id, default_zone));
    DELETE FROM event_hourly
    WHERE day <= last_touched
      AND day = fact_day(since, zone_of(event_id, default_zone))
      AND cuts_day(since, zone_of(event_id, default_zone));
    UPDATE event_day_versions
    SET version = DEFAULT, changed_at = DEFAULT
    WHERE day <= last_touched
      AND day = fact_day(since, zone_of(event_id, default_zone))
      AND cuts_day(since, zone_of(event_id, default_zone));
    INSERT INTO event_daily
        (tenant_id, event_id, day, event_type, source, ticket_type, currency,
         ticket_type_name, count, amount_cents)
    SELECT tenant_id, event_id, fact_day(since, zone_of(event_id, default_zone)), event_type, source,
           ticket_type, currency, MAX(ticket_type_name), COUNT(*), SUM(amount_cents)
    FROM counted_facts
    WHERE created_at >= since AND created_at < since + INTERVAL '2 days'
      AND cuts_day(since, zone_of(event_id, default_zone))
      AND fact_day(created_at, zone_of(event_id, default_zone))
        = fact_day(since, zone_of(event_id, default_zone))
    GROUP BY 1, 2, 3, 4, 5, 6, 7;
    INSERT INTO event_hourly (tenant_id, event_id, day, event_type, hour, count)
    SELECT tenant_id, event_id, fact_day(since, zone_of(event_id, default_zone)), event_type,
           fact_hour(created_at, zone_of(event_id, default_zone)), COUNT(*)
    FROM counted_facts
    WHERE created_at >= since AND created_at < since + INTERVAL '2 days'
      AND cuts_day(since, zone_of(event_id, default_zone))
      AND fact_day(created_at, zone_of(event_id, default_zone))
        = fact_day(since, zone_of(event_id, default_zone))
    GROUP BY 1, 2, 3, 4, 5;
    INSERT INTO event_daily_visitors
        (tenant_id, event_id, day, event_type, source, ticket_type, ordinals)
    SELECT tenant_id, event_id, fact_day(since, zone_of(event_id, default_zone)), event_type, source,
           ticket_type, ARRAY_AGG(DISTINCT ordinal)
    FROM counted_facts
    WHERE created_at >= since AND created_at < since + INTERVAL '2 days'
      AND ordinal IS NOT NULL
      AND cuts_day(since, zone_of(event_id, default_zone))
      AND fact_day(created_at, zone_of(event_id, default_zone))
        = fact_day(since, zone_of(event_id, default_zone))
    GROUP BY 1, 2, 3, 4, 5, 6;
END
$$;

-- Deletes the ledger's rows whose facts are gone, and visitors who are in no set any more. What is
-- noted of a visitor may be two days early (zones, midnight), and no zone's day of the boundary is
-- earlier than the day before it: hence three days. Nothing to choose for the caller.
CREATE FUNCTION analytics_service.expire_people(OUT ledger BIGINT, OUT visitors BIGINT)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = analytics_service, public, pg_temp
AS $$
DECLARE
    since TIMESTAMPTZ := kept_since(TRUE);
BEGIN
    DELETE FROM lifecycle_ledger WHERE created_at < since;
    GET DIAGNOSTICS ledger = ROW_COUNT;
    DELETE FROM analytics_service.visitors
    WHERE last_seen < (since AT TIME ZONE 'UTC')::DATE - 3;
    GET DIAGNOSTICS visitors = ROW_COUNT;
END
$$;
REVOKE ALL ON FUNCTION analytics_service.expire_people() FROM PUBLIC;
