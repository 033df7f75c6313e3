-- Chunks with expired facts only, with their number of facts.
SELECT name, range_start, range_end, COUNT(fact.id) AS facts
FROM expired_chunks()
LEFT JOIN analytics_events fact
       ON fact.created_at >= range_start AND fact.created_at < range_end
      AND fact.created_at < NOW() - retention_interval()
GROUP BY 1, 2, 3
ORDER BY range_start
