#!/bin/sh
# Sends a completed registration with curl, and again after a failure: with the same id and time it is stored once.
#   URL=http://127.0.0.1:8086 TOKEN=… EVENT_ID=… docs/examples/track.sh
set -eu

now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
curl --silent --show-error --fail-with-body --retry 5 --retry-all-errors \
  --header "Authorization: Bearer $TOKEN" --header 'Content-Type: application/json' \
  --data "{
    \"eventType\": \"registration.completed\", \"eventId\": \"$EVENT_ID\",
    \"id\": \"$(cat /proc/sys/kernel/random/uuid)\", \"createdAt\": \"$now\",
    \"properties\": {\"registrationId\": \"R-1001\", \"ticketTypeId\": \"standard\", \"source\": \"newsletter\"}
  }" "$URL/api/v1/analytics/track"
