"""How pods start, are probed, end, and what they may do."""

import unittest

import helm_python as helm

from .release import (
    COMPONENTS,
    TIERS,
    Release,
    for_each,
    in_every_release,
    rendered,
    with_value,
    with_values,
)
from .variants import variants

SCRATCH_DIRECTORY = {"name": "tmp", "mountPath": "/tmp"}


class Lifecycle(unittest.TestCase):
    @for_each(TIERS)
    def test_tiers_serve_and_are_probed(self, release, tier):
        container = release.container(tier)
        self.assertEqual(container["args"], ["serve"])
        for probe, path in {
            "startupProbe": "/livez",
            "livenessProbe": "/livez",
            "readinessProbe": "/readyz",
        }.items():
            self.assertEqual(container[probe]["httpGet"], {"path": path, "port": "management"})

    @for_each(TIERS)
    def test_a_stopping_pod_serves_until_proxies_have_removed_it(self, release, tier):
        drain = int(release.env(tier)["DRAIN_SECONDS"]["value"])
        self.assertGreaterEqual(drain, 5)
        # The program does it. With a hook too, it would end that much later.
        self.assertNotIn("lifecycle", release.container(tier))

    @for_each(TIERS)
    def test_pods_have_longer_to_end_than_the_service_takes(self, release, tier):
        env = release.env(tier)
        takes = sum(int(env[name]["value"]) for name in ("DRAIN_SECONDS", "SHUTDOWN_TIMEOUT_SECONDS"))
        self.assertGreaterEqual(release.pod(tier)["spec"]["terminationGracePeriodSeconds"], takes + 10)

    def test_the_grace_period_covers_drain_and_shutdown(self):
        for changes in ({"query.settings.drainSeconds": 20}, {"query.settings.shutdownTimeoutSeconds": 35}):
            with self.assertRaisesRegex(helm.HelmError, "query.terminationGracePeriodSeconds must be at least"):
                Release(with_values(changes))

    @for_each(TIERS)
    def test_an_update_starts_a_pod_before_it_stops_one(self, release, tier):
        strategy = release.workload(tier)["spec"]["strategy"]
        self.assertEqual(strategy["rollingUpdate"]["maxUnavailable"], 0)
        recreated = variants()["recreated pods"].workload("ingest")["spec"]["strategy"]
        self.assertEqual(recreated, {"type": "Recreate"})

    def test_pods_are_spread_across_nodes_and_zones(self):
        for tier in TIERS:
            constraints = rendered("minimal").pod(tier)["spec"]["topologySpreadConstraints"]
            keys = [constraint["topologyKey"] for constraint in constraints]
            self.assertEqual(keys, ["kubernetes.io/hostname", "topology.kubernetes.io/zone"])
            labels = rendered("minimal").pod(tier)["metadata"]["labels"]
            for constraint in constraints:
                self.assertLessEqual(constraint["labelSelector"]["matchLabels"].items(), labels.items())
        self.assertNotIn("topologySpreadConstraints", variants()["placement"].pod("query")["spec"])

    @in_every_release
    def test_the_migration_runs_before_install_and_upgrade(self, release):
        job = release.workload("migration")
        annotations = job["metadata"]["annotations"]
        self.assertEqual(annotations["helm.sh/hook"], "pre-install,pre-upgrade")
        self.assertEqual(
            annotations["helm.sh/hook-delete-policy"], "before-hook-creation,hook-succeeded"
        )
        self.assertEqual(release.container("migration")["args"], ["up"])
        self.assertEqual(release.pod("migration")["spec"]["restartPolicy"], "Never")

    @in_every_release
    def test_the_migration_needs_nothing_that_the_chart_makes(self, release):
        pod = release.pod("migration")["spec"]
        # But what the hook itself creates earlier.
        early = [it for it in release.objects if it["metadata"].get("annotations", {}).get("helm.sh/hook-weight") == "-1"]
        accounts = {it["metadata"]["name"] for it in early if it["kind"] == "ServiceAccount"}
        self.assertIn(pod["serviceAccountName"], {"default"} | accounts)
        for volume in pod.get("volumes", []):
            self.assertEqual(sorted(volume), ["name", "secret"])
        self.assertNotIn("envFrom", release.container("migration"))
        for entry in release.env("migration").values():
            self.assertNotIn("configMapKeyRef", entry.get("valueFrom", {}))

    def test_the_migration_can_be_left_out(self):
        values = with_value("migration.enabled", False)
        del values["secrets"]["migrationDatabaseUrl"]
        self.assertEqual(Release(values).all("Job"), [])


class Confinement(unittest.TestCase):
    @for_each(COMPONENTS)
    def test_nothing_runs_as_root(self, release, component):
        context = release.pod(component)["spec"]["securityContext"]
        self.assertIs(context["runAsNonRoot"], True)
        self.assertEqual(context["runAsUser"], 65532)
        self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})

    @for_each(COMPONENTS)
    def test_containers_can_neither_gain_rights_nor_write_to_their_image(self, release, component):
        context = release.container(component)["securityContext"]
        self.assertIs(context["allowPrivilegeEscalation"], False)
        self.assertIs(context["readOnlyRootFilesystem"], True)
        self.assertEqual(context["capabilities"], {"drop": ["ALL"]})

    @for_each(TIERS)
    def test_tiers_may_write_to_tmp(self, release, tier):
        self.assertIn(SCRATCH_DIRECTORY, release.container(tier)["volumeMounts"])
        volume = release.pod(tier)["spec"]["volumes"][0]
        self.assertEqual((volume["name"], list(volume["emptyDir"])), ("tmp", ["sizeLimit"]))

    @for_each(COMPONENTS)
    def test_no_pod_gets_a_token_for_the_kubernetes_api(self, release, component):
        self.assertIs(release.pod(component)["spec"]["automountServiceAccountToken"], False)

    def test_tiers_run_as_accounts_of_their_own_or_given_ones(self):
        release = rendered("everything")
        self.assertEqual(release.pod("ingest")["spec"]["serviceAccountName"], "figures-ingest")
        self.assertEqual(release.pod("query")["spec"]["serviceAccountName"], "reader")
        names = {account["metadata"]["name"] for account in release.all("ServiceAccount")}
        self.assertEqual(names, {"figures-ingest", "figures-migration"})
