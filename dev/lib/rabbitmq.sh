# RabbitMQ from the root filesystem.

# Ports for the Erlang distribution: a RabbitMQ of the host may use the default ones.
ERLANG_NODE_PORT=55673
ERLANG_NAMES_PORT=55674

start_rabbitmq() {
  if server_pid rabbitmq >/dev/null; then return; fi
  clear_remains rabbitmq
  require_free_port "$AMQP_PORT"
  local data=$CACHE/data/rabbitmq
  mkdir -p "$data"
  chroot "$ROOTFS" chown rabbitmq: /srv/rabbitmq
  chown --reference="$ROOTFS/srv/rabbitmq" "$data"
  write_rabbitmq_config "$ROOTFS/etc/rabbitmq"
  # RUNNING_UNDER_SYSTEMD makes the start script become the broker instead of
  # waiting for it, so that the pid is the broker's and SIGTERM reaches it.
  # Erlang's name server is started here rather than by Erlang, which would
  # make a daemon of it that outlives the broker. It must be there before.
  spawn rabbitmq \
    ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$ERLANG_NAMES_PORT" \
    RUNNING_UNDER_SYSTEMD=1 RABBITMQ_NODENAME=analytics@localhost \
    RABBITMQ_DIST_PORT="$ERLANG_NODE_PORT" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
    RABBITMQ_MNESIA_BASE=/srv/rabbitmq/data RABBITMQ_LOG_BASE=/srv/rabbitmq/log \
    sh -c '
      epmd &
      until epmd -names >/dev/null 2>&1; do sleep 0.05; done
      exec /usr/lib/rabbitmq/bin/rabbitmq-server
    '
}

# Runs the broker's command-line tool in the root filesystem.
rabbitmqctl_inside() {
  enter_rootfs rabbitmq \
    ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$ERLANG_NAMES_PORT" \
    /usr/lib/rabbitmq/bin/rabbitmqctl --quiet --node analytics@localhost "$@"
}

# The broker creates the user when it boots with an empty database. No plugins: the
# management plugin would open another port.
write_rabbitmq_config() {
  cat >"$1/rabbitmq.conf" <<CONFIG
listeners.tcp.local = 127.0.0.1:$AMQP_PORT
default_user = analytics
default_pass = analytics
default_user_tags.administrator = true
log.file = false
log.console = true
CONFIG
  echo '[].' >"$1/enabled_plugins"
}

await_rabbitmq() {
  step "RabbitMQ on 127.0.0.1:$AMQP_PORT"
  await_server rabbitmq 90 rabbitmq_answers "$STACK_AMQP_URL"
  done_step "answers, pid $(server_pid rabbitmq)"
}
