-- The registrations that any countable fact of the period names, one row each, ordered by the time of their
-- first fact.
--   $1 tenant · $2 event, or NULL for all · $3 first day · $4 last day · $5 time zone
WITH facts AS (
    SELECT id, created_at, event_type, event_id, user_id,
           (properties ->> 'registrationId') COLLATE "C" AS registration_id,
           fact_source(properties) AS source,
           properties ->> 'ticketTypeId' AS ticket_type_id,
           properties ->> 'ticketTypeName' AS ticket_type_name,
           fact_currency(event_type, properties) AS currency,
           fact_amount(event_type, properties) AS amount_cents
    FROM tenant_facts
    WHERE tenant_id = $1 AND ($2::UUID IS NULL OR event_id = $2)
      AND created_at >= facts_since($3, $5)
      AND created_at < facts_before($4, $5)
      AND fact_day(created_at, $5) BETWEEN (SELECT GREATEST($3, first_complete_day($5))) AND $4
      AND properties ->> 'registrationId' IS NOT NULL
      AND is_countable(properties)
),
-- The fact that defines a registration: its completion, else its start, else its first fact. Everything
-- but times and sums comes from this fact, as in the metrics.
defining AS (
    SELECT DISTINCT ON (registration_id)
           registration_id, event_id, user_id, source, ticket_type_id, ticket_type_name
    FROM facts
    ORDER BY registration_id,
             CASE event_type WHEN 'registration.completed' THEN 0
                             WHEN 'registration.started' THEN 1
                             ELSE 2 END,
             created_at, id
),
sums AS (
    SELECT registration_id, currency,
           MIN(created_at) AS first_at,
           MIN(created_at) FILTER (WHERE event_type = 'registration.started') AS started_at,
           MIN(created_at) FILTER (WHERE event_type = 'registration.completed') AS completed_at,
           MIN(created_at) FILTER (WHERE event_type = 'registration.cancelled') AS cancelled_at,
           MIN(created_at) FILTER (WHERE event_type = 'checkin.completed') AS checked_in_at,
           MIN(created_at) FILTER (WHERE event_type = 'payment.completed') AS paid_at,
           MIN(created_at) FILTER (WHERE event_type = 'payment.refunded') AS refunded_at,
           COUNT(*) FILTER (WHERE event_type = 'payment.completed') AS payments,
           COUNT(*) FILTER (WHERE event_type = 'payment.refunded') AS refunds,
           COALESCE(SUM(amount_cents) FILTER (WHERE event_type = 'payment.completed'), 0)::BIGINT
               AS paid_cents,
           COALESCE(SUM(amount_cents) FILTER (WHERE event_type = 'payment.refunded'), 0)::BIGINT
               AS refunded_cents
    FROM facts
    GROUP BY registration_id, currency
),
-- A payment without amount and currency says nothing about revenue.
money AS (
    SELECT registration_id,
           ARRAY_AGG(currency ORDER BY currency) AS currencies,
           ARRAY_AGG(payments ORDER BY currency) AS payments,
           ARRAY_AGG(paid_cents ORDER BY currency) AS paid_cents,
           ARRAY_AGG(refunds ORDER BY currency) AS refunds,
           ARRAY_AGG(refunded_cents ORDER BY currency) AS refunded_cents
    FROM sums
    WHERE currency <> '' OR paid_cents <> 0 OR refunded_cents <> 0
    GROUP BY registration_id
),
times AS (
    SELECT registration_id, MIN(first_at) AS first_at,
           MIN(started_at) AS started_at, MIN(completed_at) AS completed_at,
           MIN(cancelled_at) AS cancelled_at, MIN(checked_in_at) AS checked_in_at,
           MIN(paid_at) AS paid_at, MIN(refunded_at) AS refunded_at
    FROM sums
    GROUP BY registration_id
)
SELECT defining.*, first_at, started_at, completed_at, cancelled_at, checked_in_at, paid_at,
       refunded_at, currencies, payments, paid_cents, refunds, refunded_cents
FROM defining
JOIN times USING (registration_id)
LEFT JOIN money USING (registration_id)
ORDER BY first_at, registration_id
