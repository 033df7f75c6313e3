# Probes a server in its own protocol. An open port is not sufficient: both
# servers may listen for some time before they serve requests.

# HOST and PORT of a URL, from "scheme://user:password@host:port/path".
url_host_port() {
  local rest=${1#*://} default_port=$2
  rest=${rest%%[/?]*}
  rest=${rest##*@}
  if [[ $rest =~ ^\[(.*)\](:([0-9]+))?$ ]]; then
    printf '%s %s\n' "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]:-$default_port}"
  elif [[ $rest == *:* ]]; then
    printf '%s %s\n' "${rest%:*}" "${rest##*:}"
  else
    printf '%s %s\n' "${rest:-127.0.0.1}" "$default_port"
  fi
}

# Sends a greeting (in printf notation) and prints the first byte of the
# response as a decimal number. In a separate bash, so that `timeout` can end a
# connection attempt that hangs.
first_byte() {
  timeout 3 bash -c '
    exec 2>/dev/null 3<>"/dev/tcp/$1/$2" || exit 1
    printf "$3" >&3
    LC_ALL=C IFS= read -r -d "" -n 1 byte <&3
    LC_ALL=C printf "%d" "'\''$byte"
  ' probe "$1" "$2" "$3" 2>/dev/null
}

port_open() {
  timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' probe "$1" "$2" 2>/dev/null
}

# PostgreSQL responds to an SSLRequest with S (83, supported) or N (78, not supported).
postgres_answers() {
  local host port
  read -r host port < <(url_host_port "$1" 5432)
  [[ $(first_byte "$host" "$port" '\x00\x00\x00\x08\x04\xd2\x16\x2f') =~ ^(83|78)$ ]]
}

# RabbitMQ responds to the AMQP 0-9-1 header with a method frame (type 1) once it
# has booted. With TLS, only the port is probed.
rabbitmq_answers() {
  local host port
  if [[ $1 == amqps:* ]]; then
    read -r host port < <(url_host_port "$1" 5671)
    port_open "$host" "$port"
    return
  fi
  read -r host port < <(url_host_port "$1" 5672)
  [[ $(first_byte "$host" "$port" 'AMQP\x00\x00\x09\x01') == 1 ]]
}

# Repeats a command until it succeeds, for at most the given number of seconds.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}
