"""What values.schema.json refuses, and that it names the place."""

import unittest
from copy import deepcopy

import helm_python as helm

from .release import CHART, VALUE_SETS, Release, with_value


class BadValues(unittest.TestCase):
    def assert_refused(self, values, reason):
        with helm.Chart.load(CHART) as chart:
            with self.assertRaises(helm.HelmValuesError) as refused:
                chart.validate_schema(values)
        self.assertIn(reason, str(refused.exception))
        # The same must stop an installation, not only an explicit check.
        with self.assertRaises(helm.HelmError):
            Release(values)

    def test_the_value_sets_themselves_are_accepted(self):
        with helm.Chart.load(CHART) as chart:
            for name, values in VALUE_SETS.items():
                with self.subTest(values=name):
                    chart.validate_schema(values)

    def test_wrong_types_ranges_and_unknown_keys_are_refused(self):
        for path, value, reason in [
            ("ingest.replicas", "two", "/ingest/replicas"),
            ("ingest.replicas", -1, "/ingest/replicas"),
            ("query.replicas", 1.5, "/query/replicas"),
            ("query.replica", 2, "'replica'"),
            ("databaseUrl", "postgres://user:password@host/db", "'databaseUrl'"),
            ("secrets.jwtSecret.value", "a secret as a value", "'value'"),
            ("secrets.jwtSecret.name", "Not A Name", "/secrets/jwtSecret/name"),
            ("image.pullPolicy", "Sometimes", "/image/pullPolicy"),
            ("config.logFormat", "xml", "/config/logFormat"),
            ("config.amqp.bindingKeys", [], "/config/amqp/bindingKeys"),
            ("config.amqp.bindingKeys", ["a,b"], "/config/amqp/bindingKeys"),
            ("ingest.extraEnv", [{"value": "nameless"}], "/ingest/extraEnv"),
            ("query.resources", {"limit": {}}, "'limit'"),
            ("query.resources", {"limits": {"memory": "lots"}}, "/query/resources"),
            ("query.tmpSizeLimit", "2 GB", "/query/tmpSizeLimit"),
            ("query.service.type", "Internal", "/query/service/type"),
            ("metrics.scrapeAnnotations", "yes", "/metrics/scrapeAnnotations"),
            ("ingress.host", "two hosts", "/ingress/host"),
        ]:
            with self.subTest(path=path, value=value):
                self.assert_refused(with_value(path, value), reason)

    def test_a_missing_secret_is_named(self):
        for secret in (
            "ingestDatabaseUrl",
            "queryDatabaseUrl",
            "migrationDatabaseUrl",
            "jwtSecret",
            "sessionSecret",
        ):
            with self.subTest(secret=secret):
                values = deepcopy(VALUE_SETS["required"])
                del values["secrets"][secret]
                self.assert_refused(values, f"/secrets/{secret}/name")

    def test_an_ingress_needs_a_host_and_tls_a_secret(self):
        self.assert_refused(with_value("ingress.enabled", True), "/ingress/host")
        self.assert_refused(with_value("ingress.tls", {"enabled": True}), "/ingress/tls/secretName")
