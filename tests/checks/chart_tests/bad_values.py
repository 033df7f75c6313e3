"""What values.schema.json refuses, and that it names the place."""

import unittest
from copy import deepcopy

import helm_python as helm

from .release import VALUE_SETS, Release, loaded_chart, with_value, with_values
from .variants import BROKER, BROKER_LOGIN, KEDA, LOGIN, LOGINS, NO_MIGRATION


class BadValues(unittest.TestCase):
    def assert_refused(self, values, reason):
        with self.assertRaises(helm.HelmValuesError) as refused:
            loaded_chart().validate_schema(values)
        self.assertIn(reason, str(refused.exception))
        # The same must stop an installation, not only an explicit check.
        with self.assertRaises(helm.HelmError):
            Release(values)

    def test_the_value_sets_themselves_are_accepted(self):
        for name, values in VALUE_SETS.items():
            with self.subTest(values=name):
                loaded_chart().validate_schema(values)

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
            ("config.traces.endpoint", "collector:4318", "/config/traces/endpoint"),
            ("config.traces.sampler", "sometimes", "/config/traces/sampler"),
            ("config.traces.samplerArg", 5, "/config/traces/samplerArg"),
            ("config.traces.resourceAttributes", {"a": "b,c=d"}, "/config/traces/resourceAttributes"),
            ("config.amqp.bindingKeys", [], "/config/amqp/bindingKeys"),
            ("config.amqp.bindingKeys", ["a,b"], "/config/amqp/bindingKeys"),
            ("ingest.extraEnv", [{"value": "nameless"}], "/ingest/extraEnv"),
            ("query.resources", {"limit": {}}, "'limit'"),
            ("query.resources", {"limits": {"memory": "lots"}}, "/query/resources"),
            ("query.tmpSizeLimit", "2 GB", "/query/tmpSizeLimit"),
            ("query.service.type", "Internal", "/query/service/type"),
            ("metrics.scrapeAnnotations", "yes", "/metrics/scrapeAnnotations"),
            ("ingress.hosts", ["two hosts"], "/ingress/hosts"),
            ("fullnameOverride", "a.b", "/fullnameOverride"),
            ("fullnameOverride", "1figures", "/fullnameOverride"),
            ("nameOverride", "2025", "/nameOverride"),
            ("image.registry", "a.example/b@sha256:0", "/image/registry"),
            ("ingest.image", {"repository": "analytics@sha256:0"}, "/ingest/image/repository"),
            ("ingest.image", {"digest": "sha256:123"}, "/ingest/image/digest"),
            ("ingest.podLabels", {"app.kubernetes.io/component": "other"}, "/ingest/podLabels/app.k"),
            ("commonLabels", {"a": "not a label"}, "/commonLabels/a"),
            ("ingest.autoscaling.type", "vpa", "/ingest/autoscaling/type"),
            ("query.autoscaling.keda", {"queueLength": 5}, "'queueLength'"),
            ("query.settings", {"batchMaxRows": 5}, "'batchMaxRows'"),
            ("ingest.settings.databaseMaxConnections", 2, "/ingest/settings/databaseMaxConnections"),
            ("ingest.podDisruptionBudget.maxUnavailable", "half", "/ingest/podDisruptionBudget/maxUnavailable"),
            ("ingest.strategy.type", "Canary", "/ingest/strategy/type"),
            ("ingest.startupProbe", {"httpGet": {}}, "'httpGet'"),
            ("query.service.spec", {"selector": {}}, "'selector'"),
            ("database.sslmode", "verify", "/database/sslmode"),
            ("broker.vhost", "", "/broker/vhost"),
            ("config.listenAddress", "127.0.0.1", "/config/listenAddress"),
            ("metrics.podMonitor.interval", "often", "/metrics/podMonitor/interval"),
            ("networkPolicy.databasePorts", [], "/networkPolicy/databasePorts"),
            ("httpRoute.enabled", True, "/httpRoute/parentRefs"),
            ("extraObjects", [{"kind": "ConfigMap"}], "/extraObjects"),
        ]:
            with self.subTest(path=path, value=value):
                self.assert_refused(with_value(path, value), reason)

    def test_combinations_that_cannot_work_are_refused(self):
        for changes, reason in [
            (LOGINS | {"secrets.ingestDatabaseUrl.name": "both"}, "/secrets/ingestDatabaseUrl/name"),
            ({"database.logins.share": LOGIN}, "/database/host"),
            (LOGINS | {"database.host": ""}, "/database/host"),
            (BROKER | BROKER_LOGIN, "/secrets/amqpUrl/name"),
            ({"broker.login": LOGIN}, "/broker/host"),
            (BROKER_LOGIN | {"secrets.amqpCa.name": "ca", "broker.tls": False}, "/broker/tls"),
            ({"query.autoscaling": {"type": "hpa", "targetCpuPercent": 0}}, "/query/autoscaling/targetCpuPercent"),
        ]:
            with self.subTest(changes=changes):
                self.assert_refused(with_values(changes), reason)
        self.assertTrue(Release(with_values(NO_MIGRATION)).objects)

    def test_numbers_that_do_not_fit_together_are_refused(self):
        for changes, reason in [
            (KEDA | {"query.autoscaling.targetCpuPercent": 0}, "query.autoscaling has no trigger"),
            (KEDA | {"ingest.autoscaling.minReplicas": 7}, "ingest.autoscaling.minReplicas must be at most"),
            (KEDA | {"ingest.resources": {"requests": None}}, "requires ingest.resources.requests.cpu"),
        ]:
            with self.subTest(changes=changes), self.assertRaisesRegex(helm.HelmError, reason):
                Release(with_values(changes))

    def test_a_missing_secret_is_named(self):
        for secret in (
            "ingestDatabaseUrl",
            "queryDatabaseUrl",
            "migrationDatabaseUrl",
            "jwtSecret",
            "sessionSecret",
        ):
            with self.subTest(secret=secret):
                values = deepcopy(VALUE_SETS["minimal"])
                del values["secrets"][secret]
                self.assert_refused(values, f"/secrets/{secret}/name")

    def test_an_ingress_needs_a_host_and_tls_a_secret(self):
        self.assert_refused(with_value("ingress.enabled", True), "/ingress/hosts")
        self.assert_refused(with_value("ingress.tls", {"enabled": True}), "/ingress/tls/secretName")
