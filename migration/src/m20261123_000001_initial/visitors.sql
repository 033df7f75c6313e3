-- Visitors are stored in the rollup as 64-bit hashes of tenant, kind of id (user or browser) and id. A
-- browser id cannot equal a user id, because the kind is hashed. Among ten million visitors the
-- probability of any collision is 3 in a million.
CREATE FUNCTION analytics_service.visitor_hash(tenant_id UUID, kind TEXT, id TEXT) RETURNS BIGINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN hashtextextended((kind || id) COLLATE "C", uuid_hash_extended(tenant_id, 0));

-- The hash of a fixed visitor. If it differs from the recorded value, because another major version of
-- PostgreSQL hashes differently, the stored hashes are invalid.
CREATE FUNCTION analytics_service.visitor_hash_sample() RETURNS BIGINT
    LANGUAGE SQL STABLE
    RETURN analytics_service.visitor_hash(
        '01234567-89ab-cdef-0123-456789abcdef', 'v:', 'fixed visitor of the sample');

-- Records the sample that is valid for all rows of the rollup.
CREATE FUNCTION analytics_service.record_visitor_hash_sample() RETURNS VOID
    LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION analytics_service.recorded_visitor_hash_sample() RETURNS BIGINT
             LANGUAGE SQL IMMUTABLE PARALLEL SAFE
             RETURN %L::BIGINT',
        analytics_service.visitor_hash_sample());
END
$$;

SELECT analytics_service.record_visitor_hash_sample();

-- The daily random keys (UTC days) from which cookieless visitor ids are derived, shared by all replicas.
-- Creating a key deletes those older than two days.
CREATE TABLE analytics_service.visitor_salts (
    day  DATE  PRIMARY KEY,
    salt BYTEA NOT NULL CHECK (octet_length(salt) = 32)
);
