"""Checks the bills of materials that dev/sbom has written: valid, and complete.

    dev/sbom && dev/python tests/checks/sbom.py
"""

import json
import os
import subprocess
import unittest
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "sbom"
PROGRAMS = ("analytics-ingest", "analytics-query", "analytics-migration")


def compiled(program):
    """The crates that are compiled into a program, by cargo: {("serde", "1.0.0"), ...}."""
    tree = subprocess.run(
        ["cargo", "tree", "--locked", "-p", program, "-e", "normal", "--prefix", "none"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout
    lines = (line.split(" ")[:2] for line in tree.splitlines() if line)
    return {(name, version.removeprefix("v")) for name, version in lines}


class BillOfMaterials(unittest.TestCase):
    def test_each_is_valid_cyclonedx(self):
        validator = JsonStrictValidator(SchemaVersion.V1_5)
        for program in PROGRAMS:
            with self.subTest(program=program):
                text = (FOLDER / f"{program}.cdx.json").read_text()
                self.assertIsNone(validator.validate_str(text))

    def test_each_lists_the_crates_that_cargo_compiles_with_licence_and_hash(self):
        for program in PROGRAMS:
            with self.subTest(program=program):
                bom = json.loads((FOLDER / f"{program}.cdx.json").read_text())
                self.assertEqual(bom["metadata"]["component"]["name"], program)
                components = {
                    (component["name"], component["version"]): component
                    for component in bom["components"]
                }
                own = {crate for crate in compiled(program) if crate[0].startswith("analytics-")}
                missing = compiled(program) - own - set(components)
                self.assertEqual(missing, set())
                for (name, _), component in components.items():
                    if not name.startswith("analytics-"):
                        self.assertTrue(component["purl"].startswith("pkg:cargo/"), name)
                        self.assertEqual(component["hashes"][0]["alg"], "SHA-256", name)
                        self.assertTrue(component.get("licenses"), name)


if __name__ == "__main__":
    unittest.main()
