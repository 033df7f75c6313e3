-- The days of events, as read by shared/src/database/event_days.sql, which is the end of this statement. For reads
-- outside a snapshot.
CREATE FUNCTION analytics_service.event_days
    (of_tenant UUID, of_events UUID[], first_day DATE, last_day DATE, with_registry BOOLEAN,
     known_events UUID[], known_days DATE[], known_versions BIGINT[], known_changes TIMESTAMPTZ[],
     with_rows BOOLEAN, event_types TEXT[], types_with_visitors TEXT[], default_timezone TEXT,
     types_with_hours TEXT[])
    RETURNS TABLE (event_id UUID, day DATE, event_type VARCHAR, source TEXT, ticket_type TEXT,
                   ticket_type_name TEXT, currency TEXT, count BIGINT, amount_cents BIGINT,
                   hours SMALLINT[], hour_counts INTEGER[], visitors BIGINT[], links BIGINT[],
                   version BIGINT, changed_at TIMESTAMPTZ, owner UUID, title TEXT, starts_at TIMESTAMPTZ, timezone TEXT,
                   rollup_timezone TEXT)
    LANGUAGE plpgsql SET search_path = analytics_service, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_tenant(of_tenant);
    RETURN QUERY
