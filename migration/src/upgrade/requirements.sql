-- The objects that are missing, and those that the login may not create. $1: the names of the group roles.
SELECT current_user::TEXT     AS login,
       current_database()::TEXT AS database,
       ARRAY(SELECT name FROM unnest($1::TEXT[]) WITH ORDINALITY AS role (name, position)
             WHERE NOT (rolsuper OR rolcreaterole)
               AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
             ORDER BY position) AS roles,
       NOT rolsuper
           AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')
           AND NOT EXISTS (SELECT FROM pg_available_extension_versions
                           WHERE name = 'timescaledb' AND trusted) AS extension,
       NOT has_database_privilege(current_database(), 'CREATE')
           OR NOT COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE) AS ownership
FROM pg_roles
WHERE rolname = current_user;
