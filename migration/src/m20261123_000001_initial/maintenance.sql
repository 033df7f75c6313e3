-- The key of the advisory lock of an event's rollup rows. Every transaction that changes or deletes such
-- rows holds the lock until it ends; batches only append and do not need it. The lock must be acquired by
-- a separate statement before the one that deletes: a statement that waits for a lock keeps its older
-- snapshot.
CREATE FUNCTION analytics_service.rollup_lock_key(of_event UUID) RETURNS BIGINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN hashtextextended('analytics_service.event_rollup', uuid_hash_extended(of_event, 0));

-- Waits for all transactions that are creating a chunk of the facts, with the privileges of the owner. They hold
-- this lock until every session has been told of the chunk, which is later than their commit. The error rolls back
-- the subtransaction of the block, which releases the lock.
CREATE FUNCTION analytics_service.wait_for_chunk_creation() RETURNS VOID
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = analytics_service, pg_catalog, pg_temp
AS $$
BEGIN
    LOCK TABLE ONLY analytics_events IN SHARE UPDATE EXCLUSIVE MODE;
    RAISE EXCEPTION 'release the lock' USING ERRCODE = 'ZZ001';
EXCEPTION
    WHEN SQLSTATE 'ZZ001' THEN
END
$$;
REVOKE ALL ON FUNCTION analytics_service.wait_for_chunk_creation() FROM PUBLIC;

-- The chunks of the facts that are committed now.
CREATE FUNCTION analytics_service.fact_chunks() RETURNS OID[]
    LANGUAGE SQL VOLATILE
    RETURN ARRAY(SELECT inhrelid FROM pg_inherits
                 WHERE inhparent = 'analytics_service.analytics_events'::REGCLASS
                 ORDER BY inhrelid);

-- Rebuilds the rollup rows of an event from its facts. The caller holds the event's lock. Both halves of
-- the statement have one snapshot, so that neither includes rows of a concurrent batch. Versions are
-- upserted last: batches wait for their row locks until the commit. The statement is planned before its
-- snapshot is taken, and reads the chunks that exist then: it is repeated if its snapshot may have more, whose
-- rollup rows it would delete without a recount.
CREATE FUNCTION analytics_service.rebuild_days
    (of_tenant UUID, of_event UUID, default_timezone TEXT) RETURNS VOID
    LANGUAGE plpgsql
    SET search_path = analytics_service, public, pg_temp
    SET work_mem = '64MB'
AS $$
DECLARE
    zone      TEXT := event_timezone(of_tenant, of_event, default_timezone);
    first_day DATE := first_complete_day(zone);
    chunks    OID[];
BEGIN
    PERFORM set_tenant(of_tenant);
    LOOP
        chunks := fact_chunks();
        PERFORM wait_for_chunk_creation();
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
        EXIT WHEN fact_chunks() = chunks;
    END LOOP;
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
