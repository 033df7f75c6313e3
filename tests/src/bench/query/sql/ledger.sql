-- Every lifecycle fact with its key, as ingest enters it when it stores the fact.
INSERT INTO analytics_service.lifecycle_ledger
    (dedup_key, event_type, tenant_id, fact_id, created_at, provenance)
SELECT CASE WHEN event_type = 'payment.completed' THEN properties ->> 'paymentId'
            ELSE properties ->> 'registrationId' END COLLATE "C",
       event_type COLLATE "C", tenant_id, id, created_at, 'service'
FROM analytics_service.analytics_events
WHERE event_type IN ('registration.completed', 'registration.cancelled', 'checkin.completed',
                     'payment.completed')
ORDER BY 1, 2, 3
