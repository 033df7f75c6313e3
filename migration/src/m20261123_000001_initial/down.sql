-- The roles stay: they belong to the whole server, and another database may use them. The
-- extension stays too: it was perhaps there before us.
DROP SCHEMA analytics_service CASCADE;
