-- Dropping chunks is the owner's right, and the ingest tier owns nothing: this function is the one
-- thing it may do, with nothing to choose. Used where the edition of TimescaleDB has no policies.
CREATE FUNCTION analytics_service.drop_expired_facts() RETURNS SETOF TEXT
    LANGUAGE SQL SECURITY DEFINER SET search_path = analytics_service, public, pg_temp
AS $$
    SELECT drop_chunks('analytics_service.analytics_events', INTERVAL '1 year')
$$;
REVOKE ALL ON FUNCTION analytics_service.drop_expired_facts() FROM PUBLIC;
