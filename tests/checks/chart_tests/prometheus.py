"""The alert rules and the dashboards of Prometheus, by promtool, and that their metrics exist."""

import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

from .release import CHART, TIERS, Release, rendered, with_values

ROOT = Path(__file__).resolve().parents[3]
RULES = CHART / "rules" / "alerts.yaml"
RECORDING = CHART / "rules" / "recording.yaml"
TESTS = Path(__file__).with_name("alerts_test.yaml")
RECORDING_TESTS = Path(__file__).with_name("recording_test.yaml")
RUNBOOK = ROOT / "docs" / "RUNBOOK.md"
DASHBOARDS = (*TIERS, "slo")
METRIC = re.compile(r"\b(?:analytics|process)_\w+")
SUFFIX = re.compile(r"_(bucket|count|sum)$")


def promtool(*arguments):
    return subprocess.run([ROOT / "dev" / "promtool", *arguments], capture_output=True, text=True, check=False)


def alerts():
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def recorded():
    """The windows of each recorded series."""
    groups = yaml.safe_load(RECORDING.read_text())["groups"]
    rules = (rule for group in groups for rule in group["rules"])
    return {(rule["record"], rule["labels"]["slo"]): rule["expr"] for rule in rules}


def documented():
    return set(METRIC.findall((ROOT / "docs" / "METRICS.md").read_text()))


def metrics(expression):
    return {SUFFIX.sub("", it) for it in METRIC.findall(expression)}


def sections():
    """The sections of the runbook, by the name of their alert."""
    parts = re.split(r"^## (Analytics\w+)\n", RUNBOOK.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


class Alerts(unittest.TestCase):
    def test_promtool_accepts_the_rules(self):
        run = promtool("check", "rules", "--lint-fatal", str(RULES), str(RECORDING))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_promtool_accepts_the_unit_tests(self):
        run = promtool("test", "rules", str(TESTS), str(RECORDING_TESTS))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_each_alert_has_a_unit_test_with_a_time_at_which_it_is_silent_and_one_at_which_it_fires(self):
        tests = {test["name"]: test["promql_expr_test"] for test in yaml.safe_load(TESTS.read_text())["tests"]}
        self.assertEqual(set(tests), set(alerts()))
        for name, (silent, firing) in tests.items():
            with self.subTest(alert=name):
                self.assertEqual([bool(it.get("exp_samples")) for it in (silent, firing)], [False, True])
                self.assertIn(f'alertname="{name}"', firing["expr"])

    def test_every_metric_is_documented(self):
        for name, rule in alerts().items():
            with self.subTest(alert=name):
                self.assertLessEqual(metrics(rule["expr"]), documented())
        for series, expression in recorded().items():
            with self.subTest(recorded=series):
                self.assertLessEqual(metrics(expression), documented())

    def test_every_recorded_series_of_an_alert_exists(self):
        used = set()
        for rule in alerts().values():
            used.update(re.findall(r'(analytics:\w+:\w+)\{slo="([\w-]+)"\}', rule["expr"]))
        self.assertEqual(used, set(recorded()))

    def test_each_alert_has_a_section_of_the_runbook_and_each_section_an_alert(self):
        self.assertEqual(list(sections()), list(alerts()))
        for name, text in sections().items():
            with self.subTest(alert=name):
                headings = re.findall(r"^\*\*(\w+)\.\*\*", text, flags=re.MULTILINE)
                self.assertEqual(headings, ["Meaning", "Impact", "Check", "Action"])
                url = alerts()[name]["annotations"]["runbook_url"]
                self.assertEqual(url, f"docs/RUNBOOK.md#{name.lower()}")

    def test_the_object_has_the_rules_of_the_files(self):
        (found,) = rendered("operators").all("PrometheusRule")
        files = (yaml.safe_load(path.read_text()) for path in (RECORDING, RULES))
        self.assertEqual(found["spec"]["groups"], [group for file in files for group in file["groups"]])

    def test_the_runbook_has_the_url_of_the_values(self):
        rules = {"enabled": True, "runbookUrl": "https://example.org/runbook"}
        (found,) = Release(with_values({"metrics.prometheusRule": rules})).all("PrometheusRule")
        rules = [rule for group in found["spec"]["groups"] for rule in group["rules"] if "alert" in rule]
        for rule in rules:
            url = f"https://example.org/runbook#{rule['alert'].lower()}"
            self.assertEqual(rule["annotations"]["runbook_url"], url)

    def test_an_alert_can_be_left_out(self):
        (found,) = rendered("everything").all("PrometheusRule")
        names = {rule.get("alert") for group in found["spec"]["groups"] for rule in group["rules"]}
        self.assertEqual(set(alerts()) - names, {"AnalyticsSlowReads"})

    def test_an_unknown_alert_cannot_be_left_out(self):
        rules = {"enabled": True, "disabledAlerts": ["Unknown"]}
        with self.assertRaisesRegex(Exception, "has no alert Unknown"):
            Release(with_values({"metrics.prometheusRule": rules}))


class Dashboards(unittest.TestCase):
    """Those of Prometheus; tests in Rust run their queries, and the statements of the dashboard of an event."""

    def expressions(self):
        for name in DASHBOARDS:
            dashboard = json.loads((CHART / "dashboards" / f"{name}.json").read_text())
            yield from ((name, target["expr"]) for panel in dashboard["panels"] for target in panel["targets"])

    def test_promtool_accepts_every_expression(self):
        rules = [
            {"record": f"{name}:{number}", "expr": text.replace("$__rate_interval", "5m")}
            for number, (name, text) in enumerate(self.expressions())
        ]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump({"groups": [{"name": "dashboards", "rules": rules}]}, file)
            file.flush()
            run = promtool("check", "rules", file.name)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_every_metric_is_documented_and_shown(self):
        shown = set().union(*(metrics(text) for _, text in self.expressions()))
        self.assertLessEqual(shown, documented())
        # The address space says nothing, and the start is in that of the pod.
        unshown = {it for it in documented() - shown if "virtual_memory" not in it}
        self.assertEqual(unshown, {"process_start_time_seconds", "process_threads", "analytics_build_info"})
