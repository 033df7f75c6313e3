# The bases of the images, from the packages of Debian: nothing is downloaded from a registry of images.

RUNTIME_IMAGE=localhost/runtime
BUILD_IMAGE=localhost/toolchain
# Where the Rust toolchain of the host is mounted.
TOOLCHAIN=/usr/local/rust
# The content of distroless/cc, as far as it is needed: no shell, no package manager.
RUNTIME_PACKAGES=(base-files ca-certificates libc6 libgcc-s1 netbase tzdata)
RUNTIME_ROOT=$CACHE/image-runtime-$SUITE
BUILD_ROOT=$CACHE/image-toolchain-$SUITE

make_runtime_base() {
  step "base of the images (Debian $SUITE: ${RUNTIME_PACKAGES[*]})"
  with_lock unpack_runtime
  exec 9>&-
  import_root "$RUNTIME_ROOT" "$RUNTIME_IMAGE"
  done_step "$(du -sm "$RUNTIME_ROOT" | cut -f1) MB"
}

# Unpacks the packages without their scripts, as distroless does. The package manager of the root filesystem of
# dev/stack has the lists of the suite, whatever the host runs.
unpack_runtime() {
  [[ ! -d $RUNTIME_ROOT ]] || return 0
  [[ -d $ROOTFS ]] || make_rootfs
  local new=$RUNTIME_ROOT.unfinished debs=$ROOTFS/srv/debs log=$CACHE/log/image-runtime.log deb
  rm -rf "$new" "$debs"
  mkdir -p "$new" "$debs" "$CACHE/log"
  chroot "$ROOTFS" sh -euc '
    cd /srv/debs
    apt-get download "$@" || { apt-get update && apt-get download "$@"; }
  ' download "${RUNTIME_PACKAGES[@]}" >"$log" 2>&1 || fail "apt-get download failed: see $log"
  for deb in "$debs"/*.deb; do dpkg-deb --extract "$deb" "$new"; done
  rm -rf "$debs"
  # The scripts of packages are not run: this is what that of ca-certificates does.
  mkdir -p "$new/etc/ssl/certs"
  cat "$new"/usr/share/ca-certificates/mozilla/*.crt >"$new/etc/ssl/certs/ca-certificates.crt"
  # Scripts for a shell that is not there.
  rm -rf "$new/usr/sbin/update-ca-certificates" "$new/etc/update-motd.d" "$new/usr/share/doc/ca-certificates/examples"
  printf '%s\n' root:x:0:0:root:/root:/sbin/nologin nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin \
    nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin >"$new/etc/passwd"
  printf '%s\n' root:x:0: nobody:x:65534: nonroot:x:65532: >"$new/etc/group"
  mv "$new" "$RUNTIME_ROOT"
}

# What the image `rust` has, except the toolchain, which is mounted.
make_build_base() {
  step "base of the compilation (Debian $SUITE with gcc)"
  with_lock install_compiler
  exec 9>&-
  import_root "$BUILD_ROOT" "$BUILD_IMAGE" "ENV PATH=$TOOLCHAIN/bin:/usr/local/cargo/bin:/usr/bin:/bin" \
    'ENV CARGO_HOME=/usr/local/cargo'
  done_step "$(du -sm "$BUILD_ROOT" | cut -f1) MB"
}

install_compiler() {
  [[ ! -d $BUILD_ROOT ]] || return 0
  install_debootstrap
  local new=$BUILD_ROOT.unfinished log=$CACHE/log/image-toolchain.log mirror
  umount --lazy "$new/proc" "$new/sys" 2>/dev/null || true
  rm -rf --one-file-system "$new"
  mapfile -t mirror < <(debian_mirror)
  debootstrap --variant=minbase --include=ca-certificates,gcc,libc6-dev,make "$SUITE" "$new" "${mirror[@]}" \
    >"$log" 2>&1 || fail "debootstrap failed; the end of $log:"$'\n'"$(tail -n 5 "$log")"
  chroot "$new" apt-get clean
  mkdir -p "$new/usr/local/cargo" "$new$TOOLCHAIN"
  mv "$new" "$BUILD_ROOT"
}

# Makes an image of a folder, with further instructions.
import_root() {
  local root=$1 image=$2
  shift 2
  printf '%s\n' 'FROM scratch' 'COPY . /' "$@" | build_image --file - --tag "$image" "$root"
}
