-- All events of one tenant, or one of them, by event and day. Those that count their days in the zone
-- that was asked for are read from the rollup, the others from their facts. One statement, so one
-- snapshot: an event whose zone changes meanwhile is neither missed nor read twice.
--   $1 tenant · $2 first day · $3 last day · $4 types to count · $5 types whose visitors are needed
--   $6 zone · $7 zone of events that name none · $8 event, or NULL for all
SELECT d.event_id, d.day, d.event_type, d.source, d.ticket_type, d.ticket_type_name, d.currency,
       d.count, d.amount_cents, NULL::BIGINT[] AS ordinals, NULL::BYTEA AS bitmap
FROM event_daily d
LEFT JOIN tracked_events e ON e.event_id = d.event_id
WHERE d.tenant_id = $1 AND d.day BETWEEN $2 AND $3 AND d.event_type = ANY ($4)
  AND COALESCE(e.timezone, $7) = $6 AND ($8::UUID IS NULL OR d.event_id = $8)

UNION ALL

SELECT v.event_id, v.day, v.event_type, v.source, v.ticket_type, NULL, '', 0, 0,
       v.ordinals, v.bitmap
FROM event_daily_visitors v
LEFT JOIN tracked_events e ON e.event_id = v.event_id
WHERE v.tenant_id = $1 AND v.day BETWEEN $2 AND $3 AND v.event_type = ANY ($5)
  AND COALESCE(e.timezone, $7) = $6 AND ($8::UUID IS NULL OR v.event_id = $8)

UNION ALL

-- Days of two zones lie at most two apart, which bounds where to look for the others.
SELECT event_id, fact_day(created_at, $6), event_type, source, ticket_type,
       MAX(ticket_type_name), currency, COUNT(*), SUM(amount_cents)::BIGINT,
       ARRAY_AGG(DISTINCT ordinal) FILTER (WHERE ordinal IS NOT NULL AND event_type = ANY ($5)),
       NULL
FROM counted_facts
WHERE tenant_id = $1
  AND event_id = ANY (ARRAY(
      SELECT DISTINCT d.event_id
      FROM event_daily d
      LEFT JOIN tracked_events e ON e.event_id = d.event_id
      WHERE d.tenant_id = $1 AND d.day BETWEEN $2::DATE - 2 AND $3::DATE + 2
        AND COALESCE(e.timezone, $7) <> $6 AND ($8::UUID IS NULL OR d.event_id = $8)))
  AND event_type = ANY ($4)
  AND created_at >= facts_since($2, $6)
  AND created_at < facts_before($3, $6)
  AND fact_day(created_at, $6) BETWEEN $2 AND $3
GROUP BY event_id, fact_day(created_at, $6), event_type, source, ticket_type, currency

ORDER BY event_id, day
