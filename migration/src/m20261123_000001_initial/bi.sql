-- Logins of BI tools, each of which reads one tenant. A table of its own, because every login can read the comments
-- and settings of all roles.
CREATE TABLE analytics_service.bi_users (
    login      NAME        PRIMARY KEY,
    tenant_id  UUID        NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

-- The tenant of the login, which no SET changes; NULL for any other login.
CREATE FUNCTION analytics_service.bi_tenant() RETURNS UUID
    LANGUAGE SQL STABLE SECURITY DEFINER SET search_path = analytics_service, pg_temp
AS $$
    SELECT tenant_id FROM bi_users WHERE login = session_user
$$;
REVOKE ALL ON FUNCTION analytics_service.bi_tenant() FROM PUBLIC;

-- A subquery is evaluated once, not for each row.
CREATE POLICY bi ON analytics_service.tracked_events FOR SELECT TO analytics_bi
    USING (tenant_id = (SELECT analytics_service.bi_tenant()));
CREATE POLICY bi ON analytics_service.event_rollup FOR SELECT TO analytics_bi
    USING (tenant_id = (SELECT analytics_service.bi_tenant()));

-- The published events.
CREATE VIEW analytics_service.bi_events WITH (security_invoker = TRUE) AS
SELECT event_id, title, slug, starts_at, timezone, rollup_timezone, published_at
FROM analytics_service.tracked_events;

-- The rollup: several rows per key, which must be aggregated.
CREATE VIEW analytics_service.bi_rollup WITH (security_invoker = TRUE) AS
SELECT event_id, day, event_type, source, ticket_type, ticket_type_name, currency, count, amount_cents,
       hours, hour_counts, visitors, links
FROM analytics_service.event_rollup;

-- One row for each event and day with facts.
CREATE VIEW analytics_service.bi_days WITH (security_invoker = TRUE) AS
SELECT rollup.event_id,
       event.title,
       rollup.day,
       COALESCE(SUM(count) FILTER (WHERE event_type = 'page.view'), 0)::BIGINT              AS views,
       (SELECT COUNT(DISTINCT visitor)
        FROM analytics_service.event_rollup viewed
        CROSS JOIN LATERAL unnest(viewed.visitors) AS visitor
        WHERE viewed.event_id = rollup.event_id AND viewed.day = rollup.day
          AND viewed.event_type = 'page.view')                                             AS unique_views,
       COALESCE(SUM(count) FILTER (WHERE event_type = 'registration.started'), 0)::BIGINT   AS registrations_started,
       COALESCE(SUM(count) FILTER (WHERE event_type = 'registration.completed'), 0)::BIGINT AS registrations,
       COALESCE(SUM(count) FILTER (WHERE event_type = 'registration.cancelled'), 0)::BIGINT AS cancellations,
       COALESCE(SUM(count) FILTER (WHERE event_type = 'checkin.completed'), 0)::BIGINT      AS check_ins
FROM analytics_service.event_rollup rollup
LEFT JOIN analytics_service.tracked_events event USING (event_id)
GROUP BY rollup.event_id, event.title, rollup.day;

-- One row for each event, day and currency with payments or refunds.
CREATE VIEW analytics_service.bi_revenue WITH (security_invoker = TRUE) AS
SELECT rollup.event_id,
       event.title,
       rollup.day,
       rollup.currency,
       COALESCE(SUM(count) FILTER (WHERE event_type = 'payment.completed'), 0)::BIGINT        AS payments,
       COALESCE(SUM(amount_cents) FILTER (WHERE event_type = 'payment.completed'), 0)::BIGINT AS amount_cents,
       COALESCE(SUM(count) FILTER (WHERE event_type = 'payment.refunded'), 0)::BIGINT         AS refunds,
       COALESCE(SUM(amount_cents) FILTER (WHERE event_type = 'payment.refunded'), 0)::BIGINT  AS refunded_cents
FROM analytics_service.event_rollup rollup
LEFT JOIN analytics_service.tracked_events event USING (event_id)
WHERE event_type IN ('payment.completed', 'payment.refunded')
GROUP BY rollup.event_id, event.title, rollup.day, rollup.currency;

-- Creates a login with the views of a tenant. The password is a SCRAM verifier. Needs the right to create roles and
-- to grant analytics_bi. The login can change its settings, so that they protect against accidents only.
CREATE FUNCTION analytics_service.create_bi_user(of_login TEXT, verifier TEXT, of_tenant UUID) RETURNS VOID
    LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L CONNECTION LIMIT 5 IN ROLE analytics_bi',
                   of_login, verifier);
    EXECUTE format('ALTER ROLE %I SET search_path = analytics_service', of_login);
    EXECUTE format('ALTER ROLE %I SET default_transaction_read_only = on', of_login);
    EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', of_login, '60s');
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', of_login, '60s');
    INSERT INTO analytics_service.bi_users (login, tenant_id) VALUES (of_login, of_tenant);
END
$$;

-- Drops a login. Returns whether it exists. Its open connections have no tenant from then on.
CREATE FUNCTION analytics_service.drop_bi_user(of_login TEXT) RETURNS BOOLEAN
    LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM analytics_service.bi_users WHERE login = of_login;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;
    EXECUTE format('DROP ROLE IF EXISTS %I', of_login);
    RETURN TRUE;
END
$$;
