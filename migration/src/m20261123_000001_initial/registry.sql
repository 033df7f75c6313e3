-- The ticketing events that were published, as reported by `event.published`.
CREATE TABLE analytics_service.tracked_events (
    event_id          UUID        PRIMARY KEY,
    tenant_id         UUID        NOT NULL,
    organization_id   UUID,
    title             TEXT        NOT NULL,
    slug              TEXT,
    starts_at         TIMESTAMPTZ,
    -- IANA name; without one the event's days are counted in DEFAULT_TIMEZONE.
    timezone          TEXT,
    -- The zone in which all rows of event_rollup count this event's days; NULL while they are
    -- rebuilt for a new one.
    rollup_timezone   TEXT,
    published_at      TIMESTAMPTZ NOT NULL,
    -- Time of the message: the latest one counts, in whatever order messages arrive.
    source_updated_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX idx_tracked_events_tenant ON analytics_service.tracked_events (tenant_id);

-- Events that wait for a rebuild.
CREATE INDEX idx_tracked_events_rebuild
    ON analytics_service.tracked_events (event_id) WHERE rollup_timezone IS NULL;

-- The zone in which new facts of an event are counted.
CREATE FUNCTION analytics_service.event_timezone(of_event UUID, default_timezone TEXT) RETURNS TEXT
    LANGUAGE SQL STABLE PARALLEL SAFE
    RETURN COALESCE(
        (SELECT timezone FROM analytics_service.tracked_events WHERE event_id = of_event),
        default_timezone);
