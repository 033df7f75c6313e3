-- One group role per tier. Roles belong to the server: a migration of another database may have created
-- them, or be creating them at the same time.
DO $$
DECLARE
    tier TEXT;
BEGIN
    FOREACH tier IN ARRAY ARRAY ['analytics_ingest', 'analytics_query'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', tier);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA analytics_service TO analytics_ingest, analytics_query;

GRANT SELECT, INSERT ON analytics_service.analytics_events TO analytics_ingest;
GRANT SELECT, INSERT ON analytics_service.lifecycle_ledger TO analytics_ingest;
GRANT SELECT, INSERT, UPDATE ON analytics_service.tracked_events TO analytics_ingest;
GRANT SELECT, INSERT, DELETE ON analytics_service.event_rollup TO analytics_ingest;
GRANT SELECT, INSERT, UPDATE, DELETE ON analytics_service.event_day_versions TO analytics_ingest;
GRANT SELECT, INSERT, DELETE ON analytics_service.visitor_salts TO analytics_ingest;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON analytics_service.write_keys TO analytics_ingest;
-- For rebuilds after a change of the time zone.
GRANT SELECT ON analytics_service.countable_facts TO analytics_ingest;
GRANT EXECUTE ON FUNCTION analytics_service.drop_expired_facts() TO analytics_ingest;
GRANT EXECUTE ON FUNCTION analytics_service.expire_ledger() TO analytics_ingest;
GRANT SELECT ON analytics_service.superseded_claims TO analytics_ingest;
GRANT EXECUTE ON FUNCTION analytics_service.delete_superseded_claims(UUID, UUID, TEXT) TO analytics_ingest;

GRANT SELECT ON analytics_service.analytics_events TO analytics_query;
GRANT SELECT ON analytics_service.tracked_events TO analytics_query;
GRANT SELECT ON analytics_service.event_rollup TO analytics_query;
GRANT SELECT ON analytics_service.event_day_versions TO analytics_query;
GRANT SELECT ON analytics_service.countable_facts TO analytics_query;
