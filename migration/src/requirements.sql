-- The privileges of the login, and what exists. $1: the names of the group roles.
SELECT current_user::TEXT                                                     AS login,
       current_database()::TEXT                                               AS database,
       ARRAY(SELECT name FROM unnest($1::TEXT[]) AS name
             WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name))    AS missing_roles,
       rolsuper OR rolcreaterole                                              AS may_create_roles,
       NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')    AS lacks_extension,
       rolsuper OR EXISTS (SELECT FROM pg_available_extension_versions
                           WHERE name = 'timescaledb' AND trusted)            AS may_create_extension,
       has_database_privilege(current_database(), 'CREATE')                   AS may_create_schema,
       COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE)      AS may_create_tables
FROM pg_roles
WHERE rolname = current_user;
