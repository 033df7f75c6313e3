-- Write keys: credentials of event pages, which send facts of one tenant. A key is in the page's source and so
-- not a secret; its hash is stored so that a copy of the table is of no use.
CREATE TABLE analytics_service.write_keys (
    -- SHA-256 of the key.
    key_hash         BYTEA       PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    -- Identifies the key in lists and logs: the beginning of the hash.
    id               TEXT        NOT NULL UNIQUE
        GENERATED ALWAYS AS (encode(substring(key_hash FOR 6), 'hex')) STORED,
    tenant_id        UUID        NOT NULL,
    -- A description, for example the site on which the key is used.
    name             TEXT        NOT NULL,
    -- The origins of the pages; empty for any.
    origins          TEXT[]      NOT NULL,
    -- The rate of facts that are accepted with the key.
    facts_per_minute INTEGER     NOT NULL CHECK (facts_per_minute > 0),
    created_at       TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    revoked_at       TIMESTAMPTZ
);

CREATE INDEX idx_write_keys_tenant ON analytics_service.write_keys (tenant_id);
