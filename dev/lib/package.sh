# Programs of Debian packages, and packages of npm, installed when they are first needed.

# Installs the package $2 unless the program $1 exists.
need_program() {
  local program=$1 package=$2
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/analytics-service
  if command -v "$program" >/dev/null; then return; fi
  mkdir -p "$cache/log"
  # Two tests may start at the same time; the second waits for the installation of the first.
  exec 9>"$cache/apt.lock"
  flock 9
  if ! command -v "$program" >/dev/null; then apt_install "$package" "$cache/log/apt-$package.log"; fi
  exec 9>&-
}

apt_install() {
  local package=$1 log=$2
  if [[ $EUID != 0 ]] || ! command -v apt-get >/dev/null; then
    printf '%s: please install the package %s of Debian or Ubuntu\n' "$0" "$package" >&2
    exit 1
  fi
  printf '%s: installing %s (once)\n' "$0" "$package" >&2
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get install --yes --no-install-recommends "$package" ||
      { apt-get update && apt-get install --yes --no-install-recommends "$package"; }
  } >"$log" 2>&1 || printf '%s: apt-get failed: see %s\n' "$0" "$log" >&2
}

# Installs the packages of the folder $1 as its package-lock.json names them. None needs a script of its own.
need_npm_packages() {
  local folder=$1 npm
  npm=$(dirname "${BASH_SOURCE[0]}")/../npm
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/analytics-service
  mkdir -p "$cache"
  # Two tests may start at the same time; the second waits for the installation of the first.
  exec 8>"$cache/npm.lock"
  flock 8
  if ! cmp --silent "$folder/package-lock.json" "$folder/node_modules/.installed"; then
    "$npm" --prefix "$folder" --no-update-notifier ci --ignore-scripts >&2
    cp "$folder/package-lock.json" "$folder/node_modules/.installed"
  fi
  exec 8>&-
}

# Prints the path of the program $1 of the Debian package $2. The package is unpacked and not installed, because it
# would start a server.
unpacked_program() {
  local program=$1 package=$2
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/analytics-service
  if command -v "$program"; then return; fi
  mkdir -p "$cache/$package" "$cache/log"
  # Two tests may start at the same time; the second waits for the package of the first.
  exec 9>"$cache/$package.lock"
  flock 9
  if [[ ! -x $cache/$package/usr/bin/$program ]]; then unpack "$package" "$cache/$package" "$cache/log/$package.log"; fi
  exec 9>&-
  printf '%s\n' "$cache/$package/usr/bin/$program"
}

unpack() {
  local package=$1 folder=$2 log=$3
  if ! command -v apt-get >/dev/null; then
    printf '%s: please install the programs of the package %s\n' "$0" "$package" >&2
    exit 1
  fi
  printf '%s: unpacking %s (once)\n' "$0" "$package" >&2
  (
    cd "$folder"
    apt-get download "$package" || { apt-get update && apt-get download "$package"; }
    dpkg-deb --extract "$package"_*.deb .
    rm -f "$package"_*.deb
  ) >"$log" 2>&1 || printf '%s: see %s\n' "$0" "$log" >&2
}
