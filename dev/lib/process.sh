# Starts and stops servers of the root filesystem.

# Replaces the calling shell by a command in the root filesystem, run as one of its
# users. The mounts are in a mount namespace of their own: they disappear with its
# last process, and are not visible on the host.
enter_rootfs() {
  local user=$1
  shift
  exec unshare --mount --propagation private -- bash -euc '
    rootfs=$1 data=$2 user=$3
    shift 3
    # Not even one inherited file may stay open: a caller that reads our
    # output through a pipe would wait for its end for ever.
    for fd in /proc/self/fd/*; do
      fd=${fd##*/}
      ((fd <= 2)) || eval "exec $fd>&-"
    done
    mount --rbind /dev "$rootfs/dev"
    mount -t tmpfs -o mode=1777 tmpfs "$rootfs/dev/shm"
    mount -t proc proc "$rootfs/proc"
    mount -t tmpfs -o mode=1777 tmpfs "$rootfs/tmp"
    mount --bind "$data/postgres" "$rootfs/srv/postgres"
    mount --bind "$data/rabbitmq" "$rootfs/srv/rabbitmq"
    cd /
    exec chroot --userspec="$user" "$rootfs" "$@"
  ' enter "$ROOTFS" "$CACHE/data" "$user" env -i PATH=/usr/sbin:/usr/bin LANG=C.UTF-8 HOME="/srv/$user" "$@"
}

# Starts a server in a session of its own, so that it outlives this shell and
# receives none of its signals.
spawn() {
  spawn_as "$1" "$@"
}

# The same, for a user with another name than the server.
spawn_as() {
  local user=$1 server=$2
  shift 2
  mkdir -p "$CACHE/log" "$CACHE/run"
  export -f enter_rootfs
  export CACHE ROOTFS
  setsid bash -c 'enter_rootfs "$@"' spawn "$user" "$@" \
    </dev/null >"$CACHE/log/$server.log" 2>&1 9>&- &
  echo $! >"$CACHE/run/$server.pid"
}

# Prints the pids of all processes of a user in the root filesystem. The root
# directory identifies a process of the stack, because process ids are reused.
inside_pids() {
  local uid
  uid=$(awk -F: -v user="$1" '$1 == user { print $3 }' "$ROOTFS/etc/passwd" 2>/dev/null) || return 0
  # find complains about processes that end while it looks.
  find /proc -maxdepth 2 -path '/proc/[0-9]*/root' -uid "$uid" -lname "$ROOTFS" \
    -printf '%h\n' 2>/dev/null | sed 's|/proc/||' || true
}

# Prints the pid of a server; fails if it is not running.
server_pid() {
  local pid
  pid=$(cat "$CACHE/run/$1.pid" 2>/dev/null) || return 1
  [[ $'\n'$(inside_pids "$1")$'\n' == *$'\n'"$pid"$'\n'* ]] || return 1
  printf '%s' "$pid"
}

# Child processes of a killed server would keep its port or its shared memory.
clear_remains() {
  local pids
  rm -f "$CACHE/run/$1.pid"
  mapfile -t pids < <(inside_pids "$1")
  [[ ${#pids[@]} == 0 ]] || kill -KILL "${pids[@]}" 2>/dev/null || true
  wait_for 10 nothing_inside "$1" || fail "remains of an earlier $1 do not end: ${pids[*]}"
}

nothing_inside() {
  [[ -z $(inside_pids "$1") ]]
}

stop_server() {
  local server=$1 signal=$2 pid
  if pid=$(server_pid "$server"); then
    kill -"$signal" "$pid"
    if wait_for 30 nothing_running "$server"; then
      say "$server stopped (pid $pid)"
    else
      say "$server did not stop in 30 s and was killed"
    fi
  else
    say "$server does not run"
  fi
  [[ ! -d $ROOTFS ]] || clear_remains "$server"
}

# The same for a single process: its root identifies it, because process ids are reused.
runs_inside() {
  [[ $(readlink "/proc/$1/root" 2>/dev/null) == "$ROOTFS" ]]
}

ended() {
  ! runs_inside "$1"
}

nothing_running() {
  ! server_pid "$1" >/dev/null
}

# Fails if another program listens on the port: it would be used instead of the server.
require_free_port() {
  ! port_open 127.0.0.1 "$1" ||
    fail "port $1 of 127.0.0.1 is taken by another program; stop it first"
}

# Waits until a server responds; prints the end of its log if it exits before.
await_server() {
  local server=$1 seconds=$2 deadline
  shift 2
  deadline=$((SECONDS + seconds))
  until "$@"; do
    if ((SECONDS >= deadline)) || ! kill -0 "$(cat "$CACHE/run/$server.pid")" 2>/dev/null; then
      fail "$server does not answer; the end of $CACHE/log/$server.log:"$'\n'"$(tail -n 15 "$CACHE/log/$server.log")"
    fi
    sleep 0.1
  done
}
