# The two servers of compose.yaml, for hosts with a Docker engine.

docker_usable() {
  command -v docker >/dev/null &&
    timeout 10 docker info >/dev/null 2>&1 &&
    docker compose version >/dev/null 2>&1
}

compose() {
  docker compose --file "$REPO/compose.yaml" "$@"
}

# --wait returns when the health checks of compose.yaml pass, which query the
# servers themselves.
docker_up() {
  TOTAL_STEPS=1
  step 'TimescaleDB and RabbitMQ as containers'
  compose up --detach --wait timescaledb rabbitmq 9>&- || fail 'docker compose could not start the servers'
  record_backend docker
  done_step 'both answer'
}

docker_down() {
  compose stop timescaledb rabbitmq
  if [[ $1 == yes ]]; then
    compose rm --force --volumes timescaledb rabbitmq
    docker volume rm --force analytics-service_postgres analytics-service_rabbitmq
  fi
}
