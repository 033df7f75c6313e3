"""Scaling, disruption, network policies, monitoring, and the pod of `helm test`."""

import json
import unittest

from .release import CHART, TIERS, for_each, in_every_release, rendered
from .variants import variants


def triggers(release, tier):
    return {it["type"]: it for it in release.one("ScaledObject", tier)["spec"]["triggers"]}


class Scaling(unittest.TestCase):
    def test_an_autoscaler_has_the_replicas_to_itself(self):
        for name in ("HPA", "KEDA", "HPA without replicas"):
            for tier in TIERS:
                self.assertNotIn("replicas", variants()[name].workload(tier)["spec"])
        foreign = variants()["replicas of another autoscaler"]
        self.assertNotIn("replicas", foreign.workload("ingest")["spec"])
        self.assertEqual(foreign.workload("query")["spec"]["replicas"], 2)
        self.assertEqual(variants()["no replicas"].workload("query")["spec"]["replicas"], 0)

    def test_a_tier_has_one_autoscaler_at_most(self):
        for name, release in variants().items():
            targets = [it["spec"]["scaleTargetRef"]["name"] for it in release.all("HorizontalPodAutoscaler")]
            targets += [it["spec"]["scaleTargetRef"]["name"] for it in release.all("ScaledObject")]
            deployments = {it["metadata"]["name"] for it in release.all("Deployment")}
            with self.subTest(rendering=name):
                self.assertEqual(len(targets), len(set(targets)))
                self.assertLessEqual(set(targets), deployments)

    def test_keda_scales_by_cpu_and_ingest_by_its_queue(self):
        release = rendered("operators")
        self.assertEqual(set(triggers(release, "ingest")), {"cpu", "rabbitmq"})
        self.assertEqual(set(triggers(release, "query")), {"cpu"})
        queue = triggers(release, "ingest")["rabbitmq"]["metadata"]
        self.assertEqual(queue["queueName"], release.env("ingest")["AMQP_QUEUE"]["value"])
        self.assertIn(queue["hostFromEnv"], release.env("ingest"))
        self.assertEqual(set(triggers(variants()["KEDA"], "ingest")), {"cpu"})
        self.assertEqual(set(triggers(variants()["KEDA without CPU"], "ingest")), {"rabbitmq"})

    def test_keda_asks_the_management_api_if_its_url_is_named(self):
        release = variants()["KEDA by the management API"]
        queue = triggers(release, "ingest")["rabbitmq"]
        self.assertEqual(queue["metadata"]["protocol"], "http")
        authentication = release.one("TriggerAuthentication", "ingest")
        self.assertEqual(queue["authenticationRef"]["name"], authentication["metadata"]["name"])
        (reference,) = authentication["spec"]["secretTargetRef"]
        self.assertEqual(reference, {"parameter": "host", "name": "broker", "key": "management"})

    def test_keda_trusts_the_authority_of_the_broker(self):
        release = rendered("operators")
        authentication = release.one("TriggerAuthentication", "ingest")["spec"]
        self.assertEqual([it["parameter"] for it in authentication["secretTargetRef"]], ["ca"])
        (tls,) = authentication["env"]
        self.assertEqual(release.env("ingest")[tls["name"]]["value"], "enable")

    def test_one_pod_of_a_tier_is_evicted_at_a_time(self):
        for tier in TIERS:
            budget = rendered("minimal").one("PodDisruptionBudget", tier)["spec"]
            self.assertEqual(budget["maxUnavailable"], 1)
            selector = rendered("minimal").workload(tier)["spec"]["selector"]
            self.assertEqual(budget["selector"], selector)
        budget = rendered("everything").one("PodDisruptionBudget", "ingest")["spec"]
        self.assertEqual(budget["minAvailable"], "60%")
        self.assertNotIn("maxUnavailable", budget)

    def test_the_notes_sum_up_the_connections_to_the_database(self):
        # Each of the 2 × (2 + 1) pods has 10 and 1, and the migration 2.
        self.assertIn("those of the migration: 68.", rendered("minimal").notes)
        # (12 + 1) × 11 and (8 + 1) × (11 + 4), and 2.
        self.assertIn("those of the migration: 280.", rendered("operators").notes)


class NetworkPolicies(unittest.TestCase):
    def ports(self, release, component):
        egress = release.one("NetworkPolicy", component)["spec"]["egress"]
        return [port["port"] for rule in egress for port in rule.get("ports", [])]

    def test_each_pod_connects_to_its_servers_only(self):
        release = rendered("operators")
        self.assertEqual(self.ports(release, "ingest"), [53, 53, 5432, 5671, 5672, 4318])
        self.assertEqual(self.ports(release, "query"), [53, 53, 5432, 4318])
        self.assertEqual(self.ports(release, "migration"), [53, 53, 5432])
        self.assertEqual(self.ports(rendered("everything"), "query"), [53, 53, 5432, 6432, 443, 4318, 4317])

    def test_the_pod_of_the_test_may_use_the_api_and_not_the_management_port(self):
        release = rendered("operators")
        labels = release.all("Pod")[0]["metadata"]["labels"]
        for tier in TIERS:
            api, management = release.one("NetworkPolicy", tier)["spec"]["ingress"]
            peers = [it["podSelector"]["matchLabels"] for it in api["from"] if "podSelector" in it]
            self.assertTrue(any(it.items() <= labels.items() for it in peers))
            self.assertFalse(any("podSelector" in it for it in management["from"]))

    def test_the_policy_of_the_migration_is_there_before_its_job(self):
        policy = rendered("operators").one("NetworkPolicy", "migration")
        self.assertEqual(policy["metadata"]["annotations"]["helm.sh/hook-weight"], "-1")
        self.assertEqual(policy["metadata"]["annotations"]["helm.sh/hook"], "pre-install,pre-upgrade")


class Monitoring(unittest.TestCase):
    def test_the_monitors_read_the_management_port_of_their_tier(self):
        release = rendered("operators")
        for tier in TIERS:
            monitor = release.one("PodMonitor", tier)["spec"]
            ports = {port["name"] for port in release.container(tier)["ports"]}
            self.assertIn(monitor["podMetricsEndpoints"][0]["port"], ports)
            labels = release.pod(tier)["metadata"]["labels"]
            self.assertLessEqual(monitor["selector"]["matchLabels"].items(), labels.items())

    def test_the_dashboards_are_the_files_of_the_chart(self):
        (found,) = rendered("operators").all("ConfigMap")
        files = {path.name: json.loads(path.read_text()) for path in (CHART / "dashboards").glob("*.json")}
        self.assertEqual({name: json.loads(text) for name, text in found["data"].items()}, files)
        self.assertEqual(found["metadata"]["labels"]["grafana_dashboard"], "1")


class HelmTest(unittest.TestCase):
    @in_every_release
    def test_the_pod_asks_the_services_of_the_release(self, release):
        services = {it["metadata"]["name"]: it["spec"]["ports"][0]["port"] for it in release.all("Service")}
        for pod in release.all("Pod"):
            self.assertEqual(pod["metadata"]["annotations"]["helm.sh/hook"], "test")
            urls = [it["args"][-1] for it in pod["spec"]["containers"] if it["name"] in TIERS]
            hosts = {url.split("/")[2] for url in urls}
            self.assertEqual(hosts, {f"{name}:{port}" for name, port in services.items()})

    @for_each(("migration",))
    def test_the_schema_is_read_with_the_login_of_the_migration(self, release, component):
        for pod in release.all("Pod"):
            (schema,) = (it for it in pod["spec"]["containers"] if it["name"] == "schema")
            self.assertEqual(schema["env"], release.container(component)["env"])
            self.assertEqual(schema["args"], ["status"])
