-- The lifecycle facts of users that the platform or a service has reported as well.
CREATE VIEW analytics_service.superseded_claims AS
SELECT claim.dedup_key, claim.event_type, claim.tenant_id, fact.event_id, claim.fact_id, claim.created_at
FROM analytics_service.lifecycle_ledger claim
JOIN analytics_service.lifecycle_ledger known
  ON known.dedup_key = claim.dedup_key AND known.event_type = claim.event_type
 AND known.tenant_id = claim.tenant_id AND NOT known.is_claim
-- With ORDER BY and LIMIT, TimescaleDB reads one chunk instead of all.
CROSS JOIN LATERAL (
    SELECT event_id FROM analytics_service.analytics_events
    WHERE id = claim.fact_id AND created_at = claim.created_at
    ORDER BY created_at
    LIMIT 1
) AS fact
WHERE claim.is_claim AND fact.event_id IS NOT NULL;

-- Deletes the superseded claims about an event of a tenant and recounts the event, with the privileges of the
-- owner, because the ingest tier cannot delete facts. The caller holds the event's lock. Returns the number of
-- deleted facts.
CREATE FUNCTION analytics_service.delete_superseded_claims
    (of_tenant UUID, of_event UUID, default_timezone TEXT) RETURNS BIGINT
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = analytics_service, public, pg_temp
AS $$
DECLARE
    deleted BIGINT;
BEGIN
    WITH superseded AS MATERIALIZED (
        SELECT * FROM superseded_claims WHERE tenant_id = of_tenant AND event_id = of_event
    ),
    claim AS (
        DELETE FROM lifecycle_ledger ledger USING superseded
        WHERE ledger.dedup_key = superseded.dedup_key AND ledger.event_type = superseded.event_type
          AND ledger.tenant_id = superseded.tenant_id AND ledger.is_claim
        RETURNING ledger.fact_id, ledger.created_at
    )
    DELETE FROM analytics_events fact USING claim
    WHERE fact.id = claim.fact_id AND fact.created_at = claim.created_at;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    IF deleted > 0 THEN
        PERFORM rebuild_days(of_tenant, of_event, default_timezone);
    END IF;
    RETURN deleted;
END
$$;
REVOKE ALL ON FUNCTION analytics_service.delete_superseded_claims(UUID, UUID, TEXT) FROM PUBLIC;
