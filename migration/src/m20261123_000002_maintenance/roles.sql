GRANT EXECUTE ON FUNCTION analytics_service.kept_since(BOOLEAN) TO analytics_ingest;
GRANT EXECUTE ON FUNCTION analytics_service.expire_people() TO analytics_ingest;
GRANT SELECT, UPDATE ON analytics_service.rollup_retention TO analytics_ingest;
GRANT SELECT, DELETE ON analytics_service.sets_to_recount TO analytics_ingest;
