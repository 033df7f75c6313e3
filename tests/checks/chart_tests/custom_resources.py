"""Validation of custom resources by the models of their operators."""

import json
import subprocess
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[3] / "dev" / "custom-resources"


def defects(objects):
    """Returns a list of defects for each object."""
    run = subprocess.run(
        [PROGRAM], input=json.dumps(objects), check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    return json.loads(run.stdout)
