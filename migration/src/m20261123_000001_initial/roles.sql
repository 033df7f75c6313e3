-- One group role per tier, one for share links, and one for BI logins. Roles belong to the server: an administrator or a
-- migration of another database may have created them, or be creating them at the same time. A login that may not
-- create roles is refused even if they exist.
DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY ['analytics_ingest', 'analytics_query', 'analytics_sharing', 'analytics_bi'] LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = name);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$$;
