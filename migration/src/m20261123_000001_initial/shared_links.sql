-- Share links: the secret of a link gives access to figures of one event. Only its hash is stored, so that a copy of
-- the table opens nothing.
CREATE TABLE analytics_service.shared_links (
    share_id      UUID        PRIMARY KEY DEFAULT gen_random_uuid(),
    -- SHA-256 of the secret.
    secret_hash   BYTEA       NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
    tenant_id     UUID        NOT NULL,
    event_id      UUID        NOT NULL,
    -- A description, for example the recipient.
    name          TEXT        NOT NULL,
    -- The sections of the figures that the link shows.
    sections      TEXT[]      NOT NULL CHECK (cardinality(sections) > 0),
    -- Whether the link shows payments and refunds.
    shows_revenue BOOLEAN     NOT NULL,
    -- Argon2id, in the format of PHC strings; NULL for a link without a password.
    password_hash TEXT,
    -- The user who created the link, if the token named one.
    created_by    UUID,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    -- No link is valid for ever. The bound is a day longer than that of the API, whose clock may differ.
    expires_at    TIMESTAMPTZ NOT NULL CHECK (expires_at <= created_at + INTERVAL '367 days'),
    revoked_at    TIMESTAMPTZ,
    -- The time of the last use, to the minute.
    last_used_at  TIMESTAMPTZ
);

CREATE INDEX idx_shared_links_event ON analytics_service.shared_links (tenant_id, event_id);

-- A link as it is read: without the hash of its secret. A type of its own, because statements that are prepared with the
-- type of the table would fail once a migration has added a column.
CREATE TYPE analytics_service.shared_link AS (
    share_id UUID, tenant_id UUID, event_id UUID, name TEXT, sections TEXT[], shows_revenue BOOLEAN, password_hash TEXT,
    created_by UUID, created_at TIMESTAMPTZ, expires_at TIMESTAMPTZ, revoked_at TIMESTAMPTZ, last_used_at TIMESTAMPTZ
);

-- The functions below set the tenant and access its links in the same statement. They have the privileges of the
-- caller.

-- A link of a tenant, valid or not.
CREATE FUNCTION analytics_service.shared_link_of_tenant(of_tenant UUID, of_share UUID)
    RETURNS SETOF analytics_service.shared_link
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan ROWS 1
AS $$
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    RETURN QUERY
        SELECT share_id, tenant_id, event_id, name, sections, shows_revenue, password_hash, created_by, created_at, expires_at,
               revoked_at, last_used_at
        FROM analytics_service.shared_links WHERE tenant_id = of_tenant AND share_id = of_share;
END
$$;

-- The links of an event: the valid ones first, then the others, each from the newest.
CREATE FUNCTION analytics_service.shared_links_of_event(of_tenant UUID, of_event UUID, max_links INTEGER)
    RETURNS SETOF analytics_service.shared_link
    LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    RETURN QUERY
        SELECT share_id, tenant_id, event_id, name, sections, shows_revenue, password_hash, created_by, created_at, expires_at,
               revoked_at, last_used_at
        FROM analytics_service.shared_links
        WHERE tenant_id = of_tenant AND event_id = of_event
        ORDER BY revoked_at IS NULL AND expires_at > NOW() DESC, created_at DESC, share_id
        LIMIT max_links;
END
$$;

-- Creates a link and returns it; no row if the event has `max_valid` valid links, or the tenant `max_stored` links.
CREATE FUNCTION analytics_service.create_shared_link
    (of_tenant UUID, of_event UUID, of_secret BYTEA, of_name TEXT, of_sections TEXT[], with_revenue BOOLEAN,
     of_password TEXT, of_user UUID, until TIMESTAMPTZ, max_valid BIGINT, max_stored BIGINT)
    RETURNS SETOF analytics_service.shared_link
    LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    RETURN QUERY
        INSERT INTO analytics_service.shared_links
            (tenant_id, event_id, secret_hash, name, sections, shows_revenue, password_hash, created_by, expires_at)
        SELECT of_tenant, of_event, of_secret, of_name, of_sections, with_revenue, of_password, of_user, until
        FROM analytics_service.shared_links
        WHERE tenant_id = of_tenant
        HAVING COUNT(*) < max_stored
           AND COUNT(*) FILTER (WHERE event_id = of_event AND revoked_at IS NULL AND expires_at > NOW()) < max_valid
        RETURNING share_id, tenant_id, event_id, name, sections, shows_revenue, password_hash, created_by, created_at, expires_at,
                  revoked_at, last_used_at;
END
$$;

-- Revokes a link of an event; returns whether it exists. A link that is revoked already keeps its time.
CREATE FUNCTION analytics_service.revoke_shared_link(of_tenant UUID, of_event UUID, of_share UUID) RETURNS BOOLEAN
    LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    UPDATE analytics_service.shared_links SET revoked_at = NOW()
    WHERE tenant_id = of_tenant AND event_id = of_event AND share_id = of_share AND revoked_at IS NULL;
    RETURN EXISTS (SELECT FROM analytics_service.shared_links
                   WHERE tenant_id = of_tenant AND event_id = of_event AND share_id = of_share);
END
$$;

-- Records that a link is used, at most once a minute.
CREATE FUNCTION analytics_service.record_use_of_shared_link(of_tenant UUID, of_share UUID) RETURNS VOID
    LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM analytics_service.set_tenant(of_tenant);
    UPDATE analytics_service.shared_links SET last_used_at = NOW()
    WHERE tenant_id = of_tenant AND share_id = of_share AND revoked_at IS NULL
      AND (last_used_at IS NULL OR last_used_at < NOW() - INTERVAL '1 minute');
END
$$;

-- The link with a secret, valid or not. The tenant is not known before, so that no policy can apply: the function
-- has the privileges of the owner, and needs the hash of a secret that cannot be guessed.
CREATE FUNCTION analytics_service.shared_link_with_secret(of_secret BYTEA)
    RETURNS SETOF analytics_service.shared_link
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = analytics_service, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT share_id, tenant_id, event_id, name, sections, shows_revenue, password_hash, created_by, created_at, expires_at,
               revoked_at, last_used_at
        FROM shared_links WHERE secret_hash = of_secret;
END
$$;
REVOKE ALL ON FUNCTION analytics_service.shared_link_with_secret(BYTEA) FROM PUBLIC;

-- The links that have been of no use for 30 days, in which the list still shows them.
CREATE VIEW analytics_service.expired_shared_links AS
SELECT share_id FROM analytics_service.shared_links
WHERE LEAST(expires_at, revoked_at) < NOW() - INTERVAL '30 days';

-- Deletes them, with the privileges of the owner.
CREATE FUNCTION analytics_service.expire_shared_links() RETURNS BIGINT
    LANGUAGE SQL SECURITY DEFINER SET search_path = analytics_service, pg_temp
AS $$
    WITH deleted AS (
        DELETE FROM shared_links WHERE share_id IN (SELECT share_id FROM expired_shared_links) RETURNING 1
    )
    SELECT COUNT(*) FROM deleted
$$;
REVOKE ALL ON FUNCTION analytics_service.expire_shared_links() FROM PUBLIC;
