"""The values of the chart with their defaults and the comments of values.yaml."""

import json
import re
from functools import cache

import yaml

from .release import CHART

ENTRY = re.compile(r"( *)([A-Za-z]\w*):(?: .*)?")
COMMENT = re.compile(r" *# ?(.*)")


@cache
def comments():
    """The comment above each key: {("ingest", "replicas"): "Number of pods."}."""
    found, path, text = {}, [], []
    for line in (CHART / "values.yaml").read_text().splitlines():
        if match := COMMENT.fullmatch(line):
            text.append(match.group(1))
        elif match := ENTRY.fullmatch(line):
            path = [*path[: len(match.group(1)) // 2], match.group(2)]
            if text and not text[0].startswith("---"):
                found[tuple(path)] = " ".join(text)
            text = []
        else:
            text = []
    # The read tier has the comments of the write tier, unless it has its own, and so has the migration.
    for path, text in list(found.items()):
        if path[0] == "ingest":
            for other in ("query", "migration"):
                found.setdefault((other, *path[1:]), text)
    return found


def rows(values=None, path=()):
    """Yields (path, default, description) of each value; what has no comment belongs to the value above it."""
    values = yaml.safe_load((CHART / "values.yaml").read_text()) if values is None else values
    for key, value in values.items():
        here = (*path, key)
        if isinstance(value, dict) and value and any(it[: len(here)] == here and it != here for it in comments()):
            yield from rows(value, here)
        else:
            yield here, value, comments().get(here, "")


def table():
    """The table in Markdown. It does not repeat the values of the read tier that are those of the write tier."""
    lines = ["| value | default | description |", "|---|---|---|"]
    of_ingest = {path[1:]: entry for path, *entry in rows() if path[0] == "ingest"}
    for path, value, description in rows():
        if path[0] == "query" and of_ingest.get(path[1:]) == [value, description]:
            continue
        default = json.dumps(value, ensure_ascii=False).replace("|", "\\|")
        lines.append(f"| `{'.'.join(path)}` | `{default}` | {description.replace('|', chr(92) + '|')} |")
    return "\n".join(lines)
