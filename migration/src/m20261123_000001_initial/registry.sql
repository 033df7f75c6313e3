-- The ticketing events that were published, as `event.published` told us.
CREATE TABLE analytics_service.tracked_events (
    event_id        UUID        PRIMARY KEY,
    tenant_id       UUID        NOT NULL,
    organization_id UUID,
    title           TEXT        NOT NULL,
    slug            TEXT,
    starts_at       TIMESTAMPTZ,
    -- IANA name; without one the event's days are counted in DEFAULT_TIMEZONE.
    timezone        TEXT,
    published_at    TIMESTAMPTZ NOT NULL,
    -- When the platform told us so: the latest word counts, in whatever order words arrive.
    told_at         TIMESTAMPTZ NOT NULL
);

CREATE INDEX idx_tracked_events_tenant ON analytics_service.tracked_events (tenant_id);
