-- A visitor in the rollup is a 64-bit hash of the tenant, the kind of id (user or browser) and the
-- id itself: no dictionary, and a browser cannot claim to be a user. For ten million visitors the
-- probability that any two share a hash is 3 in a million.
CREATE FUNCTION analytics_service.visitor_hash(tenant_id UUID, kind TEXT, id TEXT) RETURNS BIGINT
    LANGUAGE SQL IMMUTABLE PARALLEL SAFE
    RETURN hashtextextended((kind || id) COLLATE "C", uuid_hash_extended(tenant_id, 0));

-- The hash of a fixed visitor. Another version of PostgreSQL may hash otherwise; then this differs from
-- the recorded value, and the stored hashes are those of nobody.
CREATE FUNCTION analytics_service.visitor_hash_sample() RETURNS BIGINT
    LANGUAGE SQL STABLE
    RETURN analytics_service.visitor_hash(
        '01234567-89ab-cdef-0123-456789abcdef', 'v:', 'fixed visitor of the sample');

-- Records the sample with which all rows of the rollup are made.
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

-- The keys with which ids of visitors without cookies are derived: random, one for each day (UTC),
-- the same for all replicas. Creating a new one deletes those that are two days old.
CREATE TABLE analytics_service.visitor_salts (
    day  DATE  PRIMARY KEY,
    salt BYTEA NOT NULL CHECK (octet_length(salt) = 32)
);
