"""The chart sets every environment variable of the programs, with their defaults, and no others."""

import re
import unittest
from pathlib import Path

import yaml

from .release import CHART, COMPONENTS, TIERS, Release, rendered, with_values
from .variants import BROKER, variants

ROOT = Path(__file__).resolve().parents[3]
SOURCES = {
    "ingest": ["ingest/src/config.rs", "shared/src/config"],
    "query": ["query/src/config.rs", "shared/src/config"],
    "migration": ["migration/src/cli.rs", "migration/src/wait.rs"],
}
ARGUMENT = re.compile(r"#\[arg\((?P<text>.*?)\)\]\n", re.DOTALL)
FLATTEN = re.compile(r"pub \w+: (?:\w+::)*(\w+Config),")
STRUCT = re.compile(r"pub struct (\w+) \{(.*?)^\}", re.DOTALL | re.MULTILINE)
# Read by the client library, by KEDA, or by the kubelet in URLs.
OTHERS = {
    "PGUSER", "PGPASSWORD", "BROKER_USERNAME", "BROKER_PASSWORD", "SHARE_USERNAME", "SHARE_PASSWORD", "BROKER_TLS",
    "POD_NAME", "POD_NAMESPACE",
}  # fmt: skip


def structs(component):
    """The text of each configuration struct."""
    found = {}
    for name in SOURCES[component] + ["shared/src/config"]:
        path = ROOT / name
        for file in sorted(path.rglob("*.rs")) if path.is_dir() else [path]:
            found |= dict(STRUCT.findall(file.read_text()))
    return found


def arguments(component):
    """Each environment variable of `serve` (or of the migration), with its default or None."""
    found, defined = {}, structs(component)
    waiting = ["Cli", "WaitConfig"] if component == "migration" else ["ServeConfig"]
    while waiting:
        text = defined[waiting.pop()]
        waiting += [name for name in FLATTEN.findall(text) if name in defined]
        for match in ARGUMENT.finditer(text):
            variable = re.search(r'env = "(\w+)"', match["text"])
            default = re.search(r'default_value(?:_t)? = (?:"([^"]*)"|([\w.]+))', match["text"])
            if variable:
                value = default and (default[1] if default[1] is not None else default[2].replace("_", ""))
                found[variable[1]] = value
    return found


def everything(component):
    """All variables that some rendering sets on a component."""
    deployments = [it for it in variants().values() if it.has(component)]
    return {name for release in deployments for name in release.env(component)}


class Environment(unittest.TestCase):
    def test_the_sources_are_understood(self):
        self.assertEqual(arguments("ingest")["BATCH_MAX_ROWS"], "2000")
        self.assertEqual(arguments("query")["LOG_FORMAT"], "text")
        self.assertIn("DATABASE_CA_FILE", arguments("migration"))
        self.assertGreater(len(arguments("query")), 30)

    def test_the_chart_can_set_every_variable(self):
        for component in COMPONENTS:
            with self.subTest(component=component):
                self.assertEqual(set(arguments(component)) - everything(component), set())

    def test_the_chart_sets_no_variable_that_a_program_does_not_have(self):
        given = {"NODE_NAME", "RUST_BACKTRACE"}
        for component in COMPONENTS:
            with self.subTest(component=component):
                self.assertEqual(everything(component) - set(arguments(component)) - OTHERS - given, set())

    def test_defaults_are_those_of_the_programs(self):
        # The chart logs for collectors.
        different = {"LOG_FORMAT"}
        release = Release(with_values(BROKER))
        for component in COMPONENTS:
            defaults = arguments(component)
            for name, entry in release.env(component).items():
                if defaults.get(name) and name not in different:
                    with self.subTest(component=component, variable=name):
                        self.assertEqual(entry["value"], defaults[name])

    def test_both_tiers_have_the_same_structure_of_values(self):
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        keys = [set(values[tier]) for tier in TIERS]
        self.assertEqual(*keys)
        self.assertEqual(rendered("minimal").env("ingest")["LOG_FORMAT"]["value"], "json")
