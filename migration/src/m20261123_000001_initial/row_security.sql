-- Row-level security: the write tier reads and writes the rows of all tenants, the read tier reads those of the
-- current tenant, which is set in each transaction, and so does the login of share links; a BI login reads those of its
-- own tenant. The owner, who runs
-- the maintenance commands, is exempt.
ALTER TABLE analytics_service.tracked_events     ENABLE ROW LEVEL SECURITY;
ALTER TABLE analytics_service.event_rollup       ENABLE ROW LEVEL SECURITY;
ALTER TABLE analytics_service.event_day_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE analytics_service.shared_links       ENABLE ROW LEVEL SECURITY;

CREATE POLICY ingest ON analytics_service.tracked_events     TO analytics_ingest USING (TRUE);
CREATE POLICY ingest ON analytics_service.event_rollup       TO analytics_ingest USING (TRUE);
CREATE POLICY ingest ON analytics_service.event_day_versions TO analytics_ingest USING (TRUE);

CREATE POLICY query ON analytics_service.tracked_events FOR SELECT TO analytics_query
    USING (tenant_id = analytics_service.current_tenant());
CREATE POLICY query ON analytics_service.event_rollup FOR SELECT TO analytics_query
    USING (tenant_id = analytics_service.current_tenant());
CREATE POLICY query ON analytics_service.event_day_versions FOR SELECT TO analytics_query
    USING (tenant_id = analytics_service.current_tenant());
CREATE POLICY query ON analytics_service.shared_links FOR SELECT TO analytics_query
    USING (tenant_id = analytics_service.current_tenant());

CREATE POLICY sharing_select ON analytics_service.shared_links FOR SELECT TO analytics_sharing
    USING (tenant_id = analytics_service.current_tenant());
CREATE POLICY sharing_insert ON analytics_service.shared_links FOR INSERT TO analytics_sharing
    WITH CHECK (tenant_id = analytics_service.current_tenant());
-- A revoked link stays revoked.
CREATE POLICY sharing_update ON analytics_service.shared_links FOR UPDATE TO analytics_sharing
    USING (tenant_id = analytics_service.current_tenant() AND revoked_at IS NULL)
    WITH CHECK (tenant_id = analytics_service.current_tenant());

-- The look-ups by which an administrator's request finds the tenant of an event. They return nothing but the
-- tenant, and need the event's id.
CREATE FUNCTION analytics_service.event_owner(of_event UUID) RETURNS UUID
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = analytics_service, pg_temp
AS $$
BEGIN
    RETURN (SELECT tenant_id FROM tracked_events WHERE event_id = of_event);
END
$$;
REVOKE ALL ON FUNCTION analytics_service.event_owner(UUID) FROM PUBLIC;

-- The tenant of the latest fact of an event.
CREATE FUNCTION analytics_service.tenant_with_facts_of(of_event UUID) RETURNS UUID
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = analytics_service, public, pg_temp
AS $$
BEGIN
    RETURN (SELECT tenant_id FROM analytics_events WHERE event_id = of_event
            ORDER BY created_at DESC LIMIT 1);
END
$$;
REVOKE ALL ON FUNCTION analytics_service.tenant_with_facts_of(UUID) FROM PUBLIC;

-- The functions below set the tenant and read in the same statement, for reads outside a snapshot: they need one
-- round trip, where a transaction would need three more. They have the privileges of the caller. All of them
-- find rows by an index, and planning such a statement takes longer than running it, so their plans are kept until
-- the next ANALYZE of a table. They name their columns: with the type of the table, statements that are prepared would fail
-- once a migration has added a column.

-- The registry entry of an event, if the tenant has published it.
CREATE FUNCTION analytics_service.event_of_tenant(of_tenant UUID, of_event UUID)
    RETURNS TABLE (event_id UUID, tenant_id UUID, organization_id UUID, title TEXT, slug TEXT, starts_at TIMESTAMPTZ,
                   timezone TEXT, rollup_timezone TEXT, published_at TIMESTAMPTZ, source_updated_at TIMESTAMPTZ)
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan ROWS 1
AS $$
#variable_conflict use_column
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    RETURN QUERY
        SELECT event_id, tenant_id, organization_id, title, slug, starts_at, timezone, rollup_timezone, published_at,
               source_updated_at
        FROM analytics_service.tracked_events
        WHERE tenant_id = of_tenant AND event_id = of_event;
END
$$;

-- All registry entries of a tenant.
CREATE FUNCTION analytics_service.events_of_tenant(of_tenant UUID)
    RETURNS TABLE (event_id UUID, tenant_id UUID, organization_id UUID, title TEXT, slug TEXT, starts_at TIMESTAMPTZ,
                   timezone TEXT, rollup_timezone TEXT, published_at TIMESTAMPTZ, source_updated_at TIMESTAMPTZ)
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    RETURN QUERY
        SELECT event_id, tenant_id, organization_id, title, slug, starts_at, timezone, rollup_timezone, published_at,
               source_updated_at
        FROM analytics_service.tracked_events WHERE tenant_id = of_tenant ORDER BY event_id;
END
$$;

-- Whether the tenant has facts of the event.
CREATE FUNCTION analytics_service.has_facts_of(of_tenant UUID, of_event UUID) RETURNS BOOLEAN
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    RETURN EXISTS (SELECT FROM analytics_service.event_rollup
                   WHERE tenant_id = of_tenant AND event_id = of_event);
END
$$;

-- Whether the tenant has events or facts.
CREATE FUNCTION analytics_service.is_known_tenant(of_tenant UUID) RETURNS BOOLEAN
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    RETURN EXISTS (SELECT FROM analytics_service.tracked_events WHERE tenant_id = of_tenant)
        OR EXISTS (SELECT FROM analytics_service.event_rollup WHERE tenant_id = of_tenant)
        OR EXISTS (SELECT FROM analytics_service.tenant_facts WHERE tenant_id = of_tenant);
END
$$;

-- The versions of the days of an event, for some days of the rollup and a zone that has complete days only.
CREATE FUNCTION analytics_service.event_versions
    (of_tenant UUID, of_event UUID, first_day DATE, last_day DATE, zone TEXT)
    RETURNS TABLE (tenant_id UUID, event_id UUID, day DATE, version BIGINT, changed_at TIMESTAMPTZ)
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    RETURN QUERY
        SELECT tenant_id, event_id, day, version, changed_at
        FROM analytics_service.event_day_versions
        WHERE tenant_id = of_tenant AND event_id = of_event AND day BETWEEN first_day AND last_day
          -- Dates of one moment in two zones differ by two days at most.
          AND day >= (SELECT analytics_service.first_complete_day(zone)) - 2
        ORDER BY day;
END
$$;

-- The version of each event of a tenant: a hash of its days with their versions, independent of their order, and
-- the time zone of its days in the rollup (NULL while it is rebuilt). `default_timezone` is that of events that
-- name none, `zone` that of the days.
CREATE FUNCTION analytics_service.tenant_versions
    (of_tenant UUID, first_day DATE, last_day DATE, default_timezone TEXT, zone TEXT)
    RETURNS TABLE (event_id UUID, versions BIGINT, changed_at TIMESTAMPTZ, rollup_zone TEXT)
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    RETURN QUERY
        SELECT version.event_id, version.versions, version.changed_at,
               CASE WHEN event.event_id IS NULL THEN default_timezone ELSE event.rollup_timezone END
        FROM (
            SELECT event_id,
                   BIT_XOR(hash_record_extended((day, version, changed_at), 0)) AS versions,
                   MAX(changed_at) AS changed_at
            FROM analytics_service.event_day_versions
            WHERE tenant_id = of_tenant AND day BETWEEN first_day AND last_day
              -- Dates of one moment in two zones differ by two days at most.
              AND day >= (SELECT analytics_service.first_complete_day(zone)) - 2
            GROUP BY event_id
        ) AS version
        LEFT JOIN analytics_service.tracked_events event
               ON event.event_id = version.event_id AND event.tenant_id = of_tenant
        ORDER BY version.event_id;
END
$$;
