# syntax=docker/dockerfile:1
# One image per binary:
#   docker build --target ingest    --tag analytics-ingest:0.1.0 .
#   docker build --target query     --tag analytics-query:0.1.0 .
#   docker build --target migration --tag analytics-migration:0.1.0 .

FROM rust:1.95-bookworm AS build
WORKDIR /src
# Every member's manifest is needed to resolve the workspace, tests included,
# although nothing of tests is built.
COPY Cargo.toml Cargo.lock ./
COPY shared shared
COPY ingest ingest
COPY query query
COPY migration migration
COPY tests tests
# Downloaded and compiled dependencies stay in the cache mounts, so a change in
# our code compiles our code only. A mount is no part of the image: the
# binaries are copied out of it.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked \
      -p analytics-ingest -p analytics-query -p analytics-migration \
    && install -D --strip --target-directory=/out \
      target/release/analytics-ingest \
      target/release/analytics-query \
      target/release/analytics-migration

FROM debian:bookworm-slim AS runtime
# Certificates for TLS to the database and the broker.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# A number, not a name: Kubernetes checks runAsNonRoot against it.
USER 65532:65532

FROM runtime AS ingest
LABEL org.opencontainers.image.title="analytics-ingest" \
      org.opencontainers.image.description="Write tier of the analytics service: HTTP tracking and RabbitMQ"
COPY --from=build /out/analytics-ingest /usr/local/bin/
EXPOSE 8086 9086
ENTRYPOINT ["/usr/local/bin/analytics-ingest"]

FROM runtime AS query
LABEL org.opencontainers.image.title="analytics-query" \
      org.opencontainers.image.description="Read tier of the analytics service: dashboards, funnels, reports, exports"
COPY --from=build /out/analytics-query /usr/local/bin/
EXPOSE 8086 9086
ENTRYPOINT ["/usr/local/bin/analytics-query"]

FROM runtime AS migration
LABEL org.opencontainers.image.title="analytics-migration" \
      org.opencontainers.image.description="Brings the analytics service's database schema up to date"
COPY --from=build /out/analytics-migration /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/analytics-migration"]
