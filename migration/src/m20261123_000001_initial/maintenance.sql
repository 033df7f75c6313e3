-- Whatever changes rows of the rollup, but for batches, which only append, holds the advisory lock
-- of this key until its transaction ends. It has to be taken by a statement of its own, before the
-- one that deletes: the snapshot of a statement that waits is older than what it waited for.
CREATE FUNCTION analytics_service.rollup_lock_key(of_event UUID) RETURNS BIGINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN hashtextextended('analytics_service.event_rollup', uuid_hash_extended(of_event, 0));

-- Recounts an event's days from its facts; the caller holds the event's lock. What a concurrent
-- batch appends is in neither half of the statement, which has one snapshot. Versions come last, so
-- that batches have to wait for no more than the commit.
CREATE FUNCTION analytics_service.rebuild_days
    (of_tenant UUID, of_event UUID, default_timezone TEXT) RETURNS VOID
    LANGUAGE plpgsql
    SET search_path = analytics_service, public, pg_temp
    SET work_mem = '64MB'
AS $$
DECLARE
    zone      TEXT := event_timezone(of_event, default_timezone);
    first_day DATE := first_complete_day(zone);
BEGIN
    WITH deleted AS (
        DELETE FROM event_rollup
        WHERE tenant_id = of_tenant AND event_id = of_event AND day >= first_day
        RETURNING day
    ),
    inserted AS (
        INSERT INTO event_rollup
            (tenant_id, event_id, day, event_type, source, ticket_type, currency,
             ticket_type_name, count, amount_cents, hours, visitors)
        SELECT of_tenant, of_event, recounted.*
        FROM recount_facts(of_tenant, of_event, first_day, CURRENT_DATE + 2, zone) AS recounted
        RETURNING day
    )
    INSERT INTO event_day_versions (tenant_id, event_id, day)
    SELECT of_tenant, of_event, changed.day
    FROM (SELECT day FROM deleted UNION SELECT day FROM inserted) AS changed
    ORDER BY changed.day
    ON CONFLICT (tenant_id, event_id, day) DO UPDATE
        SET version = EXCLUDED.version, changed_at = EXCLUDED.changed_at;
END
$$;

-- Waits until every transaction has ended that is writing to the rollup now (as CREATE INDEX
-- CONCURRENTLY does): whatever begins later sees what is committed now. To be called outside of a
-- transaction that writes to the rollup itself.
CREATE FUNCTION analytics_service.wait_for_rollup_writers() RETURNS VOID
    LANGUAGE plpgsql
    SET search_path = analytics_service, pg_catalog, pg_temp
AS $$
DECLARE
    awaited TEXT[];
BEGIN
    LOOP
        awaited := ARRAY(
            SELECT virtualtransaction
            FROM pg_locks
            WHERE locktype = 'relation' AND relation = 'event_rollup'::REGCLASS
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()
              AND (awaited IS NULL OR virtualtransaction = ANY (awaited)));
        EXIT WHEN awaited = '{}';
        PERFORM pg_sleep(0.02);
    END LOOP;
END
$$;

-- Recounts an event for tenants that have facts of it; the caller holds the event's lock. Before it
-- acquired the lock, it has read `seen_xmin`, the version of the event's row in the registry, and then
-- waited for all writers of the rollup: so no batch that counts in another zone is left, unless the
-- row has changed once more. Then the event still waits for a rebuild. Comparing zones would not be
-- enough: it may have changed to another one and back, and batches in between are not awaited.
CREATE FUNCTION analytics_service.rebuild_event
    (of_event UUID, tenants UUID[], seen_xmin TEXT, default_timezone TEXT) RETURNS VOID
    LANGUAGE plpgsql
    SET search_path = analytics_service, public, pg_temp
AS $$
BEGIN
    PERFORM rebuild_days(tenant_id, of_event, default_timezone)
    FROM unnest(tenants) AS tenant_id;
    UPDATE tracked_events
    SET rollup_timezone = COALESCE(timezone, default_timezone)
    WHERE event_id = of_event AND xmin::TEXT = seen_xmin;
END
$$;
