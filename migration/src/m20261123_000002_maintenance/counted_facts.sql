-- The view gets one more column: whom a fact counts for. Without it a visitor who has no row in
-- `visitors` cannot be told from a fact without a visitor.
CREATE OR REPLACE VIEW analytics_service.counted_facts AS
SELECT fact.tenant_id,
       fact.event_id,
       fact.created_at,
       fact.event_type,
       analytics_service.fact_source(fact.properties)                    AS source,
       analytics_service.fact_ticket_type(fact.properties)               AS ticket_type,
       fact.properties ->> 'ticketTypeName'                              AS ticket_type_name,
       analytics_service.fact_currency(fact.event_type, fact.properties) AS currency,
       analytics_service.fact_amount(fact.event_type, fact.properties)   AS amount_cents,
       visitor.ordinal,
       analytics_service.fact_visitor(fact.user_id, fact.properties)     AS visitor_id
FROM analytics_service.analytics_events fact
LEFT JOIN analytics_service.visitors visitor
       ON visitor.tenant_id = fact.tenant_id
      AND visitor.visitor_id = analytics_service.fact_visitor(fact.user_id, fact.properties)
WHERE fact.event_id IS NOT NULL;

-- Gives an ordinal to every visitor of the event who has none; whoever counts an event anew does
-- this first, or such visitors would be left out.
CREATE FUNCTION analytics_service.number_visitors(recounted UUID) RETURNS VOID
    LANGUAGE SQL
AS $$
    INSERT INTO analytics_service.visitors (tenant_id, visitor_id)
    SELECT DISTINCT tenant_id, visitor_id
    FROM analytics_service.counted_facts
    WHERE event_id = recounted AND visitor_id IS NOT NULL AND ordinal IS NULL
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING;
$$;
