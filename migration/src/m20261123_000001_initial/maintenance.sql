-- The key of the advisory lock of an event's rollup rows. Every transaction that changes or deletes such
-- rows holds the lock until it ends; batches only append and do not need it. The lock must be acquired by
-- a separate statement before the one that deletes: a statement that waits for a lock keeps its older
-- snapshot.
CREATE FUNCTION analytics_service.rollup_lock_key(of_event UUID) RETURNS BIGINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN hashtextextended('analytics_service.event_rollup', uuid_hash_extended(of_event, 0));

-- Rebuilds the rollup rows of an event from its facts. The caller holds the event's lock. Both halves of
-- the statement have one snapshot, so that neither includes rows of a concurrent batch. Versions are
-- upserted last: batches wait for their row locks until the commit.
CREATE FUNCTION analytics_service.rebuild_days
    (of_tenant UUID, of_event UUID, default_timezone TEXT) RETURNS VOID
    LANGUAGE plpgsql
    SET search_path = analytics_service, public, pg_temp
    SET work_mem = '64MB'
AS $$
DECLARE
    zone      TEXT := event_timezone(of_tenant, of_event, default_timezone);
    first_day DATE := first_complete_day(zone);
BEGIN
    PERFORM set_tenant(of_tenant);
    WITH deleted AS (
        DELETE FROM event_rollup
        WHERE tenant_id = of_tenant AND event_id = of_event AND day >= first_day
        RETURNING day
    ),
    inserted AS (
        INSERT INTO event_rollup
            (tenant_id, event_id, day, event_type, source, ticket_type, currency,
             ticket_type_name, count, amount_cents, hours, visitors, links)
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

-- Waits for all transactions that are writing to the rollup at the time of the call, as CREATE INDEX
-- CONCURRENTLY does. Later transactions see everything that is committed now. Must not be called in a
-- transaction that writes to the rollup.
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

-- Rebuilds an event for some tenants that have facts of it, and marks the rollup as valid in the event's
-- time zone. The caller holds the event's lock; before acquiring it, it has read `seen_xmin`, the version
-- of the event's registry row, and then waited for all writers of the rollup. If the row is unchanged, no
-- batch that counts in another zone remains; otherwise the event still needs a rebuild. Comparing zones
-- is not sufficient, because the zone may have changed to another one and back.
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
