-- The event registry: published ticketing events, as reported by `event.published`.
CREATE TABLE analytics_service.tracked_events (
    event_id          UUID        PRIMARY KEY,
    tenant_id         UUID        NOT NULL,
    organization_id   UUID,
    title             TEXT        NOT NULL,
    slug              TEXT,
    starts_at         TIMESTAMPTZ,
    -- IANA name; NULL means DEFAULT_TIMEZONE.
    timezone          TEXT,
    -- The time zone of the days in all rows of event_rollup; NULL while a rebuild in a new zone is
    -- pending.
    rollup_timezone   TEXT,
    published_at      TIMESTAMPTZ NOT NULL,
    -- The time of the latest applied message: older ones are ignored.
    source_updated_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX idx_tracked_events_tenant ON analytics_service.tracked_events (tenant_id);

-- Events with a pending rebuild.
CREATE INDEX idx_tracked_events_rebuild
    ON analytics_service.tracked_events (event_id) WHERE rollup_timezone IS NULL;

-- The time zone in which new facts of an event are counted: that of the registry for the event's tenant, and
-- the default for facts of other tenants, which learn nothing about the event.
CREATE FUNCTION analytics_service.event_timezone
    (of_tenant UUID, of_event UUID, default_timezone TEXT) RETURNS TEXT
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN COALESCE(
        (SELECT timezone FROM analytics_service.tracked_events
         WHERE event_id = of_event AND tenant_id = of_tenant),
        default_timezone);
