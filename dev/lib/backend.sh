# Chooses the servers, and records the choice.

# True if DATABASE_URL and AMQP_URL are those of external servers. The URLs that
# `dev/stack env` prints are not: they refer to this stack.
using_given() {
  [[ -n ${DATABASE_URL:-} && -n ${AMQP_URL:-} ]] &&
    [[ $DATABASE_URL != "$STACK_DATABASE_URL" || $AMQP_URL != "$STACK_AMQP_URL" ]]
}

database_url() {
  if using_given; then printf '%s' "$DATABASE_URL"; else printf '%s' "$STACK_DATABASE_URL"; fi
}

amqp_url() {
  if using_given; then printf '%s' "$AMQP_URL"; else printf '%s' "$STACK_AMQP_URL"; fi
}

choose_backend() {
  if using_given; then
    echo given
  elif docker_usable; then
    echo docker
  elif can_make_rootfs; then
    echo rootfs
  else
    echo none
  fi
}

what_to_provide() {
  cat <<'MESSAGE'
cannot run TimescaleDB and RabbitMQ. Provide one of:
  1. external servers: set both DATABASE_URL and AMQP_URL
     (PostgreSQL with TimescaleDB 2.19 or newer; a role that may create schemas and roles)
  2. a running Docker engine with the Compose plugin
  3. root on Debian or Ubuntu, to create a private root filesystem
     (sudo dev/stack up, or a container started with --privileged)
MESSAGE
}

given_up() {
  TOTAL_STEPS=2
  step 'PostgreSQL of DATABASE_URL'
  wait_for 60 postgres_answers "$DATABASE_URL" ||
    fail 'the server of DATABASE_URL does not answer'
  done_step answers
  step 'RabbitMQ of AMQP_URL'
  wait_for 60 rabbitmq_answers "$AMQP_URL" || fail 'the server of AMQP_URL does not answer'
  done_step answers
}

recorded_backend() {
  cat "$CACHE/backend" 2>/dev/null || echo none
}

record_backend() {
  echo "$1" >"$CACHE/backend"
}

describe_backend() {
  case $(recorded_backend) in
    docker) echo "containers of $REPO/compose.yaml" ;;
    rootfs) echo "private Debian root filesystem in $CACHE" ;;
    *) echo 'never started (dev/stack up)' ;;
  esac
}

# One line of `status`: name, server, URL.
report_answer() {
  local state=stopped pid host port
  pid=$(server_pid "$2") && pid=", pid $pid"
  read -r host port < <(url_host_port "$3" "$([[ $2 == postgres ]] && echo 5432 || echo 5672)")
  "$2_answers" "$3" && state=answers
  printf '%-11s %s on %s:%s%s\n' "$1" "$state" "$host" "$port" "$pid"
  [[ $state == answers ]]
}

# Concurrent calls of `up` must not both create the root filesystem, or both start a
# server on the same data directory: the second waits.
with_lock() {
  mkdir -p "$CACHE"
  exec 9>"$CACHE/lock"
  if ! flock --nonblock 9; then
    say 'waiting for another dev/stack to finish'
    flock 9
  fi
  "$@"
}
