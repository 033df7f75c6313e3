-- Each role has the privileges that its statements use.
GRANT USAGE ON SCHEMA analytics_service TO analytics_ingest, analytics_query, analytics_sharing, analytics_bi;

GRANT EXECUTE ON FUNCTION analytics_service.applied_migrations() TO analytics_ingest, analytics_query;

GRANT SELECT, INSERT ON analytics_service.analytics_events TO analytics_ingest;
GRANT SELECT, INSERT ON analytics_service.lifecycle_ledger TO analytics_ingest;
-- An event stays with its tenant.
GRANT SELECT, INSERT,
      UPDATE (organization_id, title, slug, starts_at, timezone, rollup_timezone, published_at, source_updated_at)
    ON analytics_service.tracked_events TO analytics_ingest;
GRANT SELECT, INSERT, DELETE ON analytics_service.event_rollup TO analytics_ingest;
GRANT SELECT, INSERT, UPDATE (version, changed_at), DELETE
    ON analytics_service.event_day_versions TO analytics_ingest;
GRANT SELECT, INSERT, DELETE ON analytics_service.visitor_salts TO analytics_ingest;
GRANT SELECT, INSERT, UPDATE (revoked_at) ON analytics_service.write_keys TO analytics_ingest;
-- For rebuilds after a change of the time zone.
GRANT SELECT ON analytics_service.countable_facts TO analytics_ingest;
GRANT EXECUTE ON FUNCTION analytics_service.wait_for_chunk_creation() TO analytics_ingest;
GRANT EXECUTE ON FUNCTION analytics_service.drop_oldest_expired_chunk() TO analytics_ingest;
GRANT EXECUTE ON FUNCTION analytics_service.expire_ledger() TO analytics_ingest;
GRANT EXECUTE ON FUNCTION analytics_service.expire_shared_links() TO analytics_ingest;
GRANT SELECT ON analytics_service.superseded_claims TO analytics_ingest;
GRANT EXECUTE ON FUNCTION analytics_service.delete_superseded_claims(UUID, UUID, TEXT) TO analytics_ingest;

-- Facts only through views of the current tenant: no privilege on the hypertable, and so none on its chunks.
GRANT SELECT ON analytics_service.tenant_facts TO analytics_query;
GRANT SELECT ON analytics_service.countable_facts TO analytics_query;
GRANT SELECT ON analytics_service.tracked_events TO analytics_query;
GRANT SELECT ON analytics_service.event_rollup TO analytics_query;
GRANT SELECT ON analytics_service.event_day_versions TO analytics_query;
GRANT EXECUTE ON FUNCTION analytics_service.event_owner(UUID) TO analytics_query;
GRANT EXECUTE ON FUNCTION analytics_service.tenant_with_facts_of(UUID) TO analytics_query;
-- The read tier verifies share links also without a login that can write them.
GRANT SELECT ON analytics_service.shared_links TO analytics_query;
GRANT EXECUTE ON FUNCTION analytics_service.shared_link_with_secret(BYTEA) TO analytics_query;

-- The only table that the read tier can write, with a login of its own.
GRANT SELECT, INSERT, UPDATE (revoked_at, last_used_at) ON analytics_service.shared_links TO analytics_sharing;
GRANT EXECUTE ON FUNCTION analytics_service.shared_link_with_secret(BYTEA) TO analytics_sharing;

-- The tables below the views, whose policies and privileges are those of the login.
GRANT SELECT ON analytics_service.tracked_events TO analytics_bi;
GRANT SELECT ON analytics_service.event_rollup TO analytics_bi;
GRANT SELECT ON analytics_service.bi_events TO analytics_bi;
GRANT SELECT ON analytics_service.bi_rollup TO analytics_bi;
GRANT SELECT ON analytics_service.bi_days TO analytics_bi;
GRANT SELECT ON analytics_service.bi_revenue TO analytics_bi;
GRANT EXECUTE ON FUNCTION analytics_service.bi_tenant() TO analytics_bi;
