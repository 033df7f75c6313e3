# PostgreSQL with TimescaleDB from the root filesystem.

PG_BIN=/usr/lib/postgresql/17/bin

# fsync stays on, so that tests of crashes are meaningful. Many connections and
# locks, because every test has a database of its own, and a query over a
# hypertable locks each of its chunks.
PG_SETTINGS=(
  -c listen_addresses=127.0.0.1
  -c port="$PG_PORT"
  -c unix_socket_directories=
  -c shared_preload_libraries=timescaledb
  -c timescaledb.telemetry_level=off
  -c timescaledb.max_background_workers=32
  -c max_worker_processes=64
  -c max_connections=300
  -c max_locks_per_transaction=256
  -c shared_buffers=512MB
  -c max_wal_size=4GB
  -c timezone=UTC
)

start_postgres() {
  step "PostgreSQL on 127.0.0.1:$PG_PORT"
  if server_pid postgres >/dev/null; then return; fi
  clear_remains postgres
  require_free_port "$PG_PORT"
  mkdir -p "$CACHE/data/postgres" "$CACHE/data/rabbitmq"
  [[ -d $CACHE/data/postgres/main ]] || init_postgres
  # No server of the stack runs now, so a pid file is left by a killed one. PostgreSQL
  # would honour it if the number is in use, if only by a process not reaped.
  rm -f "$CACHE/data/postgres/main/postmaster.pid"
  spawn postgres "$PG_BIN/postgres" -D /srv/postgres/main "${PG_SETTINGS[@]}"
}

# The superuser is `analytics`. The cluster is created in another directory and
# then renamed, so that an interrupted run leaves no incomplete one.
init_postgres() {
  local data=$CACHE/data/postgres
  rm -rf "$data/new"
  chroot "$ROOTFS" chown postgres: /srv/postgres
  chown --reference="$ROOTFS/srv/postgres" "$data"
  (enter_rootfs postgres sh -euc '
    bin=$1
    echo analytics >/tmp/password
    "$bin/initdb" --pgdata=/srv/postgres/new --username=analytics --pwfile=/tmp/password \
      --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
    echo "CREATE DATABASE analytics" | "$bin/postgres" --single -D /srv/postgres/new postgres
    mv /srv/postgres/new /srv/postgres/main
  ' init "$PG_BIN") </dev/null >"$CACHE/log/initdb.log" 2>&1 ||
    fail "initdb failed: see $CACHE/log/initdb.log"
}

await_postgres() {
  await_server postgres 60 postgres_selects
  done_step "answers, pid $(server_pid postgres)"
}

postgres_selects() {
  [[ $(chroot --userspec=nobody "$ROOTFS" \
    "$PG_BIN/psql" "$STACK_DATABASE_URL" --no-psqlrc --tuples-only --no-align \
    --command='SELECT 1' 2>/dev/null) == 1 ]]
}
