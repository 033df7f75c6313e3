CREATE EXTENSION IF NOT EXISTS timescaledb;
CREATE SCHEMA analytics_service;

-- The age at which facts expire; the same as RETENTION in shared/src/fact.rs.
CREATE FUNCTION analytics_service.retention_interval() RETURNS INTERVAL
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN INTERVAL '1 year';
