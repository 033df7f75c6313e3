"""Sends a completed registration with Python's standard library, and again after a failure: with the same id and time
it is stored once.

    URL=http://127.0.0.1:8086 TOKEN=... EVENT_ID=... python3 docs/examples/track.py
"""

import json
import os
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timezone

fact = {
    "eventType": "registration.completed",
    "eventId": os.environ["EVENT_ID"],
    "id": str(uuid.uuid4()),
    "createdAt": datetime.now(timezone.utc).isoformat(),
    "properties": {"registrationId": "R-1001", "ticketTypeId": "standard", "source": "newsletter"},
}
request = urllib.request.Request(
    os.environ["URL"] + "/api/v1/analytics/track",
    data=json.dumps(fact).encode(),
    headers={"Authorization": "Bearer " + os.environ["TOKEN"], "Content-Type": "application/json"},
)


def send(attempts: int) -> dict:
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        if attempts == 1 or (error.code != 429 and error.code < 500):
            raise SystemExit(error.read().decode()) from error
        delay = int(error.headers.get("Retry-After", 1))
    except OSError:
        if attempts == 1:
            raise
        delay = 1
    time.sleep(delay)
    return send(attempts - 1)


print(send(5)["status"])
