-- The time since the last transaction that a replica has replayed, in seconds; 0 if it has replayed all that it has
-- received and is connected to its primary, which may be idle; NULL on a primary.
SELECT CASE
    WHEN NOT pg_is_in_recovery() THEN NULL
    WHEN pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn() AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
    ELSE EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())
END::DOUBLE PRECISION
