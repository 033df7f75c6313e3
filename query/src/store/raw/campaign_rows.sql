-- Rollup rows of an event, recounted from its facts, with the campaign of a fact in the place of its source.
--   $1 tenant · $2 event · $3 first day · $4 last day · $5 time zone · $6 event types
--   $7 source, or NULL for all
SELECT event_id, fact_day(created_at, $5) AS day, event_type, COALESCE(utm_campaign, '') AS campaign, ticket_type,
       MAX(ticket_type_name COLLATE "C") AS ticket_type_name, '' AS currency, COUNT(*) AS count,
       0::BIGINT AS amount_cents, ARRAY[]::SMALLINT[] AS hours, NULL::INTEGER[] AS hour_counts,
       ARRAY_AGG(DISTINCT visitor) FILTER (WHERE visitor IS NOT NULL) AS visitors, NULL::BIGINT[] AS links
FROM event_facts($1, $2, $3, $4, $5)
WHERE event_type = ANY ($6)
  AND ($7::TEXT IS NULL OR source = $7)
GROUP BY 1, 2, 3, 4, 5
