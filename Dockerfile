# syntax=docker/dockerfile:1
# One image per program:
#   docker build --target ingest    --tag analytics-ingest:0.1.0 .
#   docker build --target query     --tag analytics-query:0.1.0 .
#   docker build --target migration --tag analytics-migration:0.1.0 .
# For both architectures: docker buildx build --platform linux/amd64,linux/arm64 --target ingest .
#
# The bases are arguments, so that a release can name them by digest (docs/OPERATIONS.md).
ARG BUILD_BASE=docker.io/library/rust:1.95-trixie
ARG RUNTIME_BASE=gcr.io/distroless/cc-debian13:latest
# The stage with the programs in /out: `build`, or an image with programs that were built elsewhere.
ARG PROGRAMS=build

# Runs on the architecture of the builder and compiles for that of the image: an emulated compiler takes hours.
FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS toolchain
RUN cargo install --locked --version 0.1.78 cargo-chef
ARG TARGETARCH
ARG BUILDARCH
RUN case "$TARGETARCH" in \
      amd64) rust=x86_64-unknown-linux-gnu gnu=x86-64-linux-gnu ;; \
      arm64) rust=aarch64-unknown-linux-gnu gnu=aarch64-linux-gnu ;; \
      *) echo "no programs for $TARGETARCH" >&2; exit 1 ;; \
    esac \
    && if [ "$TARGETARCH" != "$BUILDARCH" ]; then \
      rustup target add "$rust" \
      && apt-get update \
      && apt-get install --yes --no-install-recommends "gcc-$gnu" "libc6-dev-$TARGETARCH-cross" \
      && rm -rf /var/lib/apt/lists/*; \
    fi \
    && printf '[build]\ntarget = "%s"\n[target.%s]\nlinker = "%s-gcc"\n' \
      "$rust" "$rust" "$(echo "$gnu" | sed s/x86-64/x86_64/)" >"$CARGO_HOME/config.toml"
# Kernels of arm64 have pages of up to 64 KiB, which jemalloc must know.
ENV CARGO_PROFILE_RELEASE_STRIP=symbols \
    AARCH64_UNKNOWN_LINUX_GNU_JEMALLOC_SYS_WITH_LG_PAGE=16
WORKDIR /src

FROM toolchain AS plan
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

# The dependencies are a layer of their own, which changes only with the manifests.
FROM toolchain AS build
COPY --from=plan /src/recipe.json .
RUN cargo chef cook --release --locked \
      --package analytics-ingest --package analytics-query --package analytics-migration
COPY . .
RUN cargo build --release --locked \
      --package analytics-ingest --package analytics-query --package analytics-migration \
    && install -D --target-directory=/out \
      target/*/release/analytics-ingest \
      target/*/release/analytics-query \
      target/*/release/analytics-migration

FROM ${PROGRAMS} AS programs

# The base has the C library, libgcc and certificates of authorities, and no shell.
FROM ${RUNTIME_BASE} AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# The texts of both licences. The notices of the libraries are in the software bill of materials.
COPY LICENSE-APACHE LICENSE-MIT /usr/share/doc/analytics-service/
# A number, not a name: Kubernetes checks runAsNonRoot against it.
USER 65532:65532
WORKDIR /

FROM runtime AS ingest
LABEL org.opencontainers.image.title="analytics-ingest" \
      org.opencontainers.image.description="Write tier of the analytics service: HTTP tracking and RabbitMQ"
COPY --from=programs /out/analytics-ingest /usr/local/bin/
EXPOSE 8086 9086
ENTRYPOINT ["/usr/local/bin/analytics-ingest"]

FROM runtime AS query
LABEL org.opencontainers.image.title="analytics-query" \
      org.opencontainers.image.description="Read tier of the analytics service: dashboards, funnels, reports, exports"
COPY --from=programs /out/analytics-query /usr/local/bin/
EXPOSE 8086 9086
ENTRYPOINT ["/usr/local/bin/analytics-query"]

FROM runtime AS migration
LABEL org.opencontainers.image.title="analytics-migration" \
      org.opencontainers.image.description="Brings the analytics service's database schema up to date"
COPY --from=programs /out/analytics-migration /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/analytics-migration"]
