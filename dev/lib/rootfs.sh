# The private Debian root filesystem in which the servers run (chroot). On the
# host, only debootstrap and the keyring of Debian are installed.

SUITE=trixie
PACKAGES=postgresql-17,postgresql-17-timescaledb,rabbitmq-server,pgbouncer
# Named by its content: other versions are another root filesystem.
ROOTFS=$CACHE/rootfs-$SUITE-pg17

can_make_rootfs() {
  [[ $EUID == 0 ]] && command -v apt-get >/dev/null && grep -Eqi '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release
}

make_rootfs() {
  step "root filesystem (Debian $SUITE with PostgreSQL, TimescaleDB, RabbitMQ)"
  if [[ -d $ROOTFS ]]; then
    add_missing_packages
    done_step 'there already'
    return
  fi
  install_debootstrap

  # Made under another name and renamed at the end: what bears the final name
  # is whole, also after a crash. Leftovers of a crash may hold a mounted /proc.
  local unfinished=$ROOTFS.unfinished
  umount --lazy "$unfinished/proc" "$unfinished/sys" 2>/dev/null || true
  rm -rf --one-file-system "$unfinished"
  refuse_services "$unfinished"

  local log=$CACHE/log/debootstrap.log mirror
  mkdir -p "$CACHE/log"
  mapfile -t mirror < <(debian_mirror)
  debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$unfinished" "${mirror[@]}" 2>&1 |
    tee "$log" | show_phases ||
    fail "debootstrap failed; the end of $log:"$'\n'"$(tail -n 5 "$log")"

  chroot "$unfinished" apt-get clean
  # Erlang looks its own node's host up, and a minimal system has no such file.
  echo '127.0.0.1 localhost' >"$unfinished/etc/hosts"
  mkdir -p "$unfinished/srv/postgres" "$unfinished/srv/rabbitmq"
  mv "$unfinished" "$ROOTFS"
  done_step "made, $(du -sm "$ROOTFS" | cut -f1) MB"
}

# Installs the packages that an older version of this list did not have. Servers may be running.
add_missing_packages() {
  local log=$CACHE/log/apt-rootfs.log packages
  IFS=, read -ra packages <<<"$PACKAGES"
  if chroot "$ROOTFS" dpkg-query --show "${packages[@]}" >/dev/null 2>&1; then return; fi
  mkdir -p "$CACHE/log"
  say "      adding packages: ${packages[*]}"
  cp /etc/resolv.conf "$ROOTFS/etc/resolv.conf"
  {
    chroot "$ROOTFS" apt-get update &&
      chroot "$ROOTFS" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends --no-upgrade "${packages[@]}" &&
      chroot "$ROOTFS" apt-get clean
  } >"$log" 2>&1 9>&- || fail "apt-get could not install ${packages[*]}: see $log"
}

install_debootstrap() {
  export DEBIAN_FRONTEND=noninteractive
  local log=$CACHE/log/apt.log packages=(debootstrap)
  # Ubuntu does not carry the keys of Debian's archive unless asked.
  [[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]] || packages+=(debian-archive-keyring)
  if command -v debootstrap >/dev/null && [[ ${#packages[@]} == 1 ]]; then return; fi
  mkdir -p "$CACHE/log"
  say '      installing debootstrap'
  # A fresh container image has no package lists, an old one has stale lists.
  apt-get install --yes --no-install-recommends "${packages[@]}" >"$log" 2>&1 9>&- ||
    { apt-get update && apt-get install --yes --no-install-recommends "${packages[@]}"; } >"$log" 2>&1 9>&- ||
    fail "apt-get could not install ${packages[*]}: see $log"
}

# Prints the Debian mirror of the host's apt. On Ubuntu there is none, and
# debootstrap uses its default.
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 'Component: main' 2>/dev/null |
    grep -m 1 -E '^https?://' || true
}

# Prevents the package scripts from starting services in the new system and from
# creating Debian's default database cluster, which is not used.
refuse_services() {
  mkdir -p "$1/usr/sbin" "$1/etc/postgresql-common"
  printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
  chmod 755 "$1/usr/sbin/policy-rc.d"
  echo 'create_main_cluster = false' >"$1/etc/postgresql-common/createcluster.conf"
}

# Summarizes the output of debootstrap, which has a line for each of about 150
# packages, by phase.
show_phases() {
  local line phase='' now
  while IFS= read -r line; do
    case $line in
      *'Retrieving '*) now='downloading packages' ;;
      *'Extracting '*) now='extracting the base' ;;
      *'Installing core packages'*) now='installing the base' ;;
      *'Unpacking the base system'*) now='unpacking the servers' ;;
      *'Configuring the base system'*) now='configuring the servers' ;;
      *) now=$phase ;;
    esac
    if [[ $now != "$phase" ]]; then
      phase=$now
      printf '      %5s s  %s\n' "$(seconds_since "$step_since")" "$phase"
    fi
  done
}
