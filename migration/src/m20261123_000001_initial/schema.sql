CREATE EXTENSION IF NOT EXISTS timescaledb;
CREATE SCHEMA analytics_service;

-- The applied migrations, which the tiers compare with those that they are built for. The body refers to the
-- table itself, whatever schema it is in.
CREATE FUNCTION analytics_service.applied_migrations() RETURNS TEXT[]
    LANGUAGE SQL STABLE SECURITY DEFINER SET search_path = analytics_service, pg_temp
    RETURN (SELECT COALESCE(array_agg(version::TEXT ORDER BY version), '{}') FROM analytics_migrations);
REVOKE ALL ON FUNCTION analytics_service.applied_migrations() FROM PUBLIC;

-- The age at which facts expire; the same as RETENTION in shared/src/fact.rs.
CREATE FUNCTION analytics_service.retention_interval() RETURNS INTERVAL
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN INTERVAL '1 year';
