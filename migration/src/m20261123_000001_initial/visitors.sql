-- The numbers that stand for visitors in sets of visitors.
CREATE TABLE analytics_service.visitors (
    tenant_id  UUID    NOT NULL,
    visitor_id TEXT    COLLATE "C" NOT NULL,
    ordinal    BIGINT  GENERATED ALWAYS AS IDENTITY,
    -- The day of the latest fact that is in a set, or the day on which the row was made. No set of
    -- a later day holds the ordinal.
    last_seen  DATE    NOT NULL DEFAULT CURRENT_DATE,
    -- The person was forgotten: the ordinal keeps the figures, and no new fact may have it.
    forgotten  BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (tenant_id, visitor_id)
);

CREATE UNIQUE INDEX idx_visitors_ordinal ON analytics_service.visitors (ordinal);

-- What visitors without cookies are hashed with: random, one for each day (UTC), the same for all
-- replicas. Whoever makes a new one destroys those that are two days old.
CREATE TABLE analytics_service.visitor_salts (
    day  DATE  PRIMARY KEY,
    salt BYTEA NOT NULL CHECK (octet_length(salt) = 32)
);
