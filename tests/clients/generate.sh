#!/usr/bin/env bash
# Generates a client of both tiers into a folder and calls every operation with it:
#   tests/clients/generate.sh openapi-fetch target/clients
# The script of the client finds the services in INGEST_URL and QUERY_URL, and sends TOKEN.
# shellcheck source-path=SCRIPTDIR/../..
set -euo pipefail
client=$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
source "$root/dev/lib/package.sh"
scripts=$root/tests/clients
mkdir -p "$2/$client"
cd "$2/$client"
rm -rf ./*

use_npm_packages() {
  need_npm_packages "$scripts"
  ln -s "$scripts/node_modules" node_modules
}

# Generates a client of the tier $2 in the language $1.
openapi_generator() {
  local language=$1 tier=$2
  shift 2
  "$root/dev/python" -c 'import openapi_generator_cli; openapi_generator_cli.cli()' generate \
    -g "$language" -i "$root/openapi/$tier.yaml" -o "$tier" "$@" >&2
}

run_typescript() {
  cp "$scripts/$client.ts" main.ts
  "$root/dev/node" node_modules/typescript/bin/tsc --noEmit --strict --skipLibCheck --target es2023 --module esnext \
    --moduleResolution bundler --lib es2023,dom,dom.asynciterable --types node main.ts >&2
  node_modules/@esbuild/*/bin/esbuild main.ts --bundle --platform=node --format=esm --outfile=main.mjs --log-level=warning
  "$root/dev/node" main.mjs
}

case $client in
  openapi-fetch)
    use_npm_packages
    for tier in ingest query; do
      "$root/dev/node" node_modules/openapi-typescript/bin/cli.js "$root/openapi/$tier.yaml" --output "$tier.ts" >&2
    done
    run_typescript
    ;;
  openapi-generator-typescript)
    use_npm_packages
    for tier in ingest query; do
      openapi_generator typescript-fetch "$tier"
    done
    run_typescript
    ;;
  openapi-python-client)
    for tier in ingest query; do
      "$root/dev/python" -m openapi_python_client generate --path "$root/openapi/$tier.yaml" \
        --output-path "$tier" --meta none >&2
    done
    PYTHONPATH=. "$root/dev/python" "$scripts/$client.py"
    ;;
  openapi-generator-python)
    for tier in ingest query; do
      openapi_generator python "$tier" --package-name "${tier}_client"
    done
    PYTHONPATH=ingest:query "$root/dev/python" "$scripts/$client.py"
    ;;
  *)
    printf 'unknown client %s\n' "$client" >&2
    exit 2
    ;;
esac
