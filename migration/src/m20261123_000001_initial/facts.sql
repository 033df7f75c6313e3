-- The facts. The key contains created_at because a unique index of a hypertable must contain the
-- partitioning column.
CREATE TABLE analytics_service.analytics_events (
    id         UUID         NOT NULL,
    tenant_id  UUID         NOT NULL,
    event_type VARCHAR(100) NOT NULL,
    event_id   UUID,
    user_id    UUID,
    properties JSONB,
    created_at TIMESTAMPTZ  NOT NULL DEFAULT NOW(),
    PRIMARY KEY (id, created_at)
);

SELECT create_hypertable(
    'analytics_service.analytics_events', 'created_at',
    chunk_time_interval => INTERVAL '7 days',
    create_default_indexes => FALSE
);

CREATE INDEX idx_analytics_tenant_type
    ON analytics_service.analytics_events (tenant_id, event_type, created_at DESC);
CREATE INDEX idx_analytics_event
    ON analytics_service.analytics_events (event_id, created_at DESC);

-- One row for each lifecycle fact, which can happen only once to a registration or a payment. The key
-- deduplicates across transports, ids and times, and finds the fact of a registration. A fact of a user is a
-- claim: it is a duplicate of any row of its key, but no claim hides a fact of the platform or a service.
CREATE TABLE analytics_service.lifecycle_ledger (
    -- The id of the registration or payment.
    dedup_key  TEXT         COLLATE "C" NOT NULL,
    event_type VARCHAR(100) COLLATE "C" NOT NULL,
    tenant_id  UUID         NOT NULL,
    fact_id    UUID         NOT NULL,
    created_at TIMESTAMPTZ  NOT NULL,
    -- The reporter of the fact: a message of the platform, a service, or any other caller.
    provenance TEXT         COLLATE "C" NOT NULL
        CHECK (provenance IN ('platform', 'service', 'user')),
    is_claim   BOOLEAN      NOT NULL GENERATED ALWAYS AS (provenance = 'user') STORED,
    PRIMARY KEY (dedup_key, event_type, tenant_id, is_claim)
);

-- The claims that may have to be deleted, because the platform has reported the same.
CREATE INDEX idx_lifecycle_ledger_claims
    ON analytics_service.lifecycle_ledger (dedup_key, event_type, tenant_id) WHERE is_claim;

-- The tenant whose rows the transaction may read; NULL, and therefore no row, unless it is set.
CREATE FUNCTION analytics_service.current_tenant() RETURNS UUID
    LANGUAGE SQL STABLE PARALLEL SAFE
    -- After a transaction that has set it, the setting is an empty text.
    RETURN NULLIF(current_setting('analytics_service.tenant_id', TRUE), '')::UUID;

-- Sets the tenant until the end of the transaction.
CREATE FUNCTION analytics_service.set_tenant(of_tenant UUID) RETURNS VOID
    LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('analytics_service.tenant_id', of_tenant::TEXT, TRUE);
END
$$;

-- The facts of the current tenant. Facts are read through this view and not with policies on the hypertable:
-- TimescaleDB copies the privileges of a hypertable to its chunks, but not its policies, and its columnstore
-- refuses tables with policies (ADR 0023).
CREATE VIEW analytics_service.tenant_facts AS
SELECT *
FROM analytics_service.analytics_events
WHERE tenant_id = analytics_service.current_tenant();
