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

DROP FUNCTION analytics_service.fact_counts(JSONB);
DROP TABLE analytics_service.visitor_salts;
