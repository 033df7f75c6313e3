-- The chunks with expired facts only. A function, because a view would block updates of the extension.
CREATE FUNCTION analytics_service.expired_chunks()
    RETURNS TABLE (name TEXT, range_start TIMESTAMPTZ, range_end TIMESTAMPTZ)
    LANGUAGE SQL STABLE
AS $$
    SELECT chunk_name::TEXT, range_start, range_end
    FROM timescaledb_information.chunks
    WHERE hypertable_schema = 'analytics_service' AND hypertable_name = 'analytics_events'
      AND range_end <= NOW() - analytics_service.retention_interval()
$$;

-- Drops the oldest expired chunk, if there is one, with the privileges of the owner, because the ingest tier owns no
-- table. Returns its name. It has no parameters, so that the tier cannot drop anything else. Used on the edition of
-- TimescaleDB without policies. One chunk at a time: a transaction that locks one chunk and waits for
-- another can deadlock with a reader of all chunks.
CREATE FUNCTION analytics_service.drop_oldest_expired_chunk() RETURNS SETOF TEXT
    LANGUAGE SQL SECURITY DEFINER SET search_path = analytics_service, public, pg_temp
AS $$
    SELECT drop_chunks('analytics_service.analytics_events', older_than => oldest.range_end)
    FROM (SELECT range_end FROM expired_chunks() ORDER BY range_end LIMIT 1) oldest
$$;
REVOKE ALL ON FUNCTION analytics_service.drop_oldest_expired_chunk() FROM PUBLIC;

-- The expired days of the rollup. Facts of these days are no longer accepted.
CREATE FUNCTION analytics_service.expired_days(default_timezone TEXT)
    RETURNS SETOF analytics_service.event_day_versions
    LANGUAGE SQL STABLE
AS $$
    SELECT *
    FROM analytics_service.event_day_versions
    -- The earliest day in any zone, so that the index is used.
    WHERE day <= (NOW() - analytics_service.retention_interval())::DATE
      AND day < analytics_service.fact_day(
          NOW() - analytics_service.retention_interval(),
          analytics_service.event_timezone(tenant_id, event_id, default_timezone))
$$;

-- Deletes the expired days of at most `max_events` events. Returns the number of deleted rows of
-- event_rollup and the number of events.
CREATE FUNCTION analytics_service.expire_rollup
    (default_timezone TEXT, max_events INTEGER, OUT rows BIGINT, OUT events BIGINT)
    LANGUAGE plpgsql SET search_path = analytics_service, public, pg_temp
AS $$
DECLARE
    expired UUID[] := ARRAY(
        SELECT DISTINCT event_id FROM expired_days(default_timezone) ORDER BY 1 LIMIT max_events);
BEGIN
    PERFORM pg_advisory_xact_lock(rollup_lock_key(event_id)) FROM unnest(expired) AS event_id;
    WITH day AS (
        DELETE FROM event_day_versions
        WHERE (tenant_id, event_id, day) IN (
            SELECT tenant_id, event_id, day FROM expired_days(default_timezone)
            WHERE event_id = ANY (expired))
        RETURNING tenant_id, event_id, day
    )
    DELETE FROM event_rollup USING day
    WHERE event_rollup.tenant_id = day.tenant_id AND event_rollup.event_id = day.event_id
      AND event_rollup.day = day.day;
    GET DIAGNOSTICS rows = ROW_COUNT;
    events := cardinality(expired);
END
$$;

-- Deletes the ledger rows of expired facts, which are no longer accepted.
CREATE FUNCTION analytics_service.expire_ledger() RETURNS BIGINT
    LANGUAGE SQL SECURITY DEFINER SET search_path = analytics_service, public, pg_temp
AS $$
    WITH deleted AS (
        DELETE FROM lifecycle_ledger WHERE created_at < NOW() - retention_interval() RETURNING 1
    )
    SELECT COUNT(*) FROM deleted
$$;
REVOKE ALL ON FUNCTION analytics_service.expire_ledger() FROM PUBLIC;
