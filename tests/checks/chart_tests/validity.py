"""Every rendering of the chart is valid, whatever its values and the name of the release."""

import json
import unittest
from functools import cache
from pathlib import Path

import helm_python as helm
import jsonschema
import kubernetes_validate
from referencing import Registry, Resource

from .custom_resources import defects
from .pod_security import violations
from .release import CHART, VALUE_SETS, Release, rendered, with_value
from .variants import NAMES, variants

SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
VERSIONS = sorted(it.name[1:-len("-local-strict")] for it in SCHEMAS.glob("v1.[2-9][0-9].*-local-strict"))
VERSIONS = [it for it in VERSIONS if it >= "1.29"]
CUSTOM = {"keda.sh", "monitoring.coreos.com", "gateway.networking.k8s.io"}


@cache
def definitions(version):
    contents = json.loads((SCHEMAS / f"v{version}-local-strict" / "_definitions.json").read_text())
    return Resource.from_contents(contents) @ Registry()


@cache
def validator(version, kind, api_version):
    """The validator of a kind, which also rejects unknown fields."""
    group, _, name = api_version.rpartition("/")
    file = "-".join(filter(None, [kind.lower(), group.partition(".")[0], name]))
    schema = json.loads((SCHEMAS / f"v{version}-local-strict" / f"{file}.json").read_text())
    registry = Resource.from_contents(schema) @ definitions(version)
    return jsonschema.Draft202012Validator(schema, registry=registry)


def all_objects():
    """Every object of every rendering once, with the name of one rendering that has it."""
    objects = {}
    for name, release in variants().items():
        for found in release.objects:
            objects.setdefault(json.dumps(found, sort_keys=True), (name, found))
    return list(objects.values())


def pod_spec(found):
    """The pod of an object, or None."""
    if found["kind"] == "Pod":
        return found["spec"]
    return found["spec"]["template"]["spec"] if found["kind"] in ("Deployment", "Job") else None


class Validity(unittest.TestCase):
    def test_there_are_at_least_sixty_renderings(self):
        self.assertGreaterEqual(len(variants()), 60)

    def test_lint_finds_no_error_and_no_warning(self):
        for name, values in VALUE_SETS.items():
            with self.subTest(values=name):
                for version in ("v1.29.0", f"v{VERSIONS[-1]}"):
                    report = helm.lint(CHART, values, strict=True, kube_version=version)
                    self.assertEqual(report["errors"], [])
                    self.assertEqual([m for m in report["messages"] if m["severity"] > 1], [])

    def test_every_object_fits_the_schemas_of_kubernetes_from_1_29(self):
        for version in VERSIONS:
            for name, found in all_objects():
                if found["apiVersion"].partition("/")[0] not in CUSTOM:
                    with self.subTest(version=version, rendering=name, kind=found["kind"]):
                        validator(version, found["kind"], found["apiVersion"]).validate(found)

    def test_every_custom_resource_fits_the_types_of_its_operator(self):
        found = [it for it in all_objects() if it[1]["apiVersion"].partition("/")[0] in CUSTOM]
        kinds = {it["kind"] for _, it in found}
        expected = {"ScaledObject", "TriggerAuthentication", "PodMonitor", "PrometheusRule", "HTTPRoute"}
        self.assertEqual(kinds, expected)
        for (name, _), defect in zip(found, defects([it for _, it in found]), strict=True):
            with self.subTest(rendering=name):
                self.assertEqual(defect, [])

    def test_every_pod_meets_the_restricted_standard(self):
        for name, found in all_objects():
            if spec := pod_spec(found):
                with self.subTest(rendering=name, kind=found["kind"]):
                    self.assertEqual(violations(spec), [])

    def test_no_list_names_an_entry_twice(self):
        for name, found in all_objects():
            for container in (pod_spec(found) or {"containers": []})["containers"]:
                for field in ("env", "volumeMounts", "ports"):
                    names = [it["name"] for it in container.get(field, [])]
                    with self.subTest(rendering=name, field=field):
                        self.assertEqual(len(names), len(set(names)))

    def test_a_release_has_exactly_these_objects(self):
        def kinds(release):
            return sorted(found["kind"] for found in release.objects)

        per_tier = ["Deployment", "PodDisruptionBudget", "Service", "ServiceAccount"]
        least = [*per_tier * 2, "Job", "Pod"]
        self.assertEqual(kinds(rendered("minimal")), sorted(least))
        self.assertEqual(kinds(rendered("tls")), sorted([*least, "Ingress"]))
        self.assertEqual(kinds(variants()["only the migration"]), ["Job", "Pod"])


class Names(unittest.TestCase):
    def test_names_are_labels_of_dns_whatever_the_release_is_called(self):
        for name, found in all_objects():
            if found["metadata"]["name"] != f"{name.removeprefix('release ')}-x":
                with self.subTest(rendering=name, kind=found["kind"]):
                    self.assertRegex(found["metadata"]["name"], r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")

    def test_two_releases_have_no_name_in_common(self):
        seen = {}
        for name in NAMES:
            for found in variants()[f"release {name}"].objects:
                key = (found["kind"], found["metadata"]["name"])
                self.assertEqual(seen.setdefault(key, name), name)

    def test_the_name_of_an_ordinary_release_is_kept(self):
        names = {found["metadata"]["name"] for found in variants()["release x"].objects}
        self.assertIn("x-analytics-service-ingest", names)
        names = {found["metadata"]["name"] for found in variants()["release analytics-service"].objects}
        self.assertIn("analytics-service-ingest", names)

    def test_a_name_that_would_be_cut_is_refused(self):
        with self.assertRaises(helm.HelmValuesError):
            Release(with_value("fullnameOverride", "n" * 53))

    def test_selectors_match_their_pods_and_no_others(self):
        for name, release in variants().items():
            deployments = release.all("Deployment")
            pods = {it["metadata"]["name"]: it["spec"]["template"]["metadata"]["labels"] for it in deployments}
            for found in deployments:
                selector = found["spec"]["selector"]["matchLabels"]
                matching = [it for it, labels in pods.items() if selector.items() <= labels.items()]
                with self.subTest(rendering=name):
                    self.assertEqual(matching, [found["metadata"]["name"]])

    def test_rendering_again_gives_the_same(self):
        values = VALUE_SETS["everything"]
        self.assertEqual(Release(values).files, Release(values).files)
