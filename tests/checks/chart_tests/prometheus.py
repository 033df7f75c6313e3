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
TESTS = Path(__file__).with_name("alerts_test.yaml")
METRIC = re.compile(r"\banalytics_\w+")
SUFFIX = re.compile(r"_(bucket|count|sum)$")


def promtool(*arguments):
    return subprocess.run([ROOT / "dev" / "promtool", *arguments], capture_output=True, text=True, check=False)


def alerts():
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def documented():
    return set(METRIC.findall((ROOT / "docs" / "METRICS.md").read_text()))


def metrics(expression):
    return {SUFFIX.sub("", it) for it in METRIC.findall(expression)}


class Alerts(unittest.TestCase):
    def test_promtool_accepts_the_rules(self):
        run = promtool("check", "rules", "--lint-fatal", str(RULES))
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_promtool_accepts_the_unit_tests(self):
        run = promtool("test", "rules", str(TESTS))
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

    def test_the_object_has_the_rules_of_the_file(self):
        (found,) = rendered("operators").all("PrometheusRule")
        self.assertEqual(found["spec"], yaml.safe_load(RULES.read_text()))

    def test_an_alert_can_be_left_out(self):
        (found,) = rendered("everything").all("PrometheusRule")
        names = {rule["alert"] for group in found["spec"]["groups"] for rule in group["rules"]}
        self.assertEqual(set(alerts()) - names, {"AnalyticsSlowReads"})

    def test_an_unknown_alert_cannot_be_left_out(self):
        rules = {"enabled": True, "disabledAlerts": ["Unknown"]}
        with self.assertRaisesRegex(Exception, "has no alert Unknown"):
            Release(with_values({"metrics.prometheusRule": rules}))


class Dashboards(unittest.TestCase):
    """Those of the tiers; a test in Rust runs the statements of the dashboard of an event."""

    def expressions(self):
        for tier in TIERS:
            dashboard = json.loads((CHART / "dashboards" / f"{tier}.json").read_text())
            yield from ((tier, target["expr"]) for panel in dashboard["panels"] for target in panel["targets"])

    def test_promtool_accepts_every_expression(self):
        rules = [
            {"record": f"{tier}:{number}", "expr": text.replace("$__rate_interval", "5m")}
            for number, (tier, text) in enumerate(self.expressions())
        ]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump({"groups": [{"name": "dashboards", "rules": rules}]}, file)
            file.flush()
            run = promtool("check", "rules", file.name)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_every_metric_is_documented_and_of_both_tiers(self):
        shown = set().union(*(metrics(text) for _, text in self.expressions()))
        self.assertLessEqual(shown, documented())
        for tier in TIERS:
            self.assertTrue(any(it.startswith(f"analytics_{tier}_") for it in shown))
