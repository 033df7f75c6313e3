"""Files that are generated from the chart, and whether they are up to date."""

import json
import unittest
from pathlib import Path

from .release import CHART, PROFILES, rendered
from .values_table import comments, table

README = CHART / "README.md"
SCHEMA = CHART / "values.schema.json"
GOLDEN = Path(__file__).with_name("golden")
BEGIN = "<!-- Generated from values.yaml by tests/checks/chart.py --renew. -->\n"
END = "<!-- End of the generated table. -->"
COMMAND = "dev/python tests/checks/chart.py --renew"


def readme():
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n\n{END}{after}"


def schema():
    """The schema with the comments of values.yaml as descriptions, in the place where each value is defined."""
    contents = json.loads(SCHEMA.read_text())
    for path, text in comments().items():
        if node := defined_at(contents, path):
            node["description"] = text
    return json.dumps(contents, indent=2, ensure_ascii=False) + "\n"


def defined_at(contents, path):
    """Returns the schema of a value, or None if another value has the same one."""
    node = contents
    for key in path:
        if "$ref" in node:
            return None
        node = node.get("properties", {}).get(key)
        if node is None:
            return None
    return node


def golden():
    """Each golden file with its contents."""
    return {GOLDEN / f"{name}.yaml": text(rendered(name)) for name in PROFILES}


def text(release):
    # The dashboards are files of the chart, and long.
    files = {name: it for name, it in release.files.items() if it.strip() and not name.endswith("/dashboards.yaml")}
    return "\n".join(f"# {name}\n{it.strip()}\n" for name, it in sorted(files.items()))


def renew():
    README.write_text(readme())
    SCHEMA.write_text(schema())
    GOLDEN.mkdir(exist_ok=True)
    for path, contents in golden().items():
        path.write_text(contents)


class Generated(unittest.TestCase):
    maxDiff = 4000

    def test_the_table_of_values_is_that_of_values_yaml(self):
        self.assertEqual(README.read_text(), readme(), COMMAND)

    def test_the_schema_has_the_descriptions_of_values_yaml(self):
        self.assertEqual(SCHEMA.read_text(), schema(), COMMAND)

    def test_profiles_render_to_their_golden_files(self):
        for path, contents in golden().items():
            with self.subTest(profile=path.stem):
                self.assertEqual(path.read_text(), contents, COMMAND)
