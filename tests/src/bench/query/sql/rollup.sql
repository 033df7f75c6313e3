-- The rollup of all facts at once: the same as rebuild_days, which `analytics-migration rebuild` calls for
-- one event after the other. That takes three to four times as long, because the facts of an event lie on
-- as many pages as there are facts. `analytics-migration verify` says whether it is the same.
BEGIN;
SET LOCAL search_path = analytics_service, public;
SET LOCAL work_mem = '256MB';

CREATE UNLOGGED TABLE countable AS
SELECT fact.*, NULL::DATE AS day, NULL::SMALLINT AS hour FROM countable_facts fact WITH NO DATA;

-- Facts are read for one tenant at a time.
DO $$
DECLARE
    tenant UUID;
BEGIN
    FOR tenant IN SELECT DISTINCT tenant_id FROM tracked_events LOOP
        PERFORM set_tenant(tenant);
        INSERT INTO countable
        SELECT fact.*,
               fact_day(fact.created_at, event.timezone),
               fact_hour(fact.created_at, event.timezone)
        FROM countable_facts fact
        JOIN tracked_events event ON event.event_id = fact.event_id;
    END LOOP;
END
$$;

ANALYZE countable;

-- As compaction leaves it: one row for each key, those of days that are over sealed.
INSERT INTO event_rollup
    (level, tenant_id, event_id, day, event_type, source, ticket_type, currency,
     ticket_type_name, count, amount_cents, hours, hour_counts, visitors, links)
SELECT CASE WHEN day < (NOW() - INTERVAL '13 hours')::DATE THEN 2 ELSE 1 END,
       tenant_id, event_id, day, event_type COLLATE "C", source COLLATE "C",
       ticket_type COLLATE "C", currency COLLATE "C",
       MAX(ticket_type_name), SUM(count), SUM(amount_cents),
       ARRAY_AGG(hour ORDER BY hour) FILTER (WHERE hour IS NOT NULL),
       ARRAY_AGG(facts ORDER BY hour) FILTER (WHERE hour IS NOT NULL),
       ARRAY_AGG(DISTINCT visitor) FILTER (WHERE visitor IS NOT NULL),
       ARRAY_AGG(DISTINCT link) FILTER (WHERE link IS NOT NULL)
FROM (
    SELECT tenant_id, event_id, day, event_type, source, ticket_type, currency,
           ticket_type_name, 1 AS count, amount_cents,
           NULL::SMALLINT AS hour, NULL::INTEGER AS facts, visitor, link
    FROM countable

    UNION ALL

    SELECT tenant_id, event_id, day, event_type, source, ticket_type, currency,
           NULL, 0, 0, hour, COUNT(*)::INTEGER, NULL, NULL
    FROM countable
    GROUP BY 1, 2, 3, 4, 5, 6, 7, hour
) AS part
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
ORDER BY 2, 3, 4;

INSERT INTO event_day_versions (tenant_id, event_id, day)
SELECT DISTINCT tenant_id, event_id, day
FROM countable
ORDER BY 1, 2, 3;

DROP TABLE countable;
COMMIT
