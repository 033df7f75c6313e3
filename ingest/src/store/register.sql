-- Registers an event. Returns no row if it belongs to another tenant, or the registry contains the
-- values of a later message.
--   $1 event · $2 tenant · $3 organization · $4 title · $5 slug · $6 start · $7 time zone, or NULL
--   $8 time of publication · $9 time of the message · $10 default time zone
INSERT INTO tracked_events AS known
    (event_id, tenant_id, organization_id, title, slug, starts_at, timezone, rollup_timezone,
     published_at, source_updated_at)
SELECT $1::UUID, $2::UUID, $3::UUID, $4::TEXT, $5::TEXT, $6::TIMESTAMPTZ, $7::TEXT,
       -- Facts stored before the event was registered are counted in the default zone.
       CASE WHEN COALESCE($7, $10) = $10 THEN $10 END,
       $8::TIMESTAMPTZ, $9::TIMESTAMPTZ
-- Fails if PostgreSQL does not know the zone: no fact could be counted in it.
WHERE (NOW() AT TIME ZONE COALESCE($7, $10)) IS NOT NULL
ON CONFLICT (event_id) DO UPDATE
    SET organization_id   = COALESCE(EXCLUDED.organization_id, known.organization_id),
        title             = EXCLUDED.title,
        slug              = COALESCE(EXCLUDED.slug, known.slug),
        starts_at         = COALESCE(EXCLUDED.starts_at, known.starts_at),
        -- Messages may omit the zone; the stored one is kept.
        timezone          = COALESCE(EXCLUDED.timezone, known.timezone),
        rollup_timezone   = CASE WHEN known.rollup_timezone
                                    = COALESCE(EXCLUDED.timezone, known.timezone, $10)
                                 THEN known.rollup_timezone END,
        published_at      = EXCLUDED.published_at,
        source_updated_at = EXCLUDED.source_updated_at
    WHERE known.tenant_id = EXCLUDED.tenant_id
      AND known.source_updated_at <= EXCLUDED.source_updated_at
RETURNING rollup_timezone IS NULL AS needs_rebuild
