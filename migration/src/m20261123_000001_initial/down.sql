-- The roles are kept, because other databases of the server may use them; so is the extension, which may
-- have existed before.
DROP SCHEMA analytics_service CASCADE;
