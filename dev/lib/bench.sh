# Shared by the benches: starts the servers, builds the programs in release mode, runs `analytics-bench`.

bench() {
  start_servers
  part 2 'build (takes some minutes the first time)'
  build_programs
  part 3 'bench'
  exec "${CARGO_TARGET_DIR:-target}/release/analytics-bench" "$@"
}

start_servers() {
  part 1 'servers'
  # With DATABASE_URL only, that server is measured, without RabbitMQ.
  if [[ -z ${DATABASE_URL:-} || -n ${AMQP_URL:-} ]]; then
    dev/stack up >&2
    eval "$(dev/stack env)"
  fi
}

build_programs() {
  cargo build --release --locked \
    -p analytics-ingest -p analytics-query -p analytics-migration -p analytics-tests \
    --bin analytics-ingest --bin analytics-query --bin analytics-migration --bin analytics-bench
}

part() { printf '\n== part %d of 3: %s\n' "$1" "$2" >&2; }
