-- Chunks with expired facts only, with their number of facts.
SELECT chunk_name::TEXT AS name, range_start, range_end, COUNT(fact.id) AS facts
FROM timescaledb_information.chunks
LEFT JOIN analytics_events fact
       ON fact.created_at >= range_start AND fact.created_at < range_end
      AND fact.created_at < NOW() - retention_interval()
WHERE hypertable_schema = 'analytics_service' AND hypertable_name = 'analytics_events'
  AND range_end <= NOW() - retention_interval()
GROUP BY 1, 2, 3
ORDER BY range_start
